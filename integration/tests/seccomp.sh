# The system call filter: what the actions, conditions, names, architectures and flags do to a
# program, and what is a mistake.
# shellcheck shell=bash
# shellcheck source=integration/seccomp_lib.sh
source "$HERE/seccomp_lib.sh"

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
    assert_line getpgrp=1
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
            expected+='getpgrp=1 '
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
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=EBADFD\ngetpgrp=1'
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
    assert_equal "$OUT" $'getpgrp=1\ngetpgrp=EBADFD\ngetuid=EREMCHG'
}

test_all_conditions_of_a_rule_must_hold() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 EQ 1), $(condition 1 EQ 2)]"
    payload call getpgrp 1 2 , call getpgrp 1 3 , call getpgrp 2 2
    run_status 1
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=1\ngetpgrp=1'
}

test_conditions_on_one_argument_are_alternatives() {
    bundle
    filter
    on getpgrp ERRNO "errnoRet: 77, args: [$(condition 0 EQ 1), $(condition 0 EQ 3)]"
    payload call getpgrp 1 , call getpgrp 2 , call getpgrp 3
    run_status 1
    assert_equal "$OUT" $'getpgrp=EBADFD\ngetpgrp=1\ngetpgrp=EBADFD'
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
    filter
    edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]'
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
    filter
    edit '.linux.seccomp.architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_PPC64LE"]'
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_foreign_architecture_of_the_other_byte_order() {
    [ "$(uname -m)" = x86_64 ] || skip "needs a little-endian machine"
    bundle
    filter
    edit '.linux.seccomp.architectures = ["SCMP_ARCH_S390X"]'
    create_fails
}

# --- Flags ------------------------------------------------------------------------------------

test_flags() {
    differs runc "1.1 knows no flag but those of its libseccomp"
    local flags
    for flags in '[]' '["SECCOMP_FILTER_FLAG_TSYNC"]' '["SECCOMP_FILTER_FLAG_LOG"]' \
        '["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG"]'; do
        rm -rf "$T/bundle"
        bundle
        filter
        edit ".linux.seccomp.flags = $flags"
        on getpgrp ERRNO 'errnoRet: 77'
        payload call getpgrp
        run_status 1
        assert_line getpgrp=EBADFD
    done
}

test_flag_without_its_condition() {
    differs crun,runc "versions of this age do not know the flag"
    bundle
    filter
    edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
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
    filter
    edit '.linux.seccomp.defaultErrnoRet = 1'
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
