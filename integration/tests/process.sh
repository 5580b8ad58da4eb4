# The process that the container runs: program and arguments, environment, folder, user, groups and
# umask, capabilities, limits, the bits and numbers that the kernel keeps for it.
# shellcheck shell=bash

KILL=$((1 << 5)) NET_BIND=$((1 << 10)) CHOWN=1 SETUID=$((1 << 7))

hex() {
    printf '%x' "$1"
}

# --- Program ----------------------------------------------------------------------------------

test_arguments_arrive_as_they_are() {
    bundle
    payload echo 'a b' '$HOME' '*' 'quote"s' 'back\slash' 'ü' ''
    run_ok
    assert_line 'a b $HOME * quote"s back\slash ü '
}

test_program_is_found_in_the_path_of_the_container() {
    bundle '.process.env = ["PATH=/nowhere:/tools"]'
    mkdir "$ROOTFS/tools"
    cp "$PAYLOAD" "$ROOTFS/tools/tool"
    edit '.process.args = ["tool", "echo", "found"]'
    run_ok
    assert_line found
}

test_program_is_not_found_in_the_path_of_the_host() {
    bundle '.process.env = ["PATH=/nowhere"]'
    edit '.process.args = ["ls"]'
    create_fails
    assert_match "$ERR" 'executable file .*not found in \$PATH'
}

test_program_in_the_first_folder_that_has_one() {
    bundle '.process.env = ["PATH=/one:/two"]'
    mkdir "$ROOTFS/one" "$ROOTFS/two"
    # The first one cannot be executed, so the second is taken.
    touch "$ROOTFS/one/tool"
    chmod 644 "$ROOTFS/one/tool"
    cp "$PAYLOAD" "$ROOTFS/two/tool"
    edit '.process.args = ["tool", "echo", "second"]'
    run_ok
    assert_line second
}

test_program_with_a_slash_is_relative_to_cwd() {
    bundle '.process.cwd = "/tools"'
    mkdir "$ROOTFS/tools"
    cp "$PAYLOAD" "$ROOTFS/tools/tool"
    edit '.process.args = ["./tool", "echo", "relative"]'
    run_ok
    assert_line relative
}

test_argument_zero_is_kept() {
    bundle '.process.env = ["PATH=/tools"]'
    mkdir "$ROOTFS/tools"
    cp "$PAYLOAD" "$ROOTFS/tools/tool"
    edit '.process.args = ["tool", "cat", "/proc/self/cmdline"]'
    run_ok
    assert_equal "$OUT" toolcat/proc/self/cmdline "command line"
}

test_missing_program() {
    bundle
    edit '.process.args = ["/missing"]'
    create_fails
    assert_match "$ERR" '[Nn]o such file or directory'
    run_fails
    case $KIND in
    runc) assert_match "$STATUS" '^(1|127)$' ;;
    *) assert_equal "$STATUS" 1 status ;;
    esac
}

test_no_arguments() {
    strict crun "an error of start only"
    bundle 'del(.process.args)'
    create_fails
    edit '.process.args = []'
    create_fails
    edit '.process.args = [""]'
    create_fails
}

test_script_without_an_interpreter() {
    bundle
    printf '#!/missing\n' >"$ROOTFS/script"
    chmod 755 "$ROOTFS/script"
    edit '.process.args = ["/script"]'
    configure
    # The program exists and may be executed: execve fails, in create or in start.
    capture rt run --bundle "$BUNDLE" "$ID"
    [ "$STATUS" -ne 0 ] || fail "status 0"
    assert_clean
}

test_no_process_at_all() {
    strict crun,runc "a container that can never start is refused"
    bundle 'del(.process)'
    create_fails
}

# --- Environment ------------------------------------------------------------------------------

test_environment_in_order() {
    bundle '.process.env = ["PATH=/", "B=2", "A=1", "EMPTY=", "EQUALS=a=b", "HOME=/home"]'
    payload env
    run_ok
    assert_equal "$OUT" $'PATH=/\nB=2\nA=1\nEMPTY=\nEQUALS=a=b\nHOME=/home' environment
}

test_environment_of_the_host_stays_out() {
    bundle
    payload env
    export APUS_TEST_SECRET=1 NOTIFY_SOCKET=/none _OCI_SYNCPIPE=3
    run_ok
    refute_contains "$OUT" APUS_TEST_SECRET
    refute_contains "$OUT" _OCI_SYNCPIPE
    refute_contains "$OUT" LIBCONTAINER
}

test_home_from_the_containers_passwd() {
    bundle '.process.user = {uid: 1234, gid: 0}'
    mkdir "$ROOTFS/etc"
    printf 'root:x:0:0::/root:/bin/sh\nu:x:1234:0::/home/u:/bin/sh\n' >"$ROOTFS/etc/passwd"
    payload env
    run_ok
    assert_line HOME=/home/u
}

test_home_without_a_passwd() {
    bundle
    payload env
    run_ok
    assert_match "$(value HOME)" '^/(root)?$'
}

test_home_that_is_given_is_kept() {
    bundle '.process.env += ["HOME=/given"]'
    mkdir "$ROOTFS/etc"
    printf 'root:x:0:0::/root:/bin/sh\n' >"$ROOTFS/etc/passwd"
    payload env
    run_ok
    assert_line HOME=/given
    assert_equal "$(grep -c '^HOME=' <<<"$OUT")" 1 "number of HOME"
}

test_no_environment() {
    bundle 'del(.process.env)'
    payload echo fine
    run_ok
    assert_line fine
}

test_malformed_environment() {
    strict crun,runc "an entry without a name is passed on"
    bundle '.process.env += ["=value"]'
    create_fails
}

# --- Folder -----------------------------------------------------------------------------------

test_cwd() {
    bundle '.process.cwd = "/data/deep"'
    mkdir -p "$ROOTFS/data/deep"
    payload cwd
    run_ok
    assert_line cwd=/data/deep
}

test_missing_cwd_is_made() {
    bundle '.process.cwd = "/new/folder"'
    payload cwd , stat /new/folder
    run_ok
    assert_line cwd=/new/folder
    assert_contains "$OUT" "/new/folder type=dir mode=0755 uid=0 gid=0"
}

test_relative_cwd() {
    strict crun "it is taken from the root"
    bundle '.process.cwd = "data"'
    create_fails
}

test_absent_cwd() {
    strict crun "it starts in the root"
    bundle 'del(.process.cwd)'
    create_fails
}

test_cwd_on_a_mount() {
    bundle '.process.cwd = "/t"'
    mount_entry /t tmpfs tmpfs
    payload cwd , write file text , stat /t/file
    run_ok
    assert_contains "$OUT" "/t/file type=file"
}

test_cwd_that_the_user_may_enter_only() {
    bundle '.process.cwd = "/private" | .process.user = {uid: 1000, gid: 1000}'
    mkdir -m 700 "$ROOTFS/private"
    chown 1000:1000 "$ROOTFS/private"
    payload cwd
    run_ok
    assert_line cwd=/private
}

# Engines make working directories as root; all runtimes of the field enter them for the user.
test_cwd_that_only_root_may_enter() {
    bundle '.process.cwd = "/private" | .process.user = {uid: 1000, gid: 1000}'
    mkdir -m 700 "$ROOTFS/private"
    payload cwd
    run_ok
    assert_line cwd=/private
}

# --- User -------------------------------------------------------------------------------------

test_user() {
    bundle '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6, 70000], umask: 23}'
    payload id
    run_ok
    assert_line uid=1000,1000,1000 gid=1001,1001,1001 umask=0027
    local groups
    groups=$(value groups)
    local gid
    for gid in 5 6 70000; do
        assert_contains ",$groups," ",$gid,"
    done
}

test_no_additional_groups() {
    bundle '.process.user = {uid: 1000, gid: 1001}'
    payload id
    run_ok
    assert_match "$(value groups)" '^(1001)?$'
}

test_default_umask() {
    bundle
    payload id
    umask 077
    run_ok
    assert_line umask=0022
}

test_strict_umask() {
    requires runtime=apus
    bundle
    payload id
    umask 027
    run_ok --strict
    assert_line umask=0027
}

test_umask_zero() {
    bundle '.process.user.umask = 0'
    payload id , write /new text , stat /new
    run_ok
    assert_line umask=0000
}

test_users_that_are_no_ids() {
    local user
    for user in '{uid: -1, gid: 0}' '{uid: 0, gid: -1}' '{uid: 4294967295, gid: 0}' \
        '{uid: 0, gid: 4294967295}' '{uid: 4294967296, gid: 0}' '{uid: 1.5, gid: 0}' \
        '{uid: "0", gid: 0}' '{uid: 0, gid: 0, additionalGids: [4294967295]}'; do
        strict crun,runc "some of them wrap around or are taken for absent"
        bundle ".process.user = $user"
        create_fails
    done
}

test_largest_id() {
    differs runc "its ids end at 2^31 - 1"
    bundle '.process.user = {uid: 4294967294, gid: 4294967294}'
    payload id
    run_ok
    assert_line uid=4294967294,4294967294,4294967294
}

test_umask_out_of_range() {
    strict crun,runc "the kernel cuts it"
    bundle '.process.user.umask = 4096'
    create_fails
}

# --- Capabilities -----------------------------------------------------------------------------

test_capability_sets() {
    bundle '.process.capabilities = {
        bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_BIND_SERVICE"],
        permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
        effective: ["CAP_KILL"], inheritable: ["CAP_CHOWN", "CAP_KILL"], ambient: ["CAP_KILL"]}
        | .process.user = {uid: 1000, gid: 1000}'
    payload caps
    run_ok
    # After execve of a plain file by a user who is not root the permitted set is the ambient one.
    assert_line bounding="$(hex $((CHOWN | KILL | SETUID | NET_BIND)))" \
        permitted="$(hex $KILL)" effective="$(hex $KILL)" inheritable="$(hex $((CHOWN | KILL)))" \
        ambient="$(hex $KILL)"
}

# Engines ask for ambient capabilities that are not inheritable: the others are granted, a log says
# which are not, and standard error stays the program's.
test_ambient_capabilities_that_cannot_be_granted() {
    bundle '.process.capabilities = {
        bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
        effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_CHOWN", "CAP_KILL"]}
        | .process.user = {uid: 1000, gid: 1000}'
    payload caps
    run_ok
    assert_line inheritable="$(hex $KILL)"
    assert_equal "$ERR" "" "standard error"
    [ "$KIND" = apus ] || return 0
    assert_line ambient="$(hex $KILL)" permitted="$(hex $KILL)"
    ok rt --log "$T/log" --log-level warning run --bundle "$BUNDLE" "$ID"
    assert_contains "$(cat "$T/log")" \
        "process/capabilities/ambient: 0x1 cannot be granted: not permitted and inheritable"
}

test_capabilities_of_root() {
    bundle
    payload caps
    run_ok
    assert_line bounding="$(hex $((KILL | NET_BIND)))" permitted="$(hex $((KILL | NET_BIND)))" \
        effective="$(hex $((KILL | NET_BIND)))" inheritable=0 ambient=0
}

test_a_user_has_none_without_ambient_ones() {
    bundle '.process.user = {uid: 1000, gid: 1000}'
    payload caps
    run_ok
    assert_line bounding="$(hex $((KILL | NET_BIND)))" permitted=0 effective=0 ambient=0
}

test_no_capabilities() {
    bundle '.process.capabilities = {bounding: [], effective: [], permitted: []}'
    payload caps
    run_ok
    assert_line bounding=0 permitted=0 effective=0 inheritable=0 ambient=0
}

test_absent_capabilities() {
    differs runc "1.1 keeps those of the host"
    bundle 'del(.process.capabilities)'
    payload caps
    run_ok
    assert_line bounding=0 permitted=0 effective=0 inheritable=0 ambient=0
}

test_unknown_capability_is_a_warning() {
    bundle '.process.capabilities.bounding += ["CAP_WEATHER"]'
    payload caps
    run_ok
    assert_line bounding="$(hex $((KILL | NET_BIND)))"
}

test_capability_that_the_host_lacks() {
    ! has_capability 24 || skip "this host has every capability"
    strict runc,crun "what cannot be given is an error, for the bounding set too"
    bundle
    capabilities CAP_KILL CAP_SYS_RESOURCE
    create_fails
}

test_capabilities_work() {
    bundle
    capabilities CAP_SYS_ADMIN
    mkdir "$ROOTFS/x"
    payload mount none /x tmpfs
    run_ok
    capabilities CAP_KILL
    run_status 1
    assert_line mount=EPERM
}

# --- Limits -----------------------------------------------------------------------------------

test_rlimits() {
    bundle '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
        {type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_NPROC", soft: 300, hard: 400},
        {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152},
        {type: "RLIMIT_CPU", soft: 1000, hard: 1000},
        {type: "RLIMIT_FSIZE", soft: 1048576, hard: 2097152},
        {type: "RLIMIT_AS", soft: 1073741824, hard: 1073741824},
        {type: "RLIMIT_DATA", soft: 1073741824, hard: 1073741824},
        {type: "RLIMIT_RSS", soft: 7, hard: 8}, {type: "RLIMIT_MEMLOCK", soft: 4096, hard: 8192},
        {type: "RLIMIT_LOCKS", soft: 9, hard: 10}, {type: "RLIMIT_SIGPENDING", soft: 11, hard: 12},
        {type: "RLIMIT_MSGQUEUE", soft: 13, hard: 14}, {type: "RLIMIT_NICE", soft: 0, hard: 0},
        {type: "RLIMIT_RTPRIO", soft: 0, hard: 0},
        {type: "RLIMIT_RTTIME", soft: 1000000, hard: 2000000}]'
    payload rlimits , exit 0
    run_ok
    assert_line RLIMIT_NOFILE=100:200 RLIMIT_CORE=0:0 RLIMIT_NPROC=300:400 \
        RLIMIT_STACK=1048576:2097152 RLIMIT_CPU=1000:1000 RLIMIT_FSIZE=1048576:2097152 \
        RLIMIT_AS=1073741824:1073741824 RLIMIT_DATA=1073741824:1073741824 RLIMIT_RSS=7:8 \
        RLIMIT_MEMLOCK=4096:8192 RLIMIT_LOCKS=9:10 RLIMIT_SIGPENDING=11:12 \
        RLIMIT_MSGQUEUE=13:14 RLIMIT_NICE=0:0 RLIMIT_RTPRIO=0:0 RLIMIT_RTTIME=1000000:2000000
}

test_limits_of_the_host_are_inherited() {
    differs runc "it raises its own limit of files"
    bundle
    payload rlimits
    ulimit -S -n 333
    ulimit -S -c 0
    run_ok
    assert_match "$(value RLIMIT_NOFILE)" '^333:'
}

test_infinite_rlimit() {
    bundle '.process.rlimits = [{type: "RLIMIT_CORE", soft: 18446744073709551615,
        hard: 18446744073709551615}]'
    # jq rounds such numbers, so the text is put in by hand.
    configure
    sed -i 's/1844674407370955[0-9]*/18446744073709551615/' "$BUNDLE/config.json"
    payload() { sed -i "s|\"true\"|\"rlimits\"|" "$BUNDLE/config.json"; }
    payload
    run_ok
    assert_match "$(value RLIMIT_CORE)" ':-1$'
}

test_rlimit_twice() {
    bundle '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0},
        {type: "RLIMIT_CORE", soft: 1, hard: 1}]'
    create_fails
}

test_rlimit_that_may_not_be_raised() {
    ! has_capability 24 || skip "this host may raise limits"
    bundle '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 1000000}]'
    create_fails
}

# --- What the kernel keeps for the process ----------------------------------------------------

test_no_new_privileges() {
    bundle '.process.noNewPrivileges = true'
    payload caps
    run_ok
    assert_line nnp=1
    edit '.process.noNewPrivileges = false'
    run_ok
    assert_line nnp=0
    edit 'del(.process.noNewPrivileges)'
    run_ok
    assert_line nnp=0
}

test_oom_score() {
    bundle '.process.oomScoreAdj = 321'
    payload cat /proc/self/oom_score_adj
    run_ok
    assert_line 321
}

test_absent_oom_score_is_the_callers() {
    bundle
    payload cat /proc/self/oom_score_adj
    echo 17 >/proc/self/oom_score_adj
    run_ok
    assert_line 17
}

test_oom_score_out_of_range() {
    bundle '.process.oomScoreAdj = 1001'
    create_fails
}

test_session_keyring() {
    differs crun "the name lacks the prefix"
    bundle
    payload keyring
    run_ok
    assert_contains "$(value keyring)" "_ses.$ID"
}

test_no_new_keyring() {
    bundle
    payload keyring
    run_ok --no-new-keyring
    refute_contains "$OUT" "_ses.$ID"
}

test_signals_are_as_a_program_expects_them() {
    bundle
    payload status SigBlk SigIgn ShdPnd
    run_ok
    assert_line $'SigBlk:\t0000000000000000' $'ShdPnd:\t0000000000000000'
}

test_ignored_signals_of_the_caller() {
    differs runc "what its caller ignores stays ignored"
    differs crun "what its caller ignores stays ignored"
    bundle
    payload status SigIgn
    trap '' USR1 PIPE
    run_ok
    assert_line $'SigIgn:\t0000000000000000'
}

test_one_thread_and_no_tracer() {
    bundle
    payload status Threads TracerPid Seccomp
    run_ok
    assert_line $'Threads:\t1' $'TracerPid:\t0' $'Seccomp:\t0'
}

test_group_and_session_of_its_own() {
    bundle
    payload pids
    configure
    rt create --bundle "$BUNDLE" "$ID" >"$T/container.out" </dev/null
    ok rt start "$ID"
    wait_output sid=
    OUT=$(cat "$T/container.out")
    assert_line pid=1 pgid=1 sid=1
}

test_no_parent_death_signal() {
    bundle
    payload pause
    launch
    sleep 0.1
    assert_state running
}

test_dumpable_after_exec() {
    bundle '.process.user = {uid: 1000, gid: 1000}'
    payload pause
    launch
    wait_output ready
    # A process that is not dumpable has root's entries below /proc whoever it belongs to.
    assert_equal "$(stat -c %u "/proc/$(state .pid)/fd")" 1000 "owner of the descriptors"
}
