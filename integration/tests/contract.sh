# What engines read out of failures. Every failing command is called as go-runc calls it, with
# `--log FILE --log-format json`, and what it says goes through the matchers of the engines, each
# written down here as a function. A text that no matcher should take is a negative case.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $PATH is part of a text

# --- The matchers -----------------------------------------------------------------------------

# matches REGEX: whether the message has it on one line, in any case.
matches() {
    grep -qiE -- "$1" <<<"$MESSAGE"
}

# podman: an exit status out of the text; permissions are looked for first.
podman_status() {
    if matches 'permission denied|operation not permitted'; then
        echo 126
    elif matches 'executable file not found in|no such file or directory|open executable'; then
        echo 127
    elif matches '`/proc/[a-z0-9-].+/attr.*`'; then
        echo label
    else
        echo 125
    fi
}

# docker_status COMMAND: the daemon's; a missing program counts when the text names the command.
docker_status() {
    local command=$1
    if [[ $MESSAGE == *"$command"* ]] &&
        matches 'executable file not found|no such file or directory'; then
        echo 127
    elif matches 'not a directory'; then
        echo 127
    elif matches 'permission denied'; then
        echo 126
    else
        echo 128
    fi
}

# CRI-O: whether an exec failed because there is no such program.
crio_is_missing_program() {
    [[ $MESSAGE =~ executable\ file\ .*not\ found\ in\ \$PATH ]]
}

# containerd and CRI-O: whether a kill failed because the process is gone.
is_gone() {
    [[ $MESSAGE == *"container not running"* || $MESSAGE == *"does not exist"* ||
        $MESSAGE == *"os: process already finished"* ]] || matches 'no such process|invalid process'
}

# --- The calls --------------------------------------------------------------------------------

# refused COMMAND...: must fail, with one JSON object in the log and the same text on standard
# error. MESSAGE is what an engine gets.
refused() {
    rm -f "$T/log.json"
    fails rt --log "$T/log.json" --log-format json "$@"
    read_log "$*"
}

# read_log WHAT: the only object of the log. podman parses the whole file, go-runc its last line,
# conmon hands on standard error.
read_log() {
    local form='if length == 1 and (.[0] | keys == ["level", "msg", "time"] and .level == "error"
        and (.time | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$")))
        then .[0].msg else error("another form") end'
    assert_equal "$(wc -l <"$T/log.json")" 1 "lines in the log of: $1"
    MESSAGE=$(jq -rs "$form" "$T/log.json") || fail "log of $1: $(cat "$T/log.json")"
    [ -n "$MESSAGE" ] || fail "no message from: $1"
    assert_contains "$ERR" "$MESSAGE"
}

# says TEXT...
says() {
    local text
    for text in "$@"; do
        assert_contains "$MESSAGE" "$text"
    done
}

# ordinary: no engine takes it for a failure of the program.
ordinary() {
    assert_equal "$(podman_status)" 125 "podman's status of: $MESSAGE"
}

# program_status STATUS COMMAND: all engines agree on the exit status of the program.
program_status() {
    assert_equal "$(podman_status)" "$1" "podman's status of: $MESSAGE"
    assert_equal "$(docker_status "$2")" "$1" "docker's status of: $MESSAGE"
}

ours() {
    requires runtime=apus
    bundle
    payload pause
}

# program ARGUMENT...: what is run in place of the payload.
program() {
    edit ".process.args = $(json_strings "$@")"
    configure
}

# The ways to run a program: create with start, run, exec. program_refused STATUS WORD... runs it
# in each, and all must say the same to every engine.
program_refused() {
    local status=$1 command
    shift
    program "$@"
    for command in create run; do
        refused "$command" --bundle "$BUNDLE" "$ID"
        program_status "$status" "$1"
        says 'unable to start container process' "exec: \"$1\""
        assert_clean
    done
    payload pause
    launch
    refused exec "$ID" "$@"
    program_status "$status" "$1"
    says 'exec failed: unable to start container process' "exec: \"$1\""
    exec_by_engine "$@"
    program_status "$status" "$1"
    ok rt delete --force "$ID"
}

# exec_by_engine WORD...: with a process file and detached.
exec_by_engine() {
    jq "{cwd: \"/\", args: $(json_strings "$@"), env: .process.env, user: {uid: 0, gid: 0}}" \
        "$BUNDLE/config.json" >"$T/process.json"
    refused exec --process "$T/process.json" --detach --pid-file "$T/exec.pid" "$ID"
    [ ! -s "$T/exec.pid" ] || fail "a pid file of a failed exec"
}

# --- Programs ---------------------------------------------------------------------------------

test_program_not_in_path() {
    ours
    program_refused 127 nosuchprogram
    says 'executable file not found in $PATH'
    crio_is_missing_program || fail "CRI-O does not know: $MESSAGE"
}

test_program_at_a_missing_path() {
    ours
    program_refused 127 /no/such/program
    says 'no such file or directory'
    ! crio_is_missing_program || fail "a path is not searched: $MESSAGE"
}

test_program_that_is_not_executable() {
    ours
    touch "$ROOTFS/plain"
    chmod 644 "$ROOTFS/plain"
    program_refused 126 /plain
    says 'permission denied'
}

test_program_that_is_a_directory() {
    ours
    mkdir "$ROOTFS/folder"
    program_refused 126 /folder
}

test_program_below_a_file() {
    ours
    edit '.process.args = ["/payload/x"]'
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says 'not a directory'
    assert_equal "$(docker_status /payload/x)" 127 "docker's status of: $MESSAGE"
}

test_program_in_path_that_is_not_executable() {
    ours
    mkdir "$ROOTFS/bin"
    touch "$ROOTFS/bin/plain"
    chmod 644 "$ROOTFS/bin/plain"
    program plain
    refused create --bundle "$BUNDLE" "$ID"
    program_status 126 plain
}

test_program_without_its_interpreter() {
    ours
    printf '#!/no/such/shell\n' >"$ROOTFS/script"
    chmod 755 "$ROOTFS/script"
    program /script
    ok rt create --bundle "$BUNDLE" "$ID"
    refused start "$ID"
    program_status 127 /script
    says 'unable to start container process' 'exec: "/script"'
    ok rt delete --force "$ID"
    refused run --bundle "$BUNDLE" "$ID"
    program_status 127 /script
}

test_program_of_no_known_format() {
    ours
    echo text >"$ROOTFS/text"
    chmod 755 "$ROOTFS/text"
    program /text
    ok rt create --bundle "$BUNDLE" "$ID"
    refused start "$ID"
    says 'exec format error' /text
    ordinary
}

test_directory_that_is_a_file() {
    ours
    edit '.process.cwd = "/payload"'
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says /payload 'not a directory'
    ordinary
}

test_directory_that_is_missing() {
    ours
    edit '.process.cwd = "/missing" | .root.readonly = true'
    mkdir "$ROOTFS/proc" "$ROOTFS/sys" "$ROOTFS/dev" 2>/dev/null || true
    payload pause
    launch
    refused exec --cwd /nowhere "$ID" /payload echo x
    says /nowhere 'no such file or directory'
}

# --- Containers in the wrong state --------------------------------------------------------------

test_missing_container() {
    ours
    configure
    echo '{}' >"$T/resources"
    local words
    for words in "state $ID" "start $ID" "kill $ID 9" "kill $ID" "kill --all $ID KILL" \
        "delete $ID" "pause $ID" "resume $ID" "ps $ID" "ps --format json $ID" \
        "exec $ID /payload" "update --pids-limit 5 $ID" "update --resources $T/resources $ID" \
        "events --stats $ID" "wait $ID" "checkpoint --image-path $T/images $ID"; do
        # shellcheck disable=SC2086 # words
        refused $words
        says 'does not exist'
        is_gone || fail "not gone: $MESSAGE"
        ordinary
    done
    ok rt delete --force "$ID"
}

test_stopped_container() {
    ours
    payload true
    launch
    wait_state stopped
    refused kill "$ID" KILL
    says 'container not running'
    is_gone || fail "not gone: $MESSAGE"
    refused kill "$ID" 0
    is_gone || fail "not gone: $MESSAGE"
    refused exec "$ID" /payload true
    says 'cannot exec in a stopped container'
    ordinary
    refused start "$ID"
    says 'cannot start a container that has stopped'
    ordinary
    refused pause "$ID"
    says 'container not running'
    ordinary
    refused resume "$ID"
    says 'container not paused'
    ordinary
    refused update --pids-limit 5 "$ID"
    ordinary
    refused checkpoint --image-path "$T/images" "$ID"
    says 'container cannot be checkpointed in stopped state'
    ordinary
    ok rt delete "$ID"
}

test_running_container() {
    ours
    launch
    refused start "$ID"
    says 'cannot start an already running container'
    ordinary
    refused delete "$ID"
    says "cannot delete container $ID that is not stopped: running"
    ordinary
    refused resume "$ID"
    says 'container not paused'
    ordinary
    refused create --bundle "$BUNDLE" "$ID"
    says 'container with given ID already exists'
    ordinary
    refused run --bundle "$BUNDLE" "$ID"
    says 'container with given ID already exists'
    refused restore --bundle "$BUNDLE" --image-path "$T" "$ID"
    says 'container with given ID already exists'
    ordinary
    assert_state running
    # What kill refuses here is no sign of the process being gone.
    refused kill "$ID" NOSUCH
    says 'unknown signal "NOSUCH"'
    ! is_gone || fail "gone: $MESSAGE"
}

test_created_container() {
    ours
    create_ok
    refused resume "$ID"
    says 'container not paused'
    ordinary
    refused checkpoint --image-path "$T/images" "$ID"
    says 'container cannot be checkpointed in created state'
    ordinary
    # It is deleted like a stopped one.
    ok rt delete "$ID"
}

test_paused_container() {
    ours
    launch
    ok rt pause "$ID"
    refused exec "$ID" /payload true
    says 'cannot exec in a paused container (use --ignore-paused to override)'
    ordinary
    refused delete "$ID"
    says "cannot delete container $ID that is not stopped: paused"
    ordinary
    refused start "$ID"
    says 'cannot start an already running container'
    refused pause "$ID"
    says 'container not running'
    ordinary
    ok rt resume "$ID"
}

# --- Requests that make no sense ------------------------------------------------------------------

test_id() {
    ours
    configure
    local id
    for id in . .. a/b ../x 'a b' 'a*' "$(printf 'x%.0s' {1..2000})"; do
        refused create --bundle "$BUNDLE" "$id"
        says 'invalid container ID format'
        ordinary
        refused state "$id"
        says 'invalid container ID format'
        refused delete --force "$id"
    done
    assert_clean
}

test_bundle() {
    ours
    local command
    mkdir "$T/empty-bundle"
    for command in create run; do
        refused "$command" --bundle "$T/empty-bundle" "$ID"
        says 'JSON specification file config.json not found'
        refused "$command" --bundle "$T/missing" "$ID"
        says 'JSON specification file config.json not found' "$T/missing"
        echo '{' >"$BUNDLE/config.json"
        refused "$command" --bundle "$BUNDLE" "$ID"
        says config.json
        ordinary
        echo '[]' >"$BUNDLE/config.json"
        refused "$command" --bundle "$BUNDLE" "$ID"
        ordinary
    done
    assert_clean
}

# Many mistakes and remarks are one object too.
test_many_mistakes() {
    ours
    edit '.ociVersion = "9" | .process.cwd = "x" | .hostname = "h\u0001\n\"" | .mounts += [
        {destination: "relative", type: "tmpfs", source: "x"}, {destination: "/", type: "tmpfs"}]'
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says ociVersion process/cwd
    ordinary
}

# A remark about the configuration, then a failure: only the failure may be in the log.
test_remark_before_a_failure() {
    ours
    mount_entry relative tmpfs tmpfs
    program /missing
    refused create --bundle "$BUNDLE" "$ID"
    program_status 127 /missing
    payload true
    configure
    rm -f "$T/log.json"
    ok rt --log "$T/log.json" --log-format json --log-level warning run --bundle "$BUNDLE" "$ID"
    assert_equal "$(jq -r .level "$T/log.json")" warning "level"
}

test_mount_source_that_is_missing() {
    ours
    mount_entry /data bind "$T/nowhere" rbind
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says "$T/nowhere" 'no such file or directory'
    assert_equal "$(podman_status)" 127 "podman's status of: $MESSAGE"
}

# docker adds its advice about mounting a directory onto a file.
test_mount_of_a_directory_onto_a_file() {
    ours
    mkdir "$T/source"
    mount_entry /payload bind "$T/source" rbind
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says 'not a directory' /payload
}

test_options() {
    ours
    configure
    local words
    for words in "create --nosuch $ID" "nosuch $ID" "create" "kill" "state" "exec $ID" \
        "list --format yaml" "start $ID extra words" "events --interval x $ID" \
        "update --memory lots $ID" "exec --preserve-fds -1 $ID x" "kill $ID 9 9 9" \
        "checkpoint --network-lock glue $ID" "checkpoint" "restore" \
        "restore --manage-cgroups-mode some $ID" ""; do
        rm -f "$T/log.json"
        # shellcheck disable=SC2086 # words
        refused $words
        ordinary
    done
}

# podman asks in this way whether a pod can be restored.
test_probe_of_restore() {
    ours
    refused restore --lsm-mount-context
    says 'flag needs an argument'
}

# containerd copies dump.log out of the work directory when a checkpoint has failed, podman shows it.
has_log() {
    [ -s "$T/work/$1" ] || fail "no $1 in the work directory"
    says "$T/work/$1"
}

test_checkpoint_that_fails() {
    ours
    stand_in refuse
    launch
    rm -f "$T/log.json"
    fails env PATH=/nowhere "$RUNTIME" --root "$STATE" --log "$T/log.json" --log-format json \
        checkpoint --image-path "$T/images" "$ID"
    read_log 'checkpoint without CRIU'
    says 'checkpoint and restore need criu'
    ordinary
    refused checkpoint --image-path "$T/images" --work-path "$T/work" "$ID"
    says 'criu failed: type DUMP errno 22' 'Error (criu/'
    has_log dump.log
    ordinary
    # The program runs on, so nothing may be taken for its end.
    ! is_gone || fail "gone: $MESSAGE"
    assert_state running
    refused checkpoint --image-path "$T/images" --status-fd 33 "$ID"
    ordinary
    refused checkpoint --image-path "$T/images" --parent-path ../older "$ID"
    ordinary
    export CRIU_MODE=old
    refused checkpoint --image-path "$T/images" "$ID"
    says 'criu 3.15 is too old'
    ordinary
    export CRIU_MODE=die
    refused checkpoint --image-path "$T/images" --work-path "$T/work" "$ID"
    says 'criu failed: it ended early'
    ordinary
    ! is_gone || fail "gone: $MESSAGE"
}

test_restore_that_fails() {
    ours
    configure
    stand_in
    mkdir "$T/images"
    refused restore --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    says 'has no checkpoint of a container'
    refused restore --bundle "$BUNDLE" --image-path "$T/nowhere" "$ID"
    says --image-path "$T/nowhere"
    launch
    ok rt checkpoint --image-path "$T/images" "$ID"
    local words
    export CRIU_MODE
    for words in "refuse type RESTORE errno 22" "die it ended early"; do
        CRIU_MODE=${words%% *}
        refused restore --bundle "$BUNDLE" --image-path "$T/images" --work-path "$T/work" \
            --detach --pid-file "$T/pid" "$ID"
        says "criu failed: ${words#* }"
        ordinary
        ! is_gone || fail "gone: $MESSAGE"
        assert_clean
    done
    CRIU_MODE=refuse
    refused restore --bundle "$BUNDLE" --image-path "$T/images" --work-path "$T/work" "$ID"
    has_log restore.log
}

test_sockets_that_are_missing() {
    ours
    edit '.process.terminal = true'
    configure
    refused create --bundle "$BUNDLE" --console-socket "$T/nowhere" "$ID"
    says --console-socket "$T/nowhere"
    refused create --bundle "$BUNDLE" "$ID"
    says 'cannot allocate tty if apus will detach without setting console socket'
    ordinary
    edit '.process.terminal = false'
    configure
    refused create --bundle "$BUNDLE" --pidfd-socket "$T/nowhere" "$ID"
    says --pidfd-socket "$T/nowhere"
    refused create --bundle "$BUNDLE" --pid-file "$T/nowhere/pid" "$ID"
    says "$T/nowhere/pid"
    assert_clean
}

test_hook_that_fails() {
    ours
    edit ".hooks.createRuntime = [{path: \"$PAYLOAD\", args: [\"payload\", \"exit\", \"3\"]}]"
    configure
    refused create --bundle "$BUNDLE" "$ID"
    says hooks/createRuntime/0
    ordinary
}

test_update_that_fails() {
    ours
    launch
    echo 'nonsense' >"$T/resources"
    refused update --resources "$T/resources" "$ID"
    ordinary
    refused update --resources "$T/nowhere" "$ID"
    says "$T/nowhere"
    echo '{"memory": {"limit": "many"}}' >"$T/resources"
    refused update --resources "$T/resources" "$ID"
    ordinary
}

test_process_file_that_fails() {
    ours
    launch
    refused exec --process "$T/nowhere" "$ID"
    says "$T/nowhere"
    echo '{"args": []}' >"$T/process.json"
    refused exec --process "$T/process.json" "$ID"
    ordinary
    echo '{' >"$T/process.json"
    refused exec --process "$T/process.json" "$ID"
    ordinary
}
