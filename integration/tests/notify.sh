# NOTIFY_SOCKET: the program tells through the runtime that it is ready, the service manager is told
# which process to watch, and nothing else gets through.
# shellcheck shell=bash

# manager [ADDRESS]: a service manager in the background; what it gets is in $HEARD.
manager() {
    NOTIFY=${1:-$T/manager.sock}
    background "$PAYLOAD" manager "$NOTIFY"
    HEARD=$JOB_OUT
    eventually grep -q listening "$HEARD"
    export NOTIFY_SOCKET=$NOTIFY
}

# heard TEXT: the manager has got this message.
heard() {
    eventually grep -qxF -- "message=$1" "$HEARD"
}

# heard_nothing_else COUNT
heard_nothing_else() {
    assert_equal "$(grep -c '^message=' "$HEARD" || true)" "$1" "messages: $(cat "$HEARD")"
}

test_program_gets_a_socket_of_its_own() {
    requires runtime=apus
    bundle '.process.env += ["NOTIFY_SOCKET=/somewhere/else"]'
    payload env , stat /run/notify/notify.sock , mountinfo
    manager
    run_ok
    assert_line NOTIFY_SOCKET=/run/notify/notify.sock
    refute_line NOTIFY_SOCKET=/somewhere/else
    assert_match "$(mount_line /run/notify)" ' ro,nosuid,nodev,noexec'
    heard_nothing_else 0
}

test_nothing_without_the_variable() {
    requires runtime=apus
    bundle
    payload env , mountinfo
    unset NOTIFY_SOCKET
    run_ok
    refute_contains "$OUT" NOTIFY
    refute_contains "$OUT" /run/notify
}

test_start_waits_until_the_program_is_ready() {
    requires runtime=apus
    bundle
    payload sleep 1 , notify READY=1 , pause
    manager
    create_ok
    local begin=$EPOCHSECONDS
    ok rt start "$ID"
    [ $((EPOCHSECONDS - begin)) -ge 1 ] || fail "start did not wait"
    heard "MAINPID=$(state .pid)|READY=1"
    heard "BARRIER=1 with descriptor"
    heard_nothing_else 2
    assert_state running
}

test_detached_run() {
    requires runtime=apus
    bundle
    payload notify READY=1 , pause
    manager
    configure
    ok rt run --detach --bundle "$BUNDLE" "$ID"
    heard "MAINPID=$(state .pid)|READY=1"
    heard "BARRIER=1 with descriptor"
}

# The manager goes on watching the runtime, which ends when the program does.
test_foreground_run() {
    requires runtime=apus
    bundle
    payload notify STATUS=early READY=1 , pause
    manager
    local heard=$HEARD
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    HEARD=$heard
    heard "MAINPID=$JOB|READY=1"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 137
    heard_nothing_else 1
}

test_other_messages_do_not_get_through() {
    requires runtime=apus
    bundle
    payload notify MAINPID=1 FDSTORE=1 STATUS=x READY=0 NOTREADY=1 READY=12 \
        $'STATUS=go\nREADY=1\nMAINPID=1' , pause
    manager
    create_ok
    ok rt start "$ID"
    heard "MAINPID=$(state .pid)|READY=1"
    heard_nothing_else 2
}

test_program_that_ends_before_it_is_ready() {
    requires runtime=apus
    bundle
    payload notify STATUS=x
    manager
    create_ok
    ok rt start "$ID"
    wait_state stopped
    heard_nothing_else 0
}

test_program_that_is_ready_and_ends() {
    requires runtime=apus
    bundle
    payload notify READY=1
    manager
    create_ok
    ok rt start "$ID"
    heard "BARRIER=1 with descriptor"
}

test_abstract_address() {
    requires runtime=apus
    bundle
    payload notify READY=1 , pause
    manager "@apus-test-$ID"
    create_ok
    ok rt start "$ID"
    heard "MAINPID=$(state .pid)|READY=1"
}

test_manager_that_is_not_there() {
    requires runtime=apus
    bundle
    payload pause
    export NOTIFY_SOCKET=$T/nowhere
    create_ok
    fails rt start "$ID"
    assert_contains "$ERR" NOTIFY_SOCKET
    assert_contains "$ERR" "$T/nowhere"
    assert_state created
    unset NOTIFY_SOCKET
    # The program has its variable and nobody listens.
    ok rt start "$ID"
    assert_state running
    export NOTIFY_SOCKET=$T/nowhere
    ID2=$ID-2
    fails rt run --bundle "$BUNDLE" "$ID2"
    fails rt state "$ID2"
}

# Only what sd_notify knows as a unix socket counts.
test_address_of_another_kind() {
    requires runtime=apus
    bundle
    payload env
    export NOTIFY_SOCKET=vsock:2:1234
    run_ok
    refute_contains "$OUT" NOTIFY
}

test_user_namespace() {
    requires runtime=apus user-namespaces
    bundle '.process.user = {uid: 1000, gid: 1000}'
    user_namespace
    payload notify READY=1 , pause
    manager
    create_ok
    ok rt start "$ID"
    heard "MAINPID=$(state .pid)|READY=1"
}

test_start_that_does_not_expect_it() {
    requires runtime=apus
    bundle
    payload pause
    create_ok
    manager
    # Created without the variable: there is no socket to listen at.
    ok rt start "$ID"
    heard_nothing_else 0
}
