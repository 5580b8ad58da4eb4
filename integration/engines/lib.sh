#!/bin/bash
# What the engine files use, and the frame around them (called by `run`):
#
#   lib.sh outside ENGINE SIDE RUNTIME   makes the folder and the namespaces; SIDE is apus or peer
#   lib.sh phase ENGINE SIDE RUNTIME     starts the engine, runs its cases, stops it
#   lib.sh lane ENGINE=PEER...           in the test machine, one engine after another, both sides
#   lib.sh case ENGINE CASE              runs one case
#
# A case drives the engine and says what must hold:
#
#   # `podman run` returns the status of the command
#   case_run_status() {
#       status 7 pm run --rm bb sh -c 'exit 7'
#       see status "$STATUS"
#   }
#
# `see NAME VALUE` notes what must be the same with both runtimes. A case runs with `set -e`.
# shellcheck disable=SC2034 # an engine's file uses what looks unused here
set -u

# --- Running commands -------------------------------------------------------------------------

# capture COMMAND...: OUT, ERR and STATUS hold what came of it.
capture() {
    STATUS=0
    "$@" >"$C/out" 2>"$C/err" </dev/null || STATUS=$?
    OUT=$(tr -d '\0\r' <"$C/out")
    ERR=$(tr -d '\0' <"$C/err")
    printf '+ %s\n= %d\n%s\n%s\n' "$*" "$STATUS" "$OUT" "$ERR"
}

# status N COMMAND...: it must return N.
status() {
    local expected=$1
    shift
    capture "$@"
    [ "$STATUS" -eq "$expected" ] || fail "status $STATUS, not $expected, of: $*"
}

ok() {
    status 0 "$@"
}

fails() {
    capture "$@"
    [ "$STATUS" -ne 0 ] || fail "status 0 of: $*"
}

# patiently COMMAND...: until it succeeds, or a terminal has had enough time.
patiently() {
    local rounds=$((${PATIENCE:-2} * 5))
    until "$@" || ((rounds-- == 0)); do sleep 0.2; done
}

# tty TEXT COMMAND...: with a terminal whose keyboard types TEXT. What it shows is in OUT.
tty() {
    local keys=$1 command
    shift
    printf -v command '%q ' "$@"
    : >"$C/out"
    rm -f "$C/ended"
    # The end of input comes after the keys have had an effect.
    { patiently [ -s "$C/out" ]; printf "$keys" && patiently [ -e "$C/ended" ]; } | {
        STATUS=0
        script -qec "$command" /dev/null >"$C/out" 2>&1 || STATUS=$?
        echo "$STATUS" >"$C/ended"
    }
    STATUS=$(cat "$C/ended")
    OUT=$(tr -d '\0\r' <"$C/out")
    printf '+ tty %s\n= %d\n%s\n' "$*" "$STATUS" "$OUT"
}

# eventually COMMAND...: until it succeeds, for at most WAIT seconds.
eventually() {
    local end=$((EPOCHSECONDS + ${WAIT:-20}))
    until "$@" >/dev/null 2>&1; do
        [ "$EPOCHSECONDS" -lt "$end" ] || fail "not in ${WAIT:-20} s: $*"
        sleep 0.1
    done
}

# --- What must hold ---------------------------------------------------------------------------

fail() {
    printf 'FAILED line %s: %s\n' "${BASH_LINENO[1]}" "$1"
    exit 1
}

skip() {
    printf 'skip: %s\n' "$1" >"$C/why"
    exit 77
}

# tried WHY TEXT COMMAND...: what the case is about. Where the machine or the engine lets neither runtime
# do it, for the reason WHY, which its error shows by TEXT, the case counts as refused and shows nothing.
tried() {
    local why=$1 text=$2
    shift 2
    capture "$@"
    [ "$STATUS" -ne 0 ] || return 0
    [[ $ERR == *"$text"* ]] || fail "status $STATUS of: $*: $ERR"
    see refused "$STATUS"
    printf 'refused: %s\n' "$why" >"$C/why"
    exit 77
}

# see NAME VALUE: both runtimes must show the same value.
see() {
    printf '%s=%s\n' "$1" "${2//$TAG/TAG}" >>"$C/seen"
}

equal() {
    [ "$1" = "$2" ] || fail "'$1' instead of '$2'"
}

contains() {
    [[ $1 == *"$2"* ]] || fail "no '$2' in '$1'"
}

lacks() {
    [[ $1 != *"$2"* ]] || fail "unexpected '$2' in '$1'"
}

matches() {
    [[ $1 =~ $2 ]] || fail "'$1' does not match '$2'"
}

# says TEXT...: each is a part of OUT.
says() {
    local text
    for text in "$@"; do contains "$OUT" "$text"; done
}

# cgroup PID CONTROLLER: the folder of the process in this hierarchy, v1 or v2.
cgroup() {
    local path
    path=$(awk -F : -v name="$2" '{ n = split($2, c, ","); for (i = 1; i <= n; i++)
        if (c[i] == name) { print $3; exit } }' "/proc/$1/cgroup")
    if [ -n "$path" ]; then
        echo "/sys/fs/cgroup/$2$path"
    else
        echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
    fi
}

# limits memory|cpu: what the cgroup of $PID allows, a line for each file that there is.
limits() {
    local dir name
    dir=$(cgroup "$PID" "$1")
    for name in memory.{limit_in_bytes,memsw.limit_in_bytes,soft_limit_in_bytes,max,swap.max,low} \
        cpu.{cfs_quota_us,cfs_period_us,shares,max,weight}; do
        if [[ $name == "$1".* && -e $dir/$name ]]; then echo "$name $(cat "$dir/$name")"; fi
    done
}

# --- The frame --------------------------------------------------------------------------------

# load ENGINE: its file and those that go on with it, ENGINE_*.sh
load() {
    local file
    for file in $(files_of "$1"); do
        # shellcheck disable=SC1090
        source "$file"
    done
}

# one_case ENGINE CASE
one_case() {
    load "$1"
    NAME=${2#case_}
    NAME=${NAME//_/-}
    cd "$C"
    set -eEuo pipefail
    trap 'echo "status $? at line $LINENO: $BASH_COMMAND"' ERR
    "$2"
}

# run_case ENGINE CASE: with a folder of its own and a time limit; writes the result.
run_case() {
    local result begin=$SECONDS
    export C=$T/case.$2
    mkdir -p "$C"
    touch "$C/seen"
    timeout -k 5 "$TIMEOUT" bash "$HERE/lib.sh" case "$1" "$2" >"$RESULTS/$2.log" 2>&1
    case $? in
    0) result=ok ;;
    77) result=$(cat "$C/why") ;;
    124 | 137)
        result=failed
        echo "FAILED: out of time" >>"$RESULTS/$2.log"
        ;;
    *) result=failed ;;
    esac
    cp "$C/seen" "$RESULTS/$2.seen"
    echo "$result" >"$RESULTS/$2.result"
    [ -n "${MACHINE-}" ] || return 0
    # The machine is slow, and its files come out at the end.
    echo "$1 with $KIND: $2 $result, $((SECONDS - begin)) s"
    [ "$result" = ok ] || tail -n 8 "$RESULTS/$2.log" | cut -c 1-300 | sed 's/^/    /'
}

# The cgroups of this run, deepest first: $TAG is in the path of each.
cgroups_left() {
    find /sys/fs/cgroup -depth -type d -path "*$TAG*" 2>/dev/null
}

# leftovers: a line for each thing that the runtime has left behind.
leftovers() {
    if declare -F engine_left >/dev/null; then
        engine_left
        return
    fi
    cgroups_left | grep -vE "/$TAG(${ENGINE_CGROUPS-})?\$" | sed 's/^/cgroup /'
    states_left /run
}

# states_left FOLDER: what the runtimes keep there
states_left() {
    local entry
    for entry in "$1"/{apus,crun,runc}/*; do
        [ ! -e "$entry" ] || echo "state $entry"
    done
}

sweep_cgroups() {
    local dir pid
    for dir in $(cgroups_left); do
        for pid in $(cat "$dir/cgroup.procs" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
    done
    sleep 0.2
    for dir in $(cgroups_left); do rmdir "$dir" 2>/dev/null; done
}

# The engine's processes get cgroups of their own: what is made beside them is found by $TAG.
enter_cgroups() {
    local dir name
    for dir in /sys/fs/cgroup/*/; do
        [ -e "$dir/tasks" ] || continue
        mkdir -p "$dir/$TAG"
        for name in cpuset.cpus cpuset.mems; do
            [ ! -e "$dir/$name" ] || cat "$dir/$name" >"$dir/$TAG/$name"
        done
        echo $$ >"$dir/$TAG/cgroup.procs"
    done
}

files_of() {
    find "$HERE" -name "$1.sh" -o -name "$1_*.sh" | sort
}

# In the test machine (MACHINE) nothing has to be kept apart.
own_places() {
    mount -t tmpfs -o mode=755 tmpfs /run
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mkdir -m 1777 /run/lock
    ip link set lo up
    enter_cgroups
}

# containerd_settings PLUGIN...: containerd.toml in $T, without these plugins.
containerd_settings() {
    local disabled
    printf -v disabled '"%s", ' "$@"
    cat >"$T/containerd.toml" <<END
version = 2
root = "$T/containerd/root"
state = "$T/containerd/state"
disabled_plugins = [${disabled%, }]
[grpc]
address = "$T/containerd.sock"
END
}

# ready LOG COMMAND...: waits until it succeeds, a question to a daemon; shows the log otherwise. PATIENCE is
# about how many times two seconds it may take.
ready() {
    local log=$1 n
    shift
    for n in $(seq $((${PATIENCE:-20} * 20))); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    tail "$log"
    return 1
}

# end_of PIDFILE: ends a daemon and waits for its end.
end_of() {
    local pid
    pid=$(cat "$1") || return 0
    kill "$pid" || return 0
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# containerd_up COMMAND...: starts it and waits until the command succeeds.
containerd_up() {
    containerd -c "$T/containerd.toml" >>"$T/containerd.log" 2>&1 &
    echo $! >"$T/containerd.pid"
    ready "$T/containerd.log" "$@"
}

containerd_down() { end_of "$T/containerd.pid"; }

# containers_conf MANAGER [LINE...]: containers.conf as docs/engines.md tells a user to write it, with
# lines for [containers]. No test needs the default network, which has packages of its own.
containers_conf() {
    local manager=$1
    shift
    printf '%s\n' '[containers]' 'netns = "none"' "$@"
    cat <<END
[engine]
runtime = "$KIND"
runtime_supports_json = ["apus", "crun", "runc"]
runtime_supports_nocgroup = ["apus", "crun"]
cgroup_manager = "$manager"
events_logger = "file"
helper_binaries_dir = ["/usr/libexec/podman", "/usr/bin"]
[engine.runtimes]
$KIND = ["$RUNTIME"]
END
}

# phase ENGINE SIDE RUNTIME: process 1 of the pid namespace is the parent of this.
phase() {
    local name started
    RUNTIME=$3 KIND=${3##*/} RESULTS=$OUT/$1/$2
    export RUNTIME KIND RESULTS
    [ -n "${MACHINE-}" ] || own_places
    # crun refuses a machine whose unified hierarchy has a controller beside v1 ones.
    if [ "$KIND" = crun ] && grep -q . /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null; then
        mount --bind /dev/null /sys/fs/cgroup/unified/cgroup.controllers
    fi
    load "$1"
    if late; then
        for name in $(wanted_cases "$1"); do no_turn "$name"; done
        return
    fi
    # Not as a condition: there bash would go on after a command that failed.
    (set -e; engine_start) >"$RESULTS/start.log" 2>&1
    started=$?
    if [ "$started" -eq 0 ]; then
        for name in $(wanted_cases "$1"); do
            if late; then
                no_turn "$name"
                continue
            fi
            run_case "$1" "$name"
            engine_clean >>"$RESULTS/clean.log" 2>&1 </dev/null
        done
    else
        echo "engines: $1 does not start with $KIND: $(tail -n 5 "$RESULTS/start.log")" >&2
    fi
    C=$T
    engine_stop >"$RESULTS/stop.log" 2>&1
    leftovers >"$RESULTS/case_engine.log"
    touch "$RESULTS/case_engine.seen"
    if [ -s "$RESULTS/case_engine.log" ]; then echo failed; else echo ok; fi \
        >"$RESULTS/case_engine.result"
}

# wanted_cases ENGINE: whose name matches PATTERN
wanted_cases() {
    # shellcheck disable=SC2046 # file names are words
    sed -n 's/^\(case_[a-z0-9_]*\)() {.*/\1/p' $(files_of "$1") | grep -E "$PATTERN"
}

# No further case begins after UNTIL.
late() { [ "$EPOCHSECONDS" -gt "${UNTIL:-$EPOCHSECONDS}" ]; }

no_turn() { echo "skip: no turn" >"$RESULTS/$1.result"; }

# outside ENGINE SIDE RUNTIME
outside() {
    local tag=apus-engines-$$
    T=$(mktemp -d "${TMPDIR:-/tmp}/$tag.XXXXXX")
    chmod 755 "$T"
    TAG=$tag
    export T TAG
    unshare --mount --pid --net --ipc --fork --kill-child --mount-proc \
        catatonit -- bash "$HERE/lib.sh" phase "$@"
    sweep_cgroups
    if [ "$KEEP" = 1 ]; then
        echo "kept: $T"
    else
        rm -rf --one-file-system "$T"
    fi
}

# lane ENGINE=PEER...: UNTIL is the time after which no further case begins, SIDES what runs.
lane() {
    local pair side runtime
    for pair in "$@"; do
        for side in $SIDES; do
            runtime=$RUNTIME
            [ "$side" = apus ] || runtime=$(command -v "${pair#*=}")
            export TAG=apus-engines T=/srv/${pair%=*}
            mkdir -p "$OUT/${pair%=*}/$side" "$T"
            bash "$HERE/lib.sh" phase "${pair%=*}" "$side" "$runtime"
            rm -rf --one-file-system "$T"
        done
    done
}

case $1 in
lane) shift && lane "$@" ;;
outside) shift && outside "$@" ;;
phase) shift && phase "$@" ;;
case) one_case "$2" "$3" ;;
esac
