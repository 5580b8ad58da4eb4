# When the filter is loaded, with and without no_new_privs and for exec: what it sees of the runtime,
# and that an ordinary profile is no hindrance.
# shellcheck shell=bash
# shellcheck source=integration/seccomp_lib.sh
source "$HERE/seccomp_lib.sh"

# --- Order ------------------------------------------------------------------------------------

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
    # Without no_new_privs what sets the credentials must be allowed, but no more of a socket than
    # read and write.
    edit '.process.noNewPrivileges = false'
    edit ".linux.seccomp.syscalls[0].names += $(json_strings prctl fstat fchown setgroups setresgid \
        setresuid capset umask rt_sigaction rt_sigprocmask close_range openat openat2 close read)"
    run_ok
    assert_line tight
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

# --- exec -------------------------------------------------------------------------------------

check_exec() {
    filter
    on uname ERRNO 'errnoRet: 77'
    payload pause
    launch
    wait_output ready
    ex -- call uname , status Seccomp
    assert_equal "$STATUS" 1 "status of exec ($ERR)"
    assert_line uname=EBADFD $'Seccomp:\t2'
    ok rt delete --force "$ID"
}

test_exec_is_filtered() {
    each_way check_exec
}

test_exec_takes_the_filter_of_create() {
    bundle
    filter
    on uname ERRNO 'errnoRet: 77'
    payload pause
    launch
    wait_output ready
    edit 'del(.linux.seccomp)'
    configure
    ex -- call uname
    assert_line uname=EBADFD
    if ! is_peer; then assert_equal "$(cache_files | wc -l)" 1 "cached filters"; fi
}

test_exec_need_not_be_allowed_what_the_runtime_does() {
    differs runc,crun "they make calls of their own between filter and program"
    bundle
    allow_only KILL_PROCESS "${NEEDED[@]}" pause rt_sigaction execve
    payload pause
    launch
    wait_output ready
    ex -- echo tight
    assert_line tight
}
