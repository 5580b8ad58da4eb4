# Hooks: all six kinds, their order, the namespaces that they run in, the state on their standard
# input, arguments, environment, time limits, and what follows when one fails. The hook is the
# payload: `payload hook DIR NAME` records what it got in DIR.
# shellcheck shell=bash

# hook KIND [WORD...]: appends a hook that records under its kind's name; WORDs are passed on.
hook() {
    local kind=$1 path=$PAYLOAD dir=$T/hooks
    shift
    mkdir -p "$dir"
    if [ "$kind" = startContainer ]; then
        # The path is one of the container; its folder is bound to the host's.
        path=/payload
        dir=/hooks
    fi
    edit ".hooks.$kind += [{path: \"$path\", env: [\"HOOK=$kind\"],
        args: $(json_strings payload hook "$dir" "$kind" "$@")}]"
}

hook_bundle() {
    bundle
    mkdir -p "$T/hooks" "$ROOTFS/hooks"
    mount_entry /hooks none "$T/hooks" bind
}

ALL="prestart createRuntime createContainer startContainer poststart poststop"

# all_hooks [FILTER]: a bundle with one of each, run to its end by hand so that each step can be
# looked at.
all_hooks() {
    hook_bundle
    edit "$@"
    local kind
    for kind in $ALL; do hook "$kind"; done
    payload pause
    create_ok
    ok rt start "$ID"
    PID=$(state .pid)
    INSIDE=$(readlink "/proc/$PID/ns/mnt") INSIDE_NET=$(readlink "/proc/$PID/ns/net")
    INSIDE_PID=$(readlink "/proc/$PID/ns/pid")
    ok rt kill "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
}

# of KIND KEY: a namespace that the hook saw.
of() {
    sed -n "s/^$2=//p" "$T/hooks/$1.ns"
}

test_order() {
    differs crun "poststart may run before startContainer has"
    differs runc "1.1 runs poststart at the end of create"
    hook_bundle
    local kind
    for kind in $ALL; do hook "$kind"; done
    payload hook /hooks process
    run_ok
    # createContainer comes after the others that run in the runtime's namespaces; poststart is not
    # ordered against the process itself.
    assert_equal "$(grep -v -e process "$T/hooks/order" | tr '\n' ' ')" "$ALL " order
    assert_equal "$(grep -v -e poststart "$T/hooks/order" | tr '\n' ' ')" \
        "prestart createRuntime createContainer startContainer process poststop " "order"
}

test_steps() {
    strict crun "poststart may run before startContainer has"
    differs runc "1.1 runs poststart at the end of create"
    hook_bundle
    local kind
    for kind in $ALL; do hook "$kind"; done
    payload pause
    create_ok
    assert_equal "$(tr '\n' ' ' <"$T/hooks/order")" "prestart createRuntime createContainer " create
    ok rt start "$ID"
    assert_equal "$(tr '\n' ' ' <"$T/hooks/order")" \
        "prestart createRuntime createContainer startContainer poststart " start
    ok rt kill "$ID" KILL
    wait_state stopped
    refute_contains "$(cat "$T/hooks/order")" poststop
    ok rt delete "$ID"
    assert_equal "$(tail -n 1 "$T/hooks/order")" poststop delete
}

test_several_of_one_kind_in_their_order() {
    hook_bundle
    local number
    for number in 1 2 3; do
        edit ".hooks.createRuntime += [{path: \"$PAYLOAD\",
            args: [\"payload\", \"hook\", \"$T/hooks\", \"number$number\"]}]"
    done
    run_ok
    assert_equal "$(tr '\n' ' ' <"$T/hooks/order")" "number1 number2 number3 " order
}

test_namespaces() {
    all_hooks
    local kind
    for kind in prestart createRuntime poststart poststop; do
        assert_equal "$(of $kind mnt)" "$(host_namespace mnt)" "mnt of $kind"
        assert_equal "$(of $kind pid)" "$(host_namespace pid)" "pid of $kind"
        assert_equal "$(of $kind net)" "$(host_namespace net)" "net of $kind"
    done
    for kind in createContainer startContainer; do
        assert_equal "$(of $kind mnt)" "$INSIDE" "mnt of $kind"
        assert_equal "$(of $kind pid)" "$INSIDE_PID" "pid of $kind"
        assert_equal "$(of $kind net)" "$INSIDE_NET" "net of $kind"
    done
    # Before pivot_root the hook sees the host's root, afterwards the container's.
    assert_contains "$(cat "$T/hooks/createContainer.root")" tmp
    assert_contains "$(cat "$T/hooks/startContainer.root")" payload
}

test_create_container_sees_the_mounts() {
    # The mounts of the configuration are there already, and what the hook mounts is kept.
    hook_bundle
    mkdir "$ROOTFS/late"
    cat >"$T/mounter" <<END
#!/bin/sh
mount -t tmpfs late "$ROOTFS/late" && grep -c "$ROOTFS/proc" /proc/self/mountinfo >"$T/seen"
END
    chmod 755 "$T/mounter"
    edit ".hooks.createContainer = [{path: \"$T/mounter\"}]"
    payload mountinfo
    run_ok
    assert_file "$T/seen" 1
    assert_match "$(mount_line /late)" ' - tmpfs late '
}

# state_of KIND FILTER
state_of() {
    jq -r "$2" "$T/hooks/$1.state"
}

test_state_on_standard_input() {
    differs crun "bundle, version and pid are not those of the container in some kinds"
    all_hooks '.annotations = {"org.example.a": "1"}'
    local kind
    local facts
    for kind in $ALL; do
        facts=$(state_of "$kind" \
            '[.id, .bundle, .annotations["org.example.a"], .ociVersion] | @tsv') ||
            fail "$kind: no JSON"
        assert_match "$facts" "^$ID"$'\t'"$BUNDLE"$'\t1\t1\\.[0-9]+\\.[0-9]+'
    done
    for kind in prestart createRuntime poststart; do
        assert_equal "$(state_of "$kind" .pid)" "$PID" "pid in $kind"
    done
}

test_status_in_the_state() {
    differs runc "1.1 runs poststart at the end of create"
    differs crun "created in place of creating, and starting in startContainer"
    all_hooks
    local kind
    for kind in prestart createRuntime createContainer; do
        assert_equal "$(state_of "$kind" .status)" creating "status in $kind"
    done
    assert_equal "$(state_of startContainer .status)" created status
    assert_equal "$(state_of poststart .status)" running status
    assert_equal "$(state_of poststop .status)" stopped status
}

test_pid_in_the_container() {
    differs crun "it is 0"
    all_hooks
    assert_equal "$(state_of createContainer .pid)" 1 "pid in createContainer"
    assert_equal "$(state_of startContainer .pid)" 1 "pid in startContainer"
}

test_arguments() {
    hook_bundle
    hook createRuntime one 'two words' ''
    run_ok
    assert_file "$T/hooks/createRuntime.args" "$(printf '%s\n' "$T/hooks" createRuntime one \
        'two words' '')"
}

test_no_arguments() {
    hook_bundle
    cat >"$T/hook" <<END
#!/bin/sh
echo "\$# \$0" >"$T/hooks/args"
END
    chmod 755 "$T/hook"
    edit ".hooks.createRuntime = [{path: \"$T/hook\"}]"
    run_ok
    assert_file "$T/hooks/args" "0 $T/hook"
}

test_environment() {
    export APUS_TEST_SECRET=1
    all_hooks
    local kind
    for kind in $ALL; do
        [ "$kind" != startContainer ] || continue
        assert_equal "$(cat "$T/hooks/$kind.env")" "HOOK=$kind" "environment of $kind"
    done
    assert_contains "$(cat "$T/hooks/startContainer.env")" HOOK=startContainer
}

test_environment_that_is_absent_is_empty() {
    strict crun,runc "a hook without env gets all that the runtime has"
    export APUS_TEST_SECRET=1
    hook_bundle
    hook createRuntime
    edit 'del(.hooks.createRuntime[0].env)'
    run_ok
    refute_contains "$(cat "$T/hooks/createRuntime.env")" APUS_TEST_SECRET
}

test_start_in_the_bundle() {
    bundle
    local kind
    for kind in createRuntime poststart; do
        edit ".hooks.$kind = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"pwd >$T/$kind\"]}]"
    done
    configure
    cd /
    ok rt run --bundle "$BUNDLE" "$ID"
    for kind in createRuntime poststart; do assert_file "$T/$kind" "$BUNDLE"; done
}

test_descriptors() {
    strict runc "descriptors of the runtime reach some hooks"
    exec 30</etc
    all_hooks
    exec 30<&-
    local kind
    for kind in $ALL; do
        assert_equal "$(cut -d ' ' -f 1 "$T/hooks/$kind.fds" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " \
            "descriptors of $kind"
    done
}

test_hooks_of_the_runtime_are_root_on_the_host() {
    requires user-namespaces
    hook_bundle
    user_namespace
    chmod 777 "$T/hooks"
    hook createRuntime
    run_ok
    OUT=$(cat "$T/hooks/createRuntime.id")
    assert_line uid=0,0,0
    assert_equal "$(of createRuntime user)" "$(host_namespace user)" "namespace user"
}

test_hook_that_does_not_read() {
    bundle ".hooks.createRuntime = [{path: \"$PAYLOAD\", args: [\"payload\", \"true\"]}]"
    # More than a pipe holds.
    edit ".annotations = {\"org.example.big\": \"$(printf 'x%.0s' {1..70000})\"}"
    run_ok
}

test_failure_is_an_error_of_create() {
    local kind
    for kind in prestart createRuntime createContainer; do
        rm -rf "$T/hooks"
        hook_bundle
        hook $kind exit 3
        hook poststop
        create_fails
        [ "$KIND" != runc ] || assert_contains "$ERR" hook
    done
}

test_later_hooks_are_not_run_after_a_failure() {
    hook_bundle
    hook prestart exit 1
    hook createRuntime
    create_fails
    assert_file "$T/hooks/order" prestart
}

test_message_of_a_hook_that_fails() {
    differs crun "the text goes nowhere"
    local kind
    for kind in createRuntime createContainer; do
        rm -rf "$T/hooks"
        hook_bundle
        hook $kind exit 3
        create_fails
        assert_contains "$ERR" "hook $kind says no"
    done
    rm -rf "$T/hooks"
    hook_bundle
    hook startContainer exit 3
    run_fails
    assert_contains "$ERR" "hook startContainer says no"
}

test_end_of_a_long_message() {
    strict runc "it keeps all of the output"
    differs crun "the text goes nowhere"
    bundle
    printf '#!/bin/sh\nseq 100000\necho the reason >&2\nexit 3\n' >"$T/talker"
    chmod +x "$T/talker"
    edit ".hooks.createContainer = [{path: \"$T/talker\"}]"
    create_fails
    assert_contains "$ERR" "100000; the reason"
    [ ${#ERR} -lt 1000 ] || fail "${#ERR} characters"
}

test_timeout_of_a_hook_that_writes_without_end() {
    local kind
    printf '#!/bin/sh\nwhile :; do echo more; done\n' >"$T/talker"
    chmod +x "$T/talker"
    for kind in createRuntime createContainer; do
        bundle
        edit ".hooks.$kind = [{path: \"$T/talker\", timeout: 1}]"
        create_fails
        [ "$KIND" != apus ] || assert_match "$ERR" '(not done after|timeout of) 1 s'
        rm -r "$BUNDLE"
    done
}

# What they write is not the program's output.
test_output_of_hooks_that_succeed() {
    bundle
    printf '#!/bin/sh\necho talk\necho talk >&2\n' >"$T/talker"
    chmod +x "$T/talker"
    edit ".hooks.createContainer = [{path: \"$T/talker\"}]
        | .hooks.createRuntime = [{path: \"$T/talker\"}]"
    payload echo ended
    run_ok
    refute_line talk
    assert_line ended
}

test_failure_of_start_container() {
    hook_bundle
    hook startContainer exit 3
    payload hook /hooks process
    create_ok
    capture rt start "$ID"
    wait_state stopped
    [ ! -e "$T/hooks/process.args" ] || fail "the process ran"
    ok rt delete "$ID"
    assert_clean
}

test_start_reports_a_failure_of_start_container() {
    strict crun,runc "start returns before the hook has run"
    hook_bundle
    hook startContainer exit 3
    create_ok
    fails rt start "$ID"
}

test_failure_of_poststart() {
    differs crun "1.8 ignores it"
    differs runc "1.1 kills the container but says nothing else"
    hook_bundle
    hook poststart exit 3
    payload pause
    create_ok
    fails rt start "$ID"
    wait_state stopped
}

test_failure_of_poststop_is_a_warning() {
    strict runc "the first that fails is the last that runs"
    hook_bundle
    hook poststop exit 3
    edit ".hooks.poststop += [{path: \"$PAYLOAD\",
        args: [\"payload\", \"hook\", \"$T/hooks\", \"second\"]}]"
    run_ok
    assert_equal "$(tr '\n' ' ' <"$T/hooks/order")" "poststop second " "hooks"
    assert_clean
}

test_timeout() {
    hook_bundle
    hook createRuntime sleep 20
    edit '.hooks.createRuntime[0].timeout = 1'
    local begin=$SECONDS
    create_fails
    ((SECONDS - begin < 15)) || fail "took $((SECONDS - begin)) seconds"
}

test_timeout_that_is_not_reached() {
    hook_bundle
    hook createRuntime
    edit '.hooks.createRuntime[0].timeout = 10'
    local begin=$SECONDS
    run_ok
    ((SECONDS - begin < 10)) || fail "took $((SECONDS - begin)) seconds"
}

test_timeout_must_be_positive() {
    strict crun,runc "0 and less mean none, or at once"
    local timeout
    for timeout in 0 -1; do
        bundle ".hooks.createRuntime = [{path: \"$PAYLOAD\", timeout: $timeout}]"
        create_fails
    done
}

test_relative_path() {
    strict crun "the path is taken from where the runtime is"
    bundle '.hooks.createRuntime = [{path: "bin/true"}]'
    create_fails
}

test_poststop_runs_when_a_created_container_is_deleted() {
    hook_bundle
    hook poststop
    create_ok
    ok rt delete --force "$ID"
    assert_file "$T/hooks/order" poststop
}

test_limits_count_for_the_process_not_the_hooks_of_the_runtime() {
    requires cgroup-v1
    hook_bundle
    cat >"$T/hook" <<END
#!/bin/sh
cat /proc/self/cgroup >"$T/hooks/cgroup"
END
    chmod 755 "$T/hook"
    edit ".hooks.createRuntime = [{path: \"$T/hook\"}]"
    run_ok
    refute_contains "$(cat "$T/hooks/cgroup")" "$ID"
}

# in_start_hook COMMAND...: runs it in the background until a hook of the container never ends;
# PROCESS is the pid of the container's init.
in_start_hook() {
    edit '.hooks.startContainer = [{path: "/payload", args: ["payload", "sleep", "1000"]}]'
    configure
    "$@"
    eventually has_child
}

# has_child: init has started the hook.
has_child() {
    PROCESS=$(state .pid) && [ -n "$PROCESS" ] && [ "$PROCESS" != 0 ] &&
        [ -n "$(cat "/proc/$PROCESS/task/$PROCESS/children")" ]
}

create_and_start() {
    ok rt create --bundle "$BUNDLE" "$ID"
    background rt start "$ID"
}

test_init_that_is_killed_before_its_program() {
    differs crun "it runs startContainer hooks with create"
    strict runc "its start succeeds"
    bundle
    payload true
    in_start_hook create_and_start
    kill -KILL "$PROCESS"
    finish_job "$JOB"
    assert_equal "$STATUS" 1 "status of start"
    assert_contains "$(cat "$JOB_OUT")" "container init was killed by SIGKILL"
    assert_state stopped
    ok rt delete "$ID"
    # The signals that it handles end it too.
    in_start_hook create_and_start
    kill -TERM "$PROCESS"
    finish_job "$JOB"
    assert_equal "$STATUS" 1 "status of start"
    # Who is not the parent learns the status from Linux 6.15 on.
    assert_match "$(cat "$JOB_OUT")" \
        "container init (exited with status 143|ended in a way that is not known)"
    ok rt delete "$ID"
}

test_run_whose_init_is_killed_before_its_program() {
    differs crun "it runs startContainer hooks with create"
    strict runc "its detached run succeeds"
    local flag
    for flag in --detach --keep; do
        bundle
        payload true
        in_start_hook background rt run "$flag" --bundle "$BUNDLE" "$ID"
        kill -KILL "$PROCESS"
        finish_job "$JOB"
        assert_equal "$STATUS" 1 "status of run $flag"
        assert_contains "$(cat "$JOB_OUT")" "container init was killed by SIGKILL"
        assert_clean
    done
}

test_program_that_ends_at_once_was_started() {
    bundle
    payload kill-self 9
    local round
    for round in {1..20}; do
        create_ok
        ok rt start "$ID"
        ok rt delete --force "$ID"
    done
}
