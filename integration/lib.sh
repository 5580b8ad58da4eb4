#!/bin/bash
# What the test files use, and the frame that runs one test: `lib.sh FILE TEST` (called by `run`).
#
# A test is a function `test_...` of a file in tests/. It makes a bundle, edits its configuration,
# calls the runtime, and compares what the kernel says with what it expects:
#
#   test_hostname() {
#       bundle
#       edit '.hostname = "box"'
#       payload hostname
#       run_ok
#       assert_line "hostname=box"
#   }
#
# It runs with `set -eu`, so any command that fails ends it. Afterwards the frame deletes every
# container that is left with `delete --force` and fails the test if a process, a mount, a cgroup
# or a state directory remains.
# shellcheck disable=SC2034 # a test file uses what looks unused here
# shellcheck disable=SC2013 # the words of these files are numbers
set -u

# shellcheck source=integration/guards.sh
source "${BASH_SOURCE[0]%/*}/guards.sh"

# --- The bundle -------------------------------------------------------------------------------

# bundle [FILTER...]: makes $BUNDLE, whose rootfs holds nothing but the payload.
bundle() {
    BUNDLE=$T/bundle
    ROOTFS=$BUNDLE/rootfs
    EDITS=(".linux.cgroupsPath = \"$(cgroups_path)\"" "$@")
    mkdir -p "$ROOTFS"
    cp "$PAYLOAD" "$ROOTFS/payload"
    cp "$HERE/config.json" "$BUNDLE/config.json"
}

# shellcheck disable=SC2120 # files of tests name others
# cgroups_path [NAME]: of the container, or of another one, in the form that the driver wants.
cgroups_path() {
    if is_systemd; then echo "system.slice:apus:${1:-$ID}"; else echo "/${1:-$ID}"; fi
}

# Whether systemd makes the cgroups: RUNTIME_FLAGS has --systemd-cgroup.
is_systemd() {
    [[ " ${RUNTIME_FLAGS-} " == *" --systemd-cgroup "* ]]
}

# edit FILTER...: changes config.json with jq; the edits are applied together, by `configure`.
edit() {
    EDITS+=("$@")
}

# payload WORD...: what the container runs; `,` separates commands (payload/payload.h).
payload() {
    local words
    words=$(json_strings /payload "$@")
    edit ".process.args = $words"
}

# mount_entry DESTINATION TYPE SOURCE [OPTION...]: appends to the configuration's mounts.
mount_entry() {
    local destination=$1 type=$2 source=$3
    shift 3
    edit ".mounts += [{destination: \"$destination\", type: \"$type\", source: \"$source\",
        options: $(json_strings "$@")}]"
}

# without_namespace TYPE: the container shares the host's.
without_namespace() {
    edit "del(.linux.namespaces[] | select(.type == \"$1\"))"
    if [ "$1" = uts ]; then edit 'del(.hostname)'; fi
}

# add_namespace TYPE [PATH]: a new one, or the one at PATH, in place of what is there.
add_namespace() {
    edit "del(.linux.namespaces[] | select(.type == \"$1\"))"
    edit ".linux.namespaces += [{type: \"$1\"${2:+, path: \"$2\"}}]"
    if [ "$1" = user ]; then own_stdin; fi
}

# own_stdin: a file as standard input. Some runtimes give the standard streams to the container's
# root, and would give away the host's /dev/null.
own_stdin() {
    touch "$T/empty"
    STDIN=$T/empty
}

# user_namespace [HOST [SIZE]]: a new user namespace that maps 0 to HOST, and a rootfs it owns.
user_namespace() {
    local host=${1:-100000} size=${2:-65536}
    local map="[{containerID: 0, hostID: $host, size: $size}]"
    add_namespace user
    edit ".linux.uidMappings = $map | .linux.gidMappings = $map"
    chown -R "$host:$host" "$ROOTFS"
    # The folders above must let the mapped ids through.
    chmod 755 "$T" "$BUNDLE"
}

# capabilities NAME...: the same names in bounding, effective and permitted.
capabilities() {
    local names
    names=$(json_strings "$@")
    edit ".process.capabilities = {bounding: $names, effective: $names, permitted: $names}"
}

# json_strings WORD...: a JSON array of the words.
json_strings() {
    local word text=
    for word in "$@"; do
        word=${word//\\/\\\\}
        word=${word//\"/\\\"}
        word=${word//$'\n'/\\n}
        text+="${text:+, }\"${word//$'\t'/\\t}\""
    done
    printf '[%s]' "$text"
}

# configure: writes the edits made so far to config.json.
configure() {
    local filter=${EDITS[0]-.} edit
    [ ${#EDITS[@]} -gt 0 ] || return 0
    for edit in "${EDITS[@]:1}"; do
        filter+=" | $edit"
    done
    jq "$filter" "$BUNDLE/config.json" >"$BUNDLE/config.json.new"
    mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
    EDITS=()
}

# --- The runtime ------------------------------------------------------------------------------

# rt ARGUMENT...: the runtime with the test's own state root. The trace's descriptor is closed.
rt() {
    # shellcheck disable=SC2086 # the flags are words
    "$RUNTIME" --root "$STATE" ${RUNTIME_FLAGS-} "$@" 9>&-
}

# stand_in [MODE]: calls of the runtime find the payload as criu; what it was asked is in $T/asked.
stand_in() {
    requires runtime=apus
    mkdir -p "$T/bin"
    printf '#!/bin/sh\nexec "%s" criu "$@"\n' "$PAYLOAD" >"$T/bin/criu"
    chmod 755 "$T/bin" "$T/bin/criu"
    export PATH=$T/bin:$PATH CRIU_RECORD=$T/asked CRIU_MODE=${1-}
}

# capture COMMAND...: runs it without failing the test; STATUS, OUT and ERR hold what came of it.
# The output goes to files: a pipe would stay open as long as a container that it made.
capture() {
    STATUS=0
    "$@" >"$T/out" 2>"$T/err" <"${STDIN:-/dev/null}" || STATUS=$?
    OUT=$(tr -d '\0' <"$T/out")
    ERR=$(tr -d '\0' <"$T/err")
}

# activated N ARGUMENT...: the runtime started as systemd starts a socket's service.
activated() {
    local count=$1
    shift
    LISTEN_FDS=$count sh -c 'LISTEN_PID=$$ exec "$@"' sh "$RUNTIME" --root "$STATE" "$@" 9>&-
}

# ok COMMAND... and fails COMMAND...: `capture`, and the status must be 0 or must not.
ok() {
    capture "$@"
    [ "$STATUS" -eq 0 ] || fail "status $STATUS of: $*: $ERR"
}

fails() {
    capture "$@"
    [ "$STATUS" -ne 0 ] || fail "status 0 of: $*"
    # 124 is the reaper's, 134 and 139 are crashes.
    case $STATUS in 124 | 134 | 139) fail "status $STATUS of: $*" ;; esac
    [ -n "$ERR" ] || fail "no error text from: $*"
}

# run_status STATUS [FLAG...]: `run` in the foreground; its output is in OUT.
run_status() {
    local expected=$1
    shift
    configure
    capture rt run --bundle "$BUNDLE" "$@" "$ID"
    assert_equal "$STATUS" "$expected" "status of run"
}

run_ok() {
    run_status 0 "$@"
}

# run_fails [FLAG...]: `run` must fail and leave nothing.
run_fails() {
    configure
    fails rt run --bundle "$BUNDLE" "$@" "$ID"
    assert_clean
}

create_ok() {
    configure
    ok rt create --bundle "$BUNDLE" "$@" "$ID"
}

# create_fails [FLAG...]: `create` must fail and leave nothing.
create_fails() {
    configure
    fails rt create --bundle "$BUNDLE" "$@" "$ID"
    assert_clean
}

# launch [FLAG...]: create and start; the container's output goes to $T/container.out and .err.
launch() {
    configure
    rt create --bundle "$BUNDLE" "$@" "$ID" >"$T/container.out" 2>"$T/container.err" \
        <"${STDIN:-/dev/null}" ||
        fail "create: $(cat "$T/container.err")"
    ok rt start "$ID"
}

# wait_output TEXT: until the launched container has printed the text.
wait_output() {
    eventually grep -q -- "$1" "$T/container.out"
}

# state .KEY: a value of the container's state: its status or its pid. (jq takes 30 ms to start.)
state() {
    rt state "$ID" | sed -n "s/.*\"${1#.}\": *\"\{0,1\}\([a-z0-9]*\)\"\{0,1\},\{0,1\}.*/\1/p"
}

assert_state() {
    assert_equal "$(state .status)" "$1" "status of $ID"
}

has_state() {
    [ "$(state .status 2>/dev/null)" = "$1" ]
}

wait_state() {
    eventually has_state "$1"
}

# eventually COMMAND...: until it succeeds. A round takes long on a busy machine, so it is rounds that
# count, and the clock only so that the test has time to tell.
eventually() {
    local round end=$((SECONDS + TIMEOUT * 2 / 3))
    for ((round = 0; round < TIMEOUT * 8 && SECONDS < end; round++)); do
        if "$@"; then return 0; fi
        sleep 0.02
    done
    fail "not in $round rounds: $*"
}

# background COMMAND...: runs it beside the test, output to $T/background.N; JOB is its pid.
background() {
    BACKGROUND=$((${BACKGROUND:-0} + 1))
    JOB_OUT=$T/background.$BACKGROUND
    if [ "$1" = rt ]; then
        shift
        # shellcheck disable=SC2086 # the flags are words
        set -- "$RUNTIME" --root "$STATE" ${RUNTIME_FLAGS-} "$@"
    fi
    # `exec`, so that a signal to JOB reaches the command and not a shell.
    (set +x && exec "$@" 9>&-) >"$JOB_OUT" 2>&1 </dev/null &
    JOB=$!
    echo "$JOB" >>"$T/jobs"
}

# job_holds KIND: whether the last background command has a descriptor of this kind (pidfd, inotify),
# and so watches.
job_holds() {
    # shellcheck disable=SC2010,SC2012 # links of the kernel
    ls -l "/proc/$JOB/fd" | grep -q "$1"
}

# has_open PATH: whether the last background command has this file open.
has_open() {
    local link
    for link in /proc/"$JOB"/fd/*; do
        [ "$(readlink "$link")" != "$1" ] || return 0
    done
    return 1
}

# finish_job PID: waits for a background command; STATUS is its status.
finish_job() {
    STATUS=0
    wait "$1" || STATUS=$?
}

# hold_namespaces FLAG...: a sleeping process in new namespaces (flags of unshare); HOLDER is its
# pid.
hold_namespaces() {
    background unshare "$@" "$PAYLOAD" pause
    HOLDER=$JOB
    eventually grep -q ready "$JOB_OUT"
}

# --- Assertions -------------------------------------------------------------------------------

fail() {
    local depth=1
    while [[ ${BASH_SOURCE[$depth]} == */lib.sh && $depth -lt $((${#BASH_SOURCE[@]} - 1)) ]]; do
        depth=$((depth + 1))
    done
    printf '%s:%s: %s\n' "${BASH_SOURCE[$depth]##*/}" "${BASH_LINENO[$((depth - 1))]}" "$1" \
        >>"$T/failure"
    exit 1
}

# assert_equal ACTUAL EXPECTED [WHAT]
assert_equal() {
    [ "$1" = "$2" ] || fail "${3:-value}: '$1' instead of '$2'"
}

assert_different() {
    [ "$1" != "$2" ] || fail "${3:-value}: '$1' on both sides"
}

# assert_match TEXT REGEX
assert_match() {
    [[ $1 =~ $2 ]] || fail "'$1' does not match '$2'"
}

assert_contains() {
    [[ $1 == *"$2"* ]] || fail "no '$2' in '$1'"
}

refute_contains() {
    [[ $1 != *"$2"* ]] || fail "unexpected '$2' in '$1'"
}

# assert_says TEXT: the error has the words that engines know from runc; crun has its own.
assert_says() {
    [ "$KIND" = crun ] || assert_contains "$ERR" "$1"
}

# assert_line LINE...: each is a whole line of OUT.
assert_line() {
    local line
    for line in "$@"; do
        [[ $'\n'$OUT$'\n' == *$'\n'"$line"$'\n'* ]] || fail "no line '$line' in '$OUT'"
    done
}

refute_line() {
    [[ $'\n'$OUT$'\n' != *$'\n'"$1"$'\n'* ]] || fail "unexpected line '$1' in '$OUT'"
}

# assert_file FILE TEXT: the file's contents, without a last newline.
assert_file() {
    assert_equal "$(cat "$1")" "$2" "$1"
}

# value KEY: what OUT says after `KEY=`.
value() {
    sed -n "s|^$1=||p" <<<"$OUT" | head -n 1
}

# mount_line DESTINATION: the last line of a mountinfo in OUT for this mount point.
mount_line() {
    awk -v point="$1" '$5 == point { line = $0 } END { print line }' <<<"$OUT"
}

# assert_mount DESTINATION REGEX: of its mountinfo line in OUT.
assert_mount() {
    local line
    line=$(mount_line "$1")
    [ -n "$line" ] || fail "nothing mounted on $1 in '$OUT'"
    assert_match "$line" "$2"
}

# has_option DESTINATION OPTION: among the options of the mount itself.
has_option() {
    [[ ,$(mount_line "$1" | cut -d ' ' -f 6), == *,"$2",* ]]
}

# host_namespace NAME: its identity as `payload ns` prints it.
host_namespace() {
    readlink "/proc/self/ns/$1"
}

# --- Residue ----------------------------------------------------------------------------------

# The groups of this test, deepest first. No id is the beginning of another one.
find_cgroups() {
    find /sys/fs/cgroup -depth -type d -path "*$ID*" 2>/dev/null
}

null_owner() {
    stat -c %u:%g /dev/null
}

# leftovers: a line for everything that this test's containers have left behind.
leftovers() {
    local child entry
    for child in $(<"/proc/$PPID/task/$PPID/children"); do
        [ "$child" = $$ ] || [[ $(tr '\0' ' ' <"/proc/$child/cmdline") == "" ]] ||
            echo "process $child ($(tr '\0' ' ' <"/proc/$child/cmdline"))"
    done 2>/dev/null
    find_cgroups | sed 's/^/cgroup /'
    for entry in "$STATE"/*; do
        [ ! -e "$entry" ] || echo "state $entry"
    done
    if [ "$(</proc/self/mountinfo)" != "$MOUNTS" ]; then
        sort /proc/self/mountinfo | comm -13 "$T/mounts" - | sed 's/^/mount /'
    fi
    [ "$(null_owner)" = "$NULL_OWNER" ] || echo "owner of /dev/null: $(null_owner)"
}

# assert_clean: nothing is left of any container. A killed process gets a second to go.
assert_clean() {
    local round left
    for round in {1..50}; do
        left=$(leftovers)
        [ -n "$left" ] || return 0
        sleep 0.02
    done
    fail "residue after $round rounds: $left"
}

# Removes by force what a failed test left.
sweep() {
    local cgroup pid groups
    groups=$(find_cgroups)
    [ -n "$groups" ] || return 0
    for cgroup in $groups; do
        for pid in $(<"$cgroup/cgroup.procs"); do
            kill -KILL "$pid"
        done
        [ ! -e "$cgroup/freezer.state" ] || echo THAWED >"$cgroup/freezer.state"
    done 2>/dev/null
    for cgroup in $groups; do
        rmdir "$cgroup" || { sleep 0.1 && rmdir "$cgroup"; }
    done 2>/dev/null
}

# --- The frame --------------------------------------------------------------------------------

# crun refuses a machine whose unified hierarchy has a controller beside v1 ones.
prepare_peer() {
    local controllers=/sys/fs/cgroup/unified/cgroup.controllers
    if [ "$KIND" = crun ] && grep -q . "$controllers" 2>/dev/null; then
        mount --bind /dev/null "$controllers"
    fi
}

stop_jobs() {
    local pid
    for pid in $(cat "$T/jobs" 2>/dev/null); do
        kill -KILL "$pid" 2>/dev/null
    done
}

# Deletes the containers that the test left, as an engine would.
delete_containers() {
    local entry
    for entry in "$STATE"/*; do
        [ -e "$entry" ] || continue
        capture rt delete --force "${entry##*/}"
        [ "$STATUS" -eq 0 ] || fail "delete --force ${entry##*/}: $ERR"
    done
}

# inside FILE TEST: below the subreaper, in the private mount namespace.
inside() {
    local status
    STATE=$T/state ID=apus-$$-test EDITS=() STATUS=0 OUT='' ERR=''
    mkdir -m 700 "$STATE"
    echo "$ID" >"$T/id"
    prepare_peer
    # A test that mounts for itself writes the file anew.
    MOUNTS=$(</proc/self/mountinfo)
    sort <<<"$MOUNTS" >"$T/mounts"
    # shellcheck disable=SC1090 # the file to test is an argument
    (
        exec 9>"$T/trace"
        BASH_XTRACEFD=9 PS4='+ ${BASH_SOURCE##*/}:$LINENO: '
        set -eEuo pipefail
        trap 'echo "${BASH_SOURCE##*/}:$LINENO: status $? of: $BASH_COMMAND" >>"$T/commands"' ERR
        requires root
        source "$1"
        set -x
        "$2"
    )
    status=$?
    if [ "$status" -eq 0 ]; then
        (
            stop_jobs
            delete_containers
            assert_clean
        )
        status=$?
    fi
    stop_jobs
    (delete_containers) >/dev/null 2>&1
    sweep
    return "$status"
}

# Prints why a test failed: what it said, what the last call said, the end of its trace.
explain() {
    local file
    sed 's/^/    /' "$T/failure" 2>/dev/null
    tail -n 3 "$T/commands" 2>/dev/null | sed 's/^/    /'
    for file in err out container.err container.out background.1 frame; do
        if [ -s "$T/$file" ]; then
            printf '  %s:\n' "$file"
            head -c 2000 "$T/$file" | tr -d '\0' | sed 's/^/    /'
        fi
    done
    printf '  trace:\n'
    # Of the lines of this file only the calls of the runtime tell something.
    awk -v runtime="$RUNTIME" '!/^\++ (lib|guards).sh:/ || index($0, ": " runtime " ")' "$T/trace" |
        tail -n 20 | cut -c 1-200 | sed 's/^/    /'
}

# judge STATUS: the verdict, with a reason when it is skipped.
judge() {
    if [ "$1" -eq 0 ]; then
        echo passed
    elif [ "$1" -eq 77 ] && [ -s "$T/skipped" ]; then
        echo "skipped $(cat "$T/skipped")"
    elif [ -s "$T/excuse" ]; then
        echo "skipped $(cat "$T/excuse")"
    else
        echo failed
    fi
}

# outside FILE TEST: makes the folder, starts the subreaper, prints the verdict.
outside() {
    local name=${1##*/} NULL_OWNER begin=${EPOCHREALTIME/./} status verdict
    T=$(mktemp -d "${TMPDIR:-/tmp}/apus-integration.XXXXXX")
    NULL_OWNER=$(null_owner)
    export T NULL_OWNER
    "$PAYLOAD" reap "$TIMEOUT" bash "$HERE/lib.sh" --inside "$1" "$2" >"$T/frame" 2>&1
    status=$?
    verdict=$(judge "$status")
    # Again, for a test that was out of time and for what a frozen process kept.
    ID=$(<"$T/id") && sweep
    chown "$NULL_OWNER" /dev/null
    echo "${verdict%% *}" >"$RESULTS/${name%.sh}.$2"
    {
        flock 8
        local elapsed=$((${EPOCHREALTIME/./} - begin))
        printf '%-8s%s %s %d.%03ds' "${verdict%% *}" "${name%.sh}" "${2#test_}" \
            $((elapsed / 1000000)) $((elapsed / 1000 % 1000))
        if [ "${verdict%% *}" = skipped ]; then printf ' (%s)' "${verdict#* }"; fi
        printf '\n'
        if [ "$verdict" = failed ]; then explain; fi
    } 8>"$BUILD/lock"
    if [ "$verdict" = failed ] && [ "$KEEP" = 1 ]; then
        printf '  kept: %s\n' "$T"
    else
        rm -rf --one-file-system "$T"
    fi
}

KIND=${RUNTIME##*/}
export KIND
if [ "${1-}" = --lacks ]; then
    lacks "${@:2}"
    exit
fi
if [ "${1-}" = --inside ]; then
    inside "$2" "$3"
    exit $?
fi
outside "$1" "$2"
