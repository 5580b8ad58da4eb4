# wait: the exit record of a container, whoever its parent is.
# shellcheck shell=bash

# waiting: `wait` in the background; its record is in OUT after `ended`.
waiting() {
    background rt wait --format json "$ID"
    WAITER=$JOB WAITER_OUT=$JOB_OUT
    eventually job_holds pidfd
}

ended() {
    finish_job "$WAITER"
    assert_equal "$STATUS" 0 "status of wait ($(cat "$WAITER_OUT"))"
    OUT=$(cat "$WAITER_OUT")
}

record() {
    jq -r "$1" <<<"$OUT"
}

# Before 6.15 the kernel forgets how a process ended as soon as its parent has reaped it.
test_exit_status() {
    requires runtime=apus linux=6.15
    bundle
    payload trap USR1 42
    launch
    wait_output ready
    waiting
    ok rt kill "$ID" USR1
    ended
    assert_equal "$(record .id)" "$ID" id
    assert_equal "$(record .known)" true known
    assert_equal "$(record .status)" 42 status
    assert_equal "$(record .signal)" null signal
    assert_equal "$(record .oom)" false oom
    [ "$(record .memoryPeak)" -gt 0 ] || fail "no memory peak: $OUT"
    assert_match "$(record .userTime)" '^[0-9]+$'
}

test_signal() {
    requires runtime=apus linux=6.15
    bundle
    payload pause
    launch
    wait_output ready
    waiting
    ok rt kill "$ID" KILL
    ended
    assert_equal "$(record .status)" null status
    assert_equal "$(record .signal)" 9 signal
}

test_out_of_memory() {
    requires runtime=apus cgroup-v1
    bundle '.linux.resources.memory = {limit: 20971520, swap: 20971520}'
    payload memhog 100
    create_ok
    waiting
    ok rt start "$ID"
    ended
    assert_equal "$(record .signal)" 9 signal
    assert_equal "$(record .oom)" true oom
    assert_equal "$(record .memoryPeak)" 20971520 peak
}

# The parent of this one is `run`, which reaps it at once.
test_container_that_somebody_reaps() {
    requires runtime=apus
    bundle
    payload trap USR1 17
    configure
    background rt run --bundle "$BUNDLE" --keep "$ID"
    local run=$JOB
    eventually grep -q ready "$JOB_OUT"
    waiting
    ok rt kill "$ID" USR1
    ended
    finish_job "$run"
    assert_equal "$STATUS" 17 "status of run"
    if [ "$(record .known)" = true ]; then
        assert_equal "$(record .status)" 17 status
    else
        assert_equal "$(record .status)" null status
    fi
}

test_several_wait() {
    requires runtime=apus linux=6.15
    bundle
    payload trap USR1 5
    launch
    wait_output ready
    background rt wait -f json "$ID"
    local first=$JOB first_out=$JOB_OUT
    waiting
    ok rt kill "$ID" USR1
    finish_job "$first"
    ended
    assert_equal "$(record .status)" 5 status
    assert_equal "$(jq .status "$first_out")" 5 "status for the other"
}

test_text() {
    requires runtime=apus linux=6.15
    bundle
    payload trap USR1 42
    launch
    wait_output ready
    background rt wait "$ID"
    eventually job_holds pidfd
    ok rt kill "$ID" USR1
    finish_job "$JOB"
    assert_contains "$(cat "$JOB_OUT")" "exited with status 42"
}

test_deleted_meanwhile() {
    requires runtime=apus
    bundle
    payload pause
    launch
    wait_output ready
    waiting
    ok rt delete --force "$ID"
    ended
    assert_clean
}

test_stopped_container() {
    requires runtime=apus
    bundle
    payload exit 3
    launch
    wait_state stopped
    ok rt wait --format json "$ID"
    assert_equal "$(record .id)" "$ID" id
    [ "$(record .known)" = false ] || assert_equal "$(record .status)" 3 status
}

test_unknown_container() {
    requires runtime=apus
    fails rt wait nobody
    assert_contains "$ERR" "does not exist"
}
