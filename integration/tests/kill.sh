# kill and delete of several containers by a regular expression, of all processes, and of containers
# without a pid namespace or without a cgroup of their own.
# shellcheck shell=bash

# three: containers $ID-a, $ID-b and $ID-c that wait.
three() {
    bundle
    payload pause
    configure
    local name
    for name in a b c; do
        jq ".linux.cgroupsPath = \"$(cgroups_path "$ID-$name")\"" "$BUNDLE/config.json" >"$T/config"
        cp "$T/config" "$BUNDLE/config.json"
        rt create --bundle "$BUNDLE" "$ID-$name" >/dev/null 2>"$T/err" </dev/null ||
            fail "create: $(cat "$T/err")"
        ok rt start "$ID-$name"
    done
}

status_of() {
    rt state "$1" 2>/dev/null | jq -r .status
}

is_stopped() {
    [ "$(status_of "$1")" = stopped ]
}

test_kill_by_expression() {
    requires peer-not=runc
    three
    ok rt kill --regex "^$ID-[ab]\$" KILL
    eventually is_stopped "$ID-a"
    eventually is_stopped "$ID-b"
    assert_equal "$(status_of "$ID-c")" running
}

test_delete_by_expression() {
    requires peer-not=runc
    three
    ok rt delete --force --regex "$ID-(a|c)"
    fails rt state "$ID-a"
    fails rt state "$ID-c"
    assert_equal "$(status_of "$ID-b")" running
    # What must not be deleted is no reason to stop.
    capture rt delete --regex "$ID-"
    assert_equal "$(status_of "$ID-b")" running
}

test_expressions_that_match_nothing_or_are_none() {
    strict crun "it crashes"
    requires peer-not=runc
    three
    ok rt kill --regex "nobody" KILL
    assert_equal "$(status_of "$ID-a")" running
    fails rt kill --regex "(" KILL
    fails rt delete --force --regex "["
    assert_equal "$(status_of "$ID-a")" running
}

test_expression_is_extended() {
    requires peer-not=runc
    three
    ok rt kill --regex "$ID-(a|b){1}\$" KILL
    eventually is_stopped "$ID-a"
    assert_equal "$(status_of "$ID-c")" running
}

test_without_a_pid_namespace_all_end() {
    differs crun,runc "Debian's versions kill the first process only"
    bundle
    without_namespace pid
    payload fork-sleep 3 setsid
    launch
    local pids pid
    pids=$(rt ps --format json "$ID" | jq '.[]')
    ok rt kill "$ID" KILL
    wait_state stopped
    is_gone() {
        [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status"
    }
    for pid in $pids; do eventually is_gone "$pid"; done
}

test_all_of_a_paused_container() {
    differs crun "on cgroup v1 the signal waits for the thaw"
    bundle
    payload fork-sleep 3
    launch
    ok rt pause "$ID"
    ok rt kill --all "$ID" KILL
    wait_state stopped
}

test_container_without_a_cgroup() {
    requires peer-not=runc
    bundle
    payload pause
    configure
    rt --cgroup-manager disabled create --bundle "$BUNDLE" "$ID" >"$T/container.out" \
        2>"$T/container.err" </dev/null || fail "create: $(cat "$T/container.err")"
    ok rt start "$ID"
    wait_output ready
    assert_state running
    if [ "$KIND" = apus ]; then
        assert_equal "$(rt ps -f json "$ID")" "[$(state .pid)]" processes
        fails rt pause "$ID"
        fails rt kill --all "$ID" TERM
        ok rt exec "$ID" /payload echo inside
        assert_line inside
    fi
    ok rt kill "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
    assert_clean
}
