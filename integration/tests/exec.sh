# exec: another process in a running container. Where it is, who it is, what it sees, its terminal and
# its descriptors, and that nothing of the runtime is within reach of the container meanwhile.
# shellcheck shell=bash
# shellcheck source=integration/exec_lib.sh
source "$HERE/exec_lib.sh"

# process_file FILTER...: $T/process.json, a process of root that the filters change.
process_file() {
    local filter=. edit
    for edit in "$@"; do filter+=" | $edit"; done
    jq -n '{user: {uid: 0, gid: 0}, args: ["/payload", "true"], cwd: "/", env: ["PATH=/"]}' |
        jq "$filter" >"$T/process.json"
}

namespaces_of() {
    local name
    for name in cgroup ipc mnt net pid time user uts; do
        echo "$name=$(readlink "/proc/$1/ns/$name")"
    done
}

# --- Where it is ------------------------------------------------------------------------------

test_joins_every_namespace() {
    differs crun,runc "Debian's versions do not join time namespaces"
    requires user-namespaces time-namespaces
    bundle
    user_namespace
    add_namespace cgroup
    add_namespace time
    edit '.linux.timeOffsets = {monotonic: {secs: 1000000}}'
    payload pause
    launch
    wait_output ready
    ex_ok -- ns , clock , pids
    local line pid
    pid=$(state .pid)
    for line in $(namespaces_of "$pid"); do assert_line "$line"; done
    assert_line ppid=0
    [ "$(value monotonic)" -gt 900000 ] || fail "clock of another namespace: $OUT"
}

test_namespaces_shared_with_the_host_stay() {
    bundle
    without_namespace network
    without_namespace ipc
    payload pause
    launch
    wait_output ready
    ex_ok -- ns
    assert_line "net=$(host_namespace net)" "ipc=$(host_namespace ipc)"
    assert_different "$(value mnt)" "$(host_namespace mnt)" "mount namespace"
}

test_pid_namespace_of_the_host() {
    bundle
    without_namespace pid
    payload pause
    launch
    wait_output ready
    ex_ok -- ns , pids
    assert_line "pid=$(host_namespace pid)"
    ok rt kill "$ID" KILL
}

test_root_is_the_containers() {
    running
    ex_ok -- ls / , cwd
    assert_line payload proc cwd=/
    refute_line etc
    local inside outside
    outside=$(stat -L -c %d:%i "/proc/$(state .pid)/root/")
    ex_ok -- stat /
    inside=$(value dev)
    [ -z "$inside" ] || assert_equal "$inside" "$outside" root
}

test_root_without_pivot() {
    bundle
    payload pause
    launch --no-pivot
    wait_output ready
    ex_ok -- ls / , mountinfo
    assert_line payload
    refute_line boot
    refute_contains "$OUT" " - overlay "
}

test_born_in_the_containers_cgroup() {
    requires cgroup-v1
    running
    ex_ok -- cat /proc/self/cgroup
    local line
    for line in $OUT; do
        case $line in *:memory:* | *:pids:* | *:freezer:* | *:devices:*) assert_match "$line" "$ID$" ;; esac
    done
    [[ $OUT == *"memory:/$ID"* ]] || fail "not in the memory cgroup: $OUT"
}

test_cgroup_below() {
    requires cgroup-v1
    differs crun "it wants a path that exists in every hierarchy, and says so in other words"
    running
    mkdir "/sys/fs/cgroup/memory/$ID/below" "/sys/fs/cgroup/pids/$ID/below"
    ex_ok --cgroup memory,pids:below -- cat /proc/self/cgroup
    assert_contains "$OUT" "memory:/$ID/below"
    assert_contains "$OUT" "pids:/$ID/below"
    assert_contains "$OUT" "freezer:/$ID"
    refute_contains "$OUT" "freezer:/$ID/below"
}

test_last_path_of_a_cgroup_counts() {
    requires cgroup-v1
    differs crun "it takes one path alone"
    running
    mkdir "/sys/fs/cgroup/memory/$ID/a" "/sys/fs/cgroup/memory/$ID/b"
    ex_ok --cgroup memory:a --cgroup memory:b -- cat /proc/self/cgroup
    assert_contains "$OUT" "memory:/$ID/b"
    ex_ok --cgroup memory:a --cgroup memory:/ -- cat /proc/self/cgroup
    refute_contains "$OUT" "memory:/$ID/a"
}

test_cgroup_cannot_escape() {
    requires cgroup-v1
    strict crun "1.8 lets it"
    running
    local path
    for path in .. ../.. /.. below/../.. memory:.. memory:/../.. /missing bogus:/; do
        ex --cgroup "$path" -- true
        assert_different "$STATUS" 0 "status of --cgroup $path"
    done
}

test_keyring_is_the_containers() {
    differs crun "it has the keyring of the caller"
    running
    ex_ok -- keyring
    local first
    first=$(value serial)
    assert_contains "$OUT" "_ses.$ID"
    ex_ok -- keyring
    assert_equal "$(value serial)" "$first" "keyring of two processes"
}

# --- Who it is --------------------------------------------------------------------------------

test_environment_is_merged() {
    differs crun "--env replaces the environment"
    running '.process.env = ["PATH=/", "A=config", "B=config"]'
    ex_ok --env A=flag --env C=flag -- env
    assert_line PATH=/ A=flag B=config C=flag HOME=/
}

test_cwd() {
    bundle
    mkdir "$ROOTFS/there"
    payload pause
    launch
    wait_output ready
    ex_ok --cwd /there -- cwd
    assert_line cwd=/there
}

test_missing_cwd() {
    strict crun "it makes the folder"
    running
    ex --cwd /missing -- true
    assert_equal "$STATUS" 255 status
    assert_contains "$ERR" "/missing"
    assert_match "$ERR" 'ENOENT|[nN]o such file'
}

test_user() {
    own_stdin
    running
    ex_ok --user 1234:2345 -- id
    assert_line uid=1234,1234,1234 gid=2345,2345,2345
    ex_ok --user 1234 -- id
    assert_line uid=1234,1234,1234 gid=0,0,0
}

test_user_that_is_empty_is_the_containers() {
    differs crun "it takes root"
    running '.process.user = {uid: 5, gid: 6}'
    ex_ok --user "" -- id
    assert_match "$OUT" 'uid=5'
}

test_user_text_is_parsed_as_a_whole() {
    own_stdin
    strict crun,runc "their parsers take some of these"
    running
    local user
    for user in : 1: :1 ' 1' '1 ' 1x x1 1:2x 1:2:3 -1 +1 0x1 4294967295 4294967296 1:4294967295 \
        99999999999999999999 root 1.0; do
        ex --user "$user" -- id
        assert_different "$STATUS" 0 "status of --user '$user'"
        refute_contains "$OUT" uid=
    done
}

test_additional_groups() {
    requires peer-not=crun
    running '.process.user.additionalGids = [7]'
    ex_ok --additional-gids 10 --additional-gids 11 -- id
    assert_line groups=7,10,11
}

test_capabilities_are_the_containers() {
    running
    ex_ok -- caps
    # CAP_KILL and CAP_NET_BIND_SERVICE.
    assert_line bounding=420 effective=420 permitted=420 inheritable=0 ambient=0
}

test_added_capabilities_are_not_inheritable() {
    differs crun "--cap replaces the sets"
    running
    ex_ok --cap CAP_SYS_TIME -- caps
    assert_line bounding=2000420 effective=2000420 permitted=2000420 inheritable=0 ambient=0
}

test_ambient_only_what_was_inheritable() {
    differs crun "it leaves the ambient set alone"
    running '.process.capabilities.inheritable = ["CAP_KILL"]'
    ex_ok --cap CAP_SYS_TIME --cap CAP_KILL -- caps
    assert_line inheritable=20
    refute_contains "$(value ambient)" 2000
}

test_unknown_capability() {
    running
    ex_ok --cap CAP_NONSENSE -- true
    [ "$KIND" != apus ] || assert_contains "$ERR" "unknown capability CAP_NONSENSE is ignored"
}

test_no_new_privs() {
    running '.process.noNewPrivileges = false'
    ex_ok -- caps
    assert_line nnp=0
    ex_ok --no-new-privs -- caps
    assert_line nnp=1
}

test_limits_and_scores() {
    differs crun,runc "limits of the container or its umask are not those of exec"
    running '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 55, hard: 66}]' \
        '.process.oomScoreAdj = 321' '.process.user.umask = 63'
    ex_ok -- rlimits , cat /proc/self/oom_score_adj , id
    assert_contains "$OUT" 55:66
    assert_line 321 umask=0077
}

test_processors() {
    differs crun,runc "Debian's versions do not know execCPUAffinity"
    [ "$(nproc)" -gt 1 ] || skip "needs two processors"
    running '.process.execCPUAffinity = {initial: "0", final: "1"}'
    ex_ok -- sched
    assert_contains "$OUT" "cpus=1"
    # The runtime itself goes on where it was.
    ex_ok -- status Cpus_allowed_list
    assert_contains "$OUT" 1
}

test_process_file() {
    own_stdin
    running '.process.env = ["CONFIG=1"]'
    process_file '.args = ["/payload", "env", ",", "id", ",", "cwd", ",", "caps"]' \
        '.user = {uid: 12, gid: 34, additionalGids: [56]}' '.env = ["ONLY=1", "HOME=/x"]' \
        '.cwd = "/proc"' '.noNewPrivileges = true' \
        '.capabilities = {bounding: ["CAP_CHOWN"], effective: [], permitted: []}'
    # The file wins over a command.
    ok rt exec --process "$T/process.json" "$ID" /payload exit 3
    assert_line ONLY=1 uid=12,12,12 gid=34,34,34 cwd=/proc bounding=1 effective=0 nnp=1
    refute_line CONFIG=1
}

test_process_file_without_capabilities_has_the_containers() {
    own_stdin
    running
    process_file '.args = ["/payload", "caps"]'
    ok rt exec --process "$T/process.json" "$ID"
    assert_line bounding=420 effective=420
}

test_process_file_that_is_bad() {
    strict crun "it crashes, or takes it"
    running
    local text
    for text in '{' '[]' '{}' '{"cwd": "/"}' '{"cwd": "/", "args": []}' '{"cwd": 1, "args": ["x"]}' \
        '{"cwd": "there", "args": ["/payload"]}'; do
        echo "$text" >"$T/process.json"
        fails rt exec --process "$T/process.json" "$ID"
    done
    fails rt exec --process "$T/missing.json" "$ID"
}

test_config_is_the_accepted_one() {
    running '.process.env = ["FROM=accepted"]'
    jq '.process.env = ["FROM=edited"]' "$BUNDLE/config.json" >"$T/edited"
    cp "$T/edited" "$BUNDLE/config.json"
    differs runc "it reads the bundle again"
    ex_ok -- env
    assert_line FROM=accepted
}

test_filter_is_the_containers() {
    differs crun "it wants CAP_SYS_ADMIN for that"
    local flag
    for flag in true false; do
        bundle ".process.noNewPrivileges = $flag" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{names: ["mknod", "mknodat"], action: "SCMP_ACT_ERRNO", errnoRet: 111}]}'
        payload pause
        launch
        wait_output ready
        ex -- mknod /made p
        assert_contains "$OUT" ECONNREFUSED
        ex_ok -- status Seccomp
        assert_match "$OUT" 'Seccomp:?.*2'
        ok rt delete --force "$ID"
    done
}

# --- How it ends ------------------------------------------------------------------------------

test_exit_status() {
    running
    ex -- exit 42
    assert_equal "$STATUS" 42 status
    ex -- kill-self TERM
    assert_equal "$STATUS" 143 status
    ex -- false
    assert_equal "$STATUS" 1 status
}

test_program_is_found_by_the_containers_path() {
    running '.process.env = ["PATH=/nowhere:/"]'
    capture rt exec "$ID" payload echo found
    assert_equal "$STATUS" 0 "status ($ERR)"
    assert_line found
}

test_created_container() {
    differs crun "it refuses that"
    bundle
    payload pause
    create_ok
    ex_ok -- echo early
    assert_line early
}

test_delete_does_not_wait_for_a_waiting_exec() {
    requires runtime=apus
    running
    ok rt pause "$ID"
    background rt exec --ignore-paused "$ID" /payload pause
    sleep 0.3
    ok rt delete --force "$ID"
    finish_job "$JOB"
    assert_different "$STATUS" 0 "status of the waiting exec"
    assert_clean
}

test_signals_are_forwarded() {
    running
    background rt exec "$ID" /payload trap USR1 9
    eventually grep -q ready "$JOB_OUT"
    kill -USR1 "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" 9 status
}

test_detached_with_pid_file() {
    running
    ok rt exec --detach --pid-file "$T/pid" "$ID" /payload pause
    local pid
    pid=$(cat "$T/pid")
    assert_equal "$(readlink "/proc/$pid/exe")" /payload program
    assert_equal "$(readlink "/proc/$pid/ns/pid")" "$(readlink "/proc/$(state .pid)/ns/pid")" namespace
    grep -q "memory:/$ID" "/proc/$pid/cgroup" || grep -q "0::/$ID" "/proc/$pid/cgroup" ||
        fail "not in the cgroup"
}

test_processes_end_with_the_container() {
    running
    ok rt exec --detach --pid-file "$T/pid" "$ID" /payload pause
    ok rt delete --force "$ID"
    assert_clean
}

test_pidfd_socket() {
    requires runtime=apus
    running
    background "$PAYLOAD" descriptor "$T/socket"
    eventually grep -q listening "$JOB_OUT"
    ok rt exec --detach --pid-file "$T/pid" --pidfd-socket "$T/socket" "$ID" /payload pause
    finish_job "$JOB"
    OUT=$(cat "$JOB_OUT")
    assert_line name=setns fds=1 "pid=$(cat "$T/pid")"
}

# --- Terminal and descriptors -----------------------------------------------------------------

test_terminal() {
    differs crun "the terminal has no size at first"
    running
    capture "$PAYLOAD" pty 33x77 - "$RUNTIME" --root "$STATE" exec --tty "$ID" /payload echo ready , tty
    OUT=${OUT//$'\r'/}
    assert_equal "$STATUS" 0 status
    assert_line isatty=111 controlling=yes foreground=1 rows=33 cols=77
    assert_match "$(value tty)" '^/dev/pts/'
}

test_terminal_by_the_console_socket() {
    running
    background "$PAYLOAD" console "$T/socket" "$T/screen"
    local listener=$JOB_OUT
    eventually grep -q listening "$listener"
    ok rt exec --tty --detach --console-socket "$T/socket" "$ID" /payload tty , echo end
    eventually grep -q end "$T/screen"
    OUT=$(tr -d '\r' <"$T/screen")
    assert_line isatty=111 controlling=yes
    OUT=$(cat "$listener")
    assert_line fds=1 master=1
}

test_no_terminal_unless_asked_for() {
    bundle '.process.terminal = true'
    payload pause
    background "$PAYLOAD" console "$T/socket" "$T/screen"
    eventually grep -q listening "$JOB_OUT"
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    ex_ok -- tty
    refute_line isatty=111
}

test_terminal_options_that_make_no_sense() {
    requires peer-not=crun
    running
    ex --tty --detach -- true
    assert_different "$STATUS" 0 status
    assert_contains "$ERR" "cannot allocate tty if"
    ex --detach --console-socket "$T/socket" -- true
    assert_different "$STATUS" 0 status
    assert_contains "$ERR" "cannot use console socket if"
}

test_only_the_standard_three() {
    running
    ex_ok -- fds
    assert_equal "$(cut -d ' ' -f 1 <<<"$OUT" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " descriptors
}

test_descriptors_of_the_caller_stay_out() {
    running
    exec 5</etc 7<"$BUNDLE/config.json" 30</
    ex_ok -- fds
    exec 5<&- 7<&- 30<&-
    assert_equal "$(cut -d ' ' -f 1 <<<"$OUT" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " descriptors
}

test_preserve_fds() {
    running
    echo three >"$T/three"
    exec 3<"$T/three" 5</etc
    ex_ok --preserve-fds 1 -- fds , readfd 3
    exec 3<&- 5<&-
    assert_line "fd=3 type=file" three
    refute_contains "$OUT" fd=5
}

test_listen_fds() {
    differs crun,runc "the program is not told"
    running
    echo three >"$T/three"
    exec 3<"$T/three"
    capture activated 1 exec "$ID" /payload env , readfd 3
    exec 3<&-
    assert_equal "$STATUS" 0 "status of exec ($ERR)"
    assert_line LISTEN_FDS=1 three
}

# --- Attacks ----------------------------------------------------------------------------------

test_cwd_in_a_descriptor() {
    running
    local number
    for number in {3..12} 50; do
        ex --cwd "/proc/self/fd/$number" -- stat .
        assert_different "$STATUS" 0 "status of cwd fd $number"
    done
    ex --cwd "/proc/self/fd/$number/../../.." -- stat .
    assert_different "$STATUS" 0 "status of cwd above fd $number"
}

test_runtime_cannot_be_overwritten() {
    local before
    before=$(sha256sum "$RUNTIME")
    bundle
    capabilities CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_SYS_ADMIN
    payload exe-attack 2
    launch
    local round
    for round in {1..15}; do
        ex -- true
    done
    wait_state stopped
    assert_equal "$(sha256sum "$RUNTIME")" "$before" "program ($round rounds)"
    [ "$round" -eq 15 ] || fail "only $round rounds"
    OUT=$(cat "$T/container.out")
    assert_line hits=0
}

test_descriptors_of_the_runtime_are_out_of_reach() {
    requires user-namespaces
    bundle
    user_namespace
    capabilities CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
    payload fd-attack 2
    launch
    local round
    for round in {1..15}; do
        ex -- true
    done
    wait_state stopped
    OUT=$(cat "$T/container.out")
    assert_line denied=some hits=0
    [ "$round" -eq 15 ] || fail "only $round rounds"
}
