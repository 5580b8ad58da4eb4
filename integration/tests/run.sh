# `run`: streams, signals and exit status of a container in the foreground, and what --detach and
# --keep change.
# shellcheck shell=bash

test_run_returns_the_status() {
    bundle
    local status
    for status in 0 1 42 255; do
        payload exit $status
        run_status $status
    done
    assert_clean
}

test_run_returns_128_and_the_signal() {
    bundle
    without_namespace pid
    payload kill-self TERM
    run_status 143
    payload kill-self KILL
    run_status 137
    assert_clean
}

test_run_passes_standard_streams() {
    bundle
    payload cat , writefd 2 oops
    printf 'one\ntwo' >"$T/in"
    STDIN=$T/in run_ok
    assert_equal "$OUT" $'one\ntwo' stdout
    assert_contains "$ERR" oops
}

test_run_forwards_signals() {
    bundle
    payload trap USR2 7
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    kill -USR2 "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" 7 status
    grep -q got=USR2 "$JOB_OUT" || fail "signal did not arrive"
    assert_clean
}

test_run_forwards_every_usual_signal() {
    bundle
    local signal
    for signal in HUP TERM USR1 CONT PIPE ABRT SEGV SYS TRAP; do
        payload trap $signal 3
        configure
        background rt run --bundle "$BUNDLE" "$ID"
        eventually grep -q ready "$JOB_OUT"
        kill -$signal "$JOB"
        finish_job "$JOB"
        assert_equal "$STATUS" 3 "status after $signal"
    done
}

test_run_when_its_container_is_killed() {
    bundle
    payload pause
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 137 status
    assert_clean
}

test_run_ends_children_of_the_container() {
    bundle
    payload fork-sleep 3 setsid
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_clean
}

test_run_detached() {
    bundle
    payload pause
    configure
    ok rt run --detach --bundle "$BUNDLE" --pid-file "$T/pid" "$ID"
    assert_file "$T/pid" "$(state .pid)"
    assert_state running
    assert_equal "$(readlink "/proc/$(state .pid)/exe")" /payload "program"
}

test_run_keep() {
    differs crun "1.8 has no --keep"
    bundle
    payload exit 4
    run_status 4 --keep
    assert_state stopped
    fails rt start "$ID"
    ok rt delete "$ID"
    assert_clean
}

test_run_without_keep_deletes() {
    bundle
    run_ok
    fails rt state "$ID"
    assert_clean
}
