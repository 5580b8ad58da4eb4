# Notifications: the listener that the agent gets, what comes with it, and who answers which calls.
# shellcheck shell=bash
# shellcheck source=integration/seccomp_lib.sh
source "$HERE/seccomp_lib.sh"

# agent RULE...: starts the agent; its log is JOB_OUT and the message that it got $T/message.
agent() {
    background "$PAYLOAD" agent "$T/agent.sock" "$T/message" "$@"
    eventually grep -q ready "$JOB_OUT"
    edit ".linux.seccomp.listenerPath = \"$T/agent.sock\""
}

# notified LINE...: the agent has ended, and its log has these lines.
notified() {
    eventually grep -q "^done" "$JOB_OUT"
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
    filter
    edit '.linux.seccomp.listenerMetadata = "meta \"data\""'
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
    filter
    edit ".linux.seccomp.listenerPath = \"$T/agent.sock\""
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
    filter
    edit '.linux.seccomp.listenerMetadata = "m"'
    on getpgrp ERRNO
    create_fails
    assert_contains "$ERR" listenerMetadata
}

test_path_without_notify() {
    differs crun "it connects whenever there is a path"
    # Nobody connects when nothing is to be answered.
    bundle
    filter
    edit ".linux.seccomp.listenerPath = \"$T/agent.sock\""
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp
    run_status 1
    assert_line getpgrp=EBADFD
}

test_wait_killable_with_notify() {
    differs crun,runc "versions of this age do not know the flag"
    bundle
    filter
    edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
    on getpgrp NOTIFY
    agent getpgrp=4711
    payload call getpgrp
    run_ok
    notified 'notified=getpgrp 0 4711'
}

test_exec_notifies() {
    local privileges pid
    for privileges in true false; do
        rm -rf "$T/bundle" "$T/agent.sock"
        bundle ".process.noNewPrivileges = $privileges"
        filter
        on uname NOTIFY
        agent
        local first=$JOB
        payload pause
        launch
        wait_output ready
        pid=$(state .pid)
        rm "$T/agent.sock"
        agent uname=-77
        ex -- call uname
        assert_line uname=EBADFD
        notified 'notified=uname 0 -77'
        if [ "$KIND" != crun ]; then
            assert_equal "$(jq -r .state.status "$T/message")" running
            assert_equal "$(jq -r .state.pid "$T/message")" "$pid"
        fi
        assert_different "$(jq -r .pid "$T/message")" "$pid" "pid of the process"
        ok rt delete --force "$ID"
        finish_job "$first"
    done
}

test_exec_without_an_agent() {
    bundle
    filter
    on uname NOTIFY
    agent
    payload pause
    launch
    wait_output ready
    rm "$T/agent.sock"
    ex -- echo ran
    assert_different "$STATUS" 0 "status of exec"
    is_peer || refute_line ran
}
