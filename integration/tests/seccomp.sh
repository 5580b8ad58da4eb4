# The system call filter: what the actions, conditions, architectures and flags do to a program,
# when the filter is loaded, who answers notifications, and the cache of compiled filters.
# shellcheck shell=bash

# filter JSON...: the profile, with `rules` of the helpers below; what is not listed is allowed.
filter() {
    edit ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: []}" "$@"
}

# on NAME ACTION [JSON MEMBERS]: appends a rule.
on() {
    edit ".linux.seccomp.syscalls += [{names: [\"$1\"], action: \"SCMP_ACT_$2\"${3:+, $3}}]"
}

# allow_only NAME...: everything else gets the action.
allow_only() {
    local action=$1
    shift
    edit ".linux.seccomp = {defaultAction: \"SCMP_ACT_$action\", syscalls: [
        {names: $(json_strings "$@"), action: \"SCMP_ACT_ALLOW\"}]}"
}

# What a static program needs to print a line.
NEEDED=(brk arch_prctl set_tid_address set_robust_list rseq prlimit64 readlink readlinkat getrandom
    mprotect mmap munmap fstat newfstatat ioctl write exit_group exit)
# What peers need between filter and program, beyond execve.
PEERS=(read close openat openat2 fcntl futex rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack
    nanosleep clock_nanosleep sched_yield epoll_ctl epoll_pwait getpid tgkill gettid getppid
    madvise umask prctl capget capset setuid setgid setgroups setresuid setresgid chdir fchdir
    getcwd close_range fstatfs dup3 lseek waitid wait4 sendmsg recvfrom recvmsg sendto clone clone3
    fchown stat lstat access faccessat2 getdents64 getuid geteuid getgid getegid pipe2 exit
    epoll_create1 newfstatat readlinkat eventfd2 restart_syscall setsid fchmod)

# --- Actions ----------------------------------------------------------------------------------

test_filter_is_there() {
    bundle
    filter
    on getpgrp ERRNO
    payload status Seccomp
    run_ok
    assert_line $'Seccomp:\t2'
}

test_no_filter_without_a_profile() {
    bundle
    payload status Seccomp
    run_ok
    assert_line $'Seccomp:\t0'
}

test_errno() {
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    on uname ERRNO
    on getuid ERRNO 'errnoRet: 0'
    payload call getpgrp , call uname , call getuid , call getgid
    edit '.process.user.uid = 7'
    run_status 1
    assert_line getpgrp=EBADFD uname=EPERM getuid=0
}

test_default_errno() {
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    payload call uname
    run_status 1
    assert_line uname=EPERM
    edit '.linux.seccomp.defaultErrnoRet = 61'
    run_status 1
    assert_line uname=ENODATA
}

test_kill_ends_the_container() {
    bundle
    filter
    on sync KILL
    payload echo before , call sync , echo after
    run_status 159
    assert_line before
    refute_line after
}

test_kill_process() {
    bundle
    filter
    on sync KILL_PROCESS
    payload child-call sync , thread-call sync
    run_ok
    assert_line child=SIGSYS
    refute_line threads=1
}

test_kill_thread() {
    local action
    for action in KILL KILL_THREAD; do
        rm -rf "$T/bundle"
        bundle
        filter
        on sync $action
        payload thread-call sync
        run_ok
        assert_line threads=1 child=0
    done
}

test_trap() {
    bundle
    filter
    on sync TRAP
    payload child-call sync , trap-call sync
    run_ok
    assert_line trap=sync child=SIGSYS
}

test_trace() {
    bundle
    filter
    on sync TRACE 'errnoRet: 4711'
    # Without a tracer there is no such call.
    payload trace-call sync , call sync
    run_status 1
    assert_line message=4711 sync=ENOSYS
}

test_log() {
    requires file=/dev/kmsg
    bundle
    filter
    on getpgrp LOG
    payload call getpgrp
    run_ok
    assert_line getpgrp=0
}

test_default_log() {
    bundle '.linux.seccomp = {defaultAction: "SCMP_ACT_LOG", syscalls: [
        {names: ["getpgrp"], action: "SCMP_ACT_ERRNO"}]}'
    payload call getpgrp , call uname 1
    run_status 1
    assert_line getpgrp=EPERM uname=EFAULT
}

test_action_that_repeats_the_default() {
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    on syslog ERRNO 'errnoRet: 1'
    on uname ERRNO 'errnoRet: 22'
    payload call syslog , call uname
    run_status 1
    assert_line syslog=EPERM uname=EINVAL
}

# --- Conditions -------------------------------------------------------------------------------

# condition INDEX OPERATOR VALUE [VALUE]: a condition in JSON.
condition() {
    printf '{index: %s, op: "SCMP_CMP_%s", value: %s%s}' "$1" "$2" "$3" "${4:+, valueTwo: $4}"
}

# assert_refused OPERATOR VALUES... : for which of the arguments 4, 5 and 6 the call is refused.
assert_refused() {
    local operator=$1 value argument
    shift
    rm -rf "$T/bundle"
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 "$operator" 5)]"
    payload call getpgrp 4 , call getpgrp 5 , call getpgrp 6
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    value=$(tr '\n' ' ' <<<"$OUT")
    local expected=
    for argument in 4 5 6; do
        if [[ " $* " == *" $argument "* ]]; then
            expected+='getpgrp=EBADFD '
        else
            expected+='getpgrp=0 '
        fi
    done
    assert_equal "$value" "$expected" "$operator"
}

test_operators() {
    assert_refused NE 4 6
    assert_refused LT 4
    assert_refused LE 4 5
    assert_refused EQ 5
    assert_refused GE 5 6
    assert_refused GT 6
}

test_masked_equal() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 MASKED_EQ 240 80)]"
    payload call getpgrp 0x5f , call getpgrp 0x150 , call getpgrp 0x60
    run_status 1
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=EBADFD\ngetpgrp=0'
}

test_values_of_64_bits() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 5 EQ 4294967301)]"
    on getuid ERRNO "errnoRet: 78, args: [$(condition 0 EQ 4711)]"
    payload call getpgrp 0 0 0 0 0 5 , call getpgrp 0 0 0 0 0 0x100000005 ,
    edit '.process.args += ["call", "getuid", "0xffffffffffffffff"]'
    configure
    # jq would round it.
    sed -i 's/"value": 4711/"value": 18446744073709551615/' "$BUNDLE/config.json"
    run_status 1
    assert_equal "$OUT" $'getpgrp=0\ngetpgrp=EBADFD\ngetuid=EREMCHG'
}

test_all_conditions_of_a_rule_must_hold() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 EQ 1), $(condition 1 EQ 2)]"
    payload call getpgrp 1 2 , call getpgrp 1 3 , call getpgrp 2 2
    run_status 1
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=0\ngetpgrp=0'
}

test_conditions_on_one_argument_are_alternatives() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 EQ 1), $(condition 0 EQ 3)]"
    payload call getpgrp 1 , call getpgrp 2 , call getpgrp 3
    run_status 1
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=0\ngetpgrp=EBADFD'
}

# --- Names and numbers ------------------------------------------------------------------------

test_unknown_names_are_skipped() {
    bundle
    filter
    on no_such_call ERRNO
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_unknown_names_are_told_with_debug() {
    requires runtime=apus
    bundle
    filter
    on no_such_call ERRNO
    configure
    ok rt --debug run --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "unknown system call no_such_call is ignored"
    rm -rf "$STATE/.seccomp@cache"
    ok rt run --bundle "$BUNDLE" "$ID"
    assert_equal "$ERR" ""
}

# native: the architecture of the machine, which runc 1.1 does not see when it is not listed.
native() {
    case $(uname -m) in
    x86_64) edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]' ;;
    aarch64) edit '.linux.seccomp.architectures = ["SCMP_ARCH_AARCH64"]' ;;
    *) skip "needs another list of architectures" ;;
    esac
}

test_calls_of_the_future_do_not_exist() {
    differs crun "it has no such rule"
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    native
    # kexec_load is below openat2, the highest here, and 1000 above.
    payload call kexec_load , call 1000
    run_status 1
    assert_line kexec_load=EPERM 1000=ENOSYS
}

test_calls_of_the_future_when_the_default_kills() {
    differs crun "it has no such rule"
    bundle
    allow_only KILL_PROCESS "${NEEDED[@]}" "${PEERS[@]}" execve
    native
    # memfd_secret exists and is above everything that the profile names.
    payload call 447 , call kexec_load
    run_status 159
    assert_line 447=ENOSYS
}

test_calls_of_the_future_when_the_default_allows() {
    bundle
    filter
    on getpgrp ERRNO
    payload call uname 1
    run_status 1
    assert_line uname=EFAULT
}

test_calls_of_the_future_have_the_errno_of_the_profile() {
    # With ENOSYS as the default there is nothing to hide.
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    edit '.linux.seccomp.defaultErrnoRet = 38'
    payload call kexec_load , call 1000
    run_status 1
    assert_line kexec_load=ENOSYS 1000=ENOSYS
}

# --- Architectures ----------------------------------------------------------------------------

intel() {
    [ "$(uname -m)" = x86_64 ] || skip "needs an Intel machine"
    [ "$("$PAYLOAD" call32 20)" = call32=ok ] || skip "needs the 32-bit entrance"
}

test_calls_of_another_architecture_are_killed() {
    intel
    bundle
    filter
    on getpgrp ERRNO
    payload call32 20
    run_ok
    assert_line call32=SIGSYS
}

test_architectures() {
    intel
    bundle
    filter '.linux.seccomp.architectures = ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]'
    on getpgrp ERRNO 'errnoRet: 77'
    # 65 is getpgrp there, 20 getpid.
    payload call32 20 , call32 65 , call getpgrp
    run_status 1
    assert_line call32=ok call32=EBADFD getpgrp=EBADFD
}

test_calls_of_the_future_by_architecture() {
    differs crun "it has no such rule"
    intel
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86"]'
    # 26 is ptrace.
    payload call32 26 , call32 1000
    run_status 0
    assert_line call32=EPERM call32=ENOSYS
}

test_calls_of_the_future_of_the_native_architecture() {
    differs crun,runc "the first has no such rule, the second looks at the list only"
    bundle
    allow_only ERRNO "${NEEDED[@]}" "${PEERS[@]}" execve
    payload call kexec_load , call 1000
    run_status 1
    assert_line kexec_load=EPERM 1000=ENOSYS
}

test_foreign_architecture_of_our_byte_order() {
    bundle
    filter '.linux.seccomp.architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_PPC64LE"]'
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_foreign_architecture_of_the_other_byte_order() {
    [ "$(uname -m)" = x86_64 ] || skip "needs a little-endian machine"
    bundle
    filter '.linux.seccomp.architectures = ["SCMP_ARCH_S390X"]'
    create_fails
}

# --- Order ------------------------------------------------------------------------------------

# Everything below holds with and without no_new_privs, for root and for others.
each_way() {
    local privileges user
    for privileges in true false; do
        for user in 0 1000; do
            rm -rf "$T/bundle"
            bundle ".process.noNewPrivileges = $privileges | .process.user.uid = $user"
            "$1"
        done
    done
}

check_filter() {
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp , status Seccomp , caps
    run_status 1
    assert_line getpgrp=EBADFD $'Seccomp:\t2' bounding=420
}

test_every_way() {
    each_way check_filter
}

test_user_namespace() {
    requires user-namespaces
    local privileges
    for privileges in true false; do
        rm -rf "$T/bundle"
        bundle ".process.noNewPrivileges = $privileges | .process.user.uid = 5"
        user_namespace
        filter
        on getpgrp ERRNO 'errnoRet: 77'
        payload call getpgrp
        run_status 1
        assert_line getpgrp=EBADFD
    done
}

test_filter_need_not_allow_what_the_runtime_does() {
    differs runc,crun "they make calls of their own between filter and program"
    # With no_new_privs the filter comes last: execve is all that it must allow.
    bundle '.process.user.uid = 1000'
    allow_only KILL_PROCESS "${NEEDED[@]}" execve
    payload echo tight
    run_ok
    assert_line tight
    ok rt create --bundle "$BUNDLE" "$ID" >"$T/container.out"
    ok rt start "$ID"
    wait_state stopped
    ok rt delete "$ID"
    # The same whether operations are timed or not.
    if ! is_peer; then ok rt --debug run --bundle "$BUNDLE" "$ID"; fi
}

test_filter_that_refuses_the_program() {
    bundle
    filter
    on execve ERRNO 'errnoRet: 13'
    configure
    fails rt run --bundle "$BUNDLE" "$ID"
    assert_match "$ERR" '[Pp]ermission denied'
    assert_clean
}

test_hooks_are_not_filtered() {
    requires runtime=apus
    mkdir "$T/hooks"
    bundle
    mkdir "$ROOTFS/out"
    mount_entry /out bind "$T/hooks" bind
    filter
    on getcwd KILL_PROCESS
    edit '.hooks.startContainer = [{path: "/payload", args: ["payload", "hook", "/out", "start"]}]'
    payload true
    run_ok
    assert_contains "$(cat "$T/hooks/start.cwd")" cwd=
}

# --- The profile of the engines ---------------------------------------------------------------

default_profile() {
    local profile
    profile=$(jq -c .linux.seccomp "$TOP/spec-fixtures/config/good/seccomp-default.json")
    edit ".linux.seccomp = $profile"
}

check_default_profile() {
    default_profile
    payload call kexec_load , call personality 0xffffffff , call personality 1 ,
    edit '.process.args += ["call", "socket", "40", "1", "0", ",", "call", "socket", "1", "1", "0",
        ",", "call", "435", ",", "call", "clone", "0x10000000", ",", "call", "1000"]'
    run_status 1
    assert_line kexec_load=EPERM personality=0 personality=EPERM socket=EPERM socket=3 435=ENOSYS \
        clone=EPERM
    [ "$KIND" = crun ] || assert_line 1000=ENOSYS
}

test_default_profile() {
    each_way check_default_profile
}

# --- Notifications ----------------------------------------------------------------------------

# agent RULE...: starts the agent; its log is JOB_OUT and the message that it got $T/message.
agent() {
    background "$PAYLOAD" agent "$T/agent.sock" "$T/message" "$@"
    eventually grep -q ready "$JOB_OUT"
    edit ".linux.seccomp.listenerPath = \"$T/agent.sock\""
}

# notified LINE...: the agent has ended, and its log has these lines.
notified() {
    eventually grep -q done "$JOB_OUT"
    finish_job "$JOB"
    OUT=$(cat "$JOB_OUT")
    assert_line fds=1 "$@"
    # The connection is for one message (runtime-spec, "Seccomp"); peers leave its end to chance.
    is_peer || assert_line end=yes
}

check_notify() {
    rm -f "$T/agent.sock"
    filter
    on sync NOTIFY
    on getpgrp NOTIFY
    on uname NOTIFY
    agent getpgrp=4711 uname=-77
    payload call sync , call getpgrp , call uname 1
    run_status 1
    assert_line sync=0 getpgrp=4711 uname=EBADFD
    notified 'notified=sync 0 continue' 'notified=getpgrp 0 4711' 'notified=uname 1 -77'
}

test_notify() {
    each_way check_notify
}

test_notify_tells_the_state() {
    bundle '.annotations = {"org.example": "value"}'
    filter '.linux.seccomp.listenerMetadata = "meta \"data\""'
    on getpgrp NOTIFY
    agent getpgrp=1
    payload call getpgrp , trap TERM
    launch
    wait_output ready
    assert_equal "$(jq -r .fds[0] "$T/message")" seccompFd
    assert_equal "$(jq -r .metadata "$T/message")" 'meta "data"'
    assert_equal "$(jq -r .state.id "$T/message")" "$ID"
    assert_equal "$(jq -r .state.bundle "$T/message")" "$BUNDLE"
    assert_equal "$(jq -r .pid "$T/message")" "$(state .pid)"
    assert_equal "$(jq -r .state.pid "$T/message")" "$(state .pid)"
    if [ "$KIND" != crun ]; then
        assert_equal "$(jq -r .state.status "$T/message")" creating
        assert_equal "$(jq -r '.state.annotations["org.example"]' "$T/message")" value
        assert_match "$(jq -r .ociVersion "$T/message")" '^1\.'
    fi
    ok rt kill "$ID" TERM
    notified 'notified=getpgrp 0 1'
}

test_notify_every_call() {
    differs runc "it refuses this"
    # Also those by which the runtime hands over the listener, waits for start, and executes.
    bundle '.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY", syscalls: []}'
    agent getpgrp=4711
    payload call getpgrp
    run_ok
    assert_line getpgrp=4711
    notified 'notified=getpgrp 0 4711'
    assert_contains "$OUT" notified=execve
}

test_notify_the_calls_of_the_protocol() {
    differs runc "it refuses write"
    local privileges
    for privileges in true false; do
        rm -rf "$T/bundle" "$T/agent.sock"
        bundle ".process.noNewPrivileges = $privileges"
        filter
        on sendmsg NOTIFY
        on recvfrom NOTIFY
        on write NOTIFY
        on close NOTIFY
        agent
        payload echo reached
        launch
        wait_output reached
        notified
        wait_state stopped
        ok rt delete "$ID"
    done
}

test_notify_without_an_agent() {
    bundle
    filter ".linux.seccomp.listenerPath = \"$T/agent.sock\""
    on getpgrp NOTIFY
    create_fails
    run_fails
}

test_notify_without_a_path() {
    strict crun "it takes one from elsewhere, or does without"
    bundle
    filter
    on getpgrp NOTIFY
    create_fails
}

test_metadata_without_a_path() {
    strict crun,runc "they do not look at it"
    bundle
    filter '.linux.seccomp.listenerMetadata = "m"'
    on getpgrp ERRNO
    create_fails
    assert_contains "$ERR" listenerMetadata
}

test_path_without_notify() {
    differs crun "it connects whenever there is a path"
    # Nobody connects when nothing is to be answered.
    bundle
    filter ".linux.seccomp.listenerPath = \"$T/agent.sock\""
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_wait_killable_with_notify() {
    differs crun,runc "versions of this age do not know the flag"
    bundle
    filter '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
    on getpgrp NOTIFY
    agent getpgrp=4711
    payload call getpgrp
    run_ok
    notified 'notified=getpgrp 0 4711'
}

# --- Flags ------------------------------------------------------------------------------------

test_flags() {
    differs runc "1.1 knows no flag but those of its libseccomp"
    local flags
    for flags in '[]' '["SECCOMP_FILTER_FLAG_TSYNC"]' '["SECCOMP_FILTER_FLAG_LOG"]' \
        '["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG"]'; do
        rm -rf "$T/bundle"
        bundle
        filter ".linux.seccomp.flags = $flags"
        on getpgrp ERRNO 'errnoRet: 77'
        payload call getpgrp
        run_status 1
        assert_line getpgrp=EBADFD
    done
}

test_flag_without_its_condition() {
    differs crun,runc "versions of this age do not know the flag"
    bundle
    filter '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_flags_in_the_plan() {
    requires runtime=apus
    bundle
    filter
    configure
    ok rt plan --bundle "$BUNDLE"
    assert_contains "$OUT" "seccomp filter [spec-allow]"
    edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG"]'
    configure
    ok rt plan --bundle "$BUNDLE"
    assert_contains "$OUT" "seccomp filter [log]"
}

# --- Mistakes ---------------------------------------------------------------------------------

test_errno_for_an_action_without() {
    strict crun,runc "they ignore it, and the specification wants an error"
    bundle
    filter
    on getpgrp ALLOW 'errnoRet: 1'
    create_fails
    assert_contains "$ERR" linux/seccomp/syscalls/0/errnoRet
}

test_default_errno_for_an_action_without() {
    strict crun,runc "they ignore it, and the specification wants an error"
    bundle
    filter '.linux.seccomp.defaultErrnoRet = 1'
    on getpgrp ERRNO
    create_fails
    assert_contains "$ERR" linux/seccomp/defaultErrnoRet
}

test_errno_out_of_range() {
    strict crun,runc "they cut it"
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 4096'
    create_fails
    assert_contains "$ERR" 4095
}

test_seventh_argument() {
    strict crun "it does not look at the index"
    bundle
    filter
    on getpgrp ERRNO "args: [$(condition 6 EQ 1)]"
    create_fails
}

test_filter_that_is_too_large() {
    strict crun "it fails at start"
    bundle
    filter
    edit '.linux.seccomp.syscalls = [range(250) as $n | {names: ["getpgrp"], action: "SCMP_ACT_ERRNO",
        args: [range(6) | {index: ., op: "SCMP_CMP_EQ", value: ($n * 4294967297)}]}]'
    create_fails
}

# --- The cache --------------------------------------------------------------------------------

cache_files() {
    find "$STATE/.seccomp@cache" -type f
}

# run_filtered: runs a container whose filter must be right.
run_filtered() {
    run_status 1
    assert_line getpgrp=EBADFD getuid=0
}

cached_bundle() {
    requires runtime=apus
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp , call getuid
    run_filtered
    CACHED=$(cache_files)
    assert_equal "$(wc -l <<<"$CACHED")" 1 "cached filters"
}

test_cache_is_used() {
    cached_bundle
    assert_equal "$(stat -c %a:%u "$STATE/.seccomp@cache" "$CACHED" | tr '\n' ' ')" "700:0 600:0 "
    local before
    before=$(stat -c '%i %Z' "$CACHED")
    run_filtered
    assert_equal "$(stat -c '%i %Z' "$CACHED")" "$before" "cached filter"
    assert_equal "$(cache_files)" "$CACHED"
}

test_cache_is_for_one_profile() {
    cached_bundle
    on getuid ERRNO 'errnoRet: 78'
    run_status 1
    assert_line getpgrp=EBADFD getuid=EREMCHG
    assert_equal "$(cache_files | wc -l)" 2 "cached filters"
}

# damage COMMAND...: after it the filter is right again, and the file too.
damage() {
    local before
    before=$(sha256sum <"$GOOD")
    "$@"
    run_filtered
    assert_equal "$(stat -c %a:%u:%F:%h "$CACHED")" "600:0:regular file:1" "after $*"
    assert_equal "$(sha256sum <"$CACHED")" "$before" "after $*"
}

flip() {
    local byte
    byte=$(dd if="$CACHED" bs=1 skip="$1" count=1 status=none | od -An -tu1)
    # shellcheck disable=SC2059 # the text is the format
    printf "\\$(printf %03o $((byte ^ 1)))" |
        dd of="$CACHED" bs=1 seek="$1" conv=notrunc status=none
}

to_link() {
    mv "$CACHED" "$T/elsewhere"
    ln -s "$T/elsewhere" "$CACHED"
}

test_damaged_cache_is_not_used() {
    cached_bundle
    GOOD=$T/good
    cp "$CACHED" "$GOOD"
    local size
    size=$(stat -c %s "$CACHED")
    damage flip 0
    damage flip 8
    damage flip 40
    damage flip $((size - 4))
    damage truncate -s $((size - 8)) "$CACHED"
    damage truncate -s 0 "$CACHED"
    damage truncate -s $((size + 8)) "$CACHED"
    damage chmod 644 "$CACHED"
    damage chown 1000 "$CACHED"
    damage to_link
    damage ln "$CACHED" "$T/second"
}

test_cache_that_others_can_write_is_not_used() {
    cached_bundle
    chmod 777 "$STATE/.seccomp@cache"
    truncate -s 0 "$CACHED"
    run_filtered
    assert_equal "$(stat -c %s "$CACHED")" 0 "size of what is not used"
    chmod 700 "$STATE/.seccomp@cache"
    chown 1000 "$STATE/.seccomp@cache"
    run_filtered
    rm -rf "$STATE/.seccomp@cache"
    mkdir -m 700 "$T/elsewhere"
    ln -s "$T/elsewhere" "$STATE/.seccomp@cache"
    run_filtered
    assert_equal "$(ls "$T/elsewhere")" ""
}

test_cache_that_cannot_be_made() {
    requires runtime=apus
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp , call getuid
    touch "$STATE/.seccomp@cache"
    run_filtered
}

test_cache_is_bounded() {
    cached_bundle
    local number
    for number in {1..40}; do
        touch -d "@$number" "$STATE/.seccomp@cache/other$number"
    done
    edit '.linux.seccomp.syscalls[0].errnoRet = 78'
    run_status 1
    assert_equal "$(cache_files | wc -l)" 32 "cached filters"
    [ -e "$CACHED" ] || fail "a young one was removed"
    [ ! -e "$STATE/.seccomp@cache/other10" ] || fail "an old one is still there"
    [ -e "$STATE/.seccomp@cache/other11" ] || fail "too many are gone"
}

test_cache_is_no_container() {
    cached_bundle
    ok rt list --quiet
    assert_equal "$OUT" ""
}
