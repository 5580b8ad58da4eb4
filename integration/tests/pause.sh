# pause and resume: that processes really stand still, in which states they are allowed, and what the
# other commands do with a paused container.
# shellcheck shell=bash

running() {
    bundle
    payload pause
    launch
    wait_output ready
}

freezer_state() {
    cat "/sys/fs/cgroup/freezer/$ID/freezer.state"
}

test_pause_and_resume() {
    requires cgroup-v1
    running
    ok rt pause "$ID"
    assert_state paused
    assert_equal "$(freezer_state)" FROZEN
    ok rt resume "$ID"
    assert_state running
    assert_equal "$(freezer_state)" THAWED
}

test_children_stand_still_too() {
    requires cgroup-v1
    bundle
    payload fork-sleep 5
    launch
    local pids
    pids=$(rt ps --format json "$ID" | jq '.[]')
    ok rt pause "$ID"
    assert_equal "$(freezer_state)" FROZEN
    [ "$(wc -w <<<"$pids")" -ge 1 ] || fail "no processes"
    ok rt resume "$ID"
}

test_pause_of_a_created_container() {
    differs crun "its state is created"
    bundle
    payload pause
    create_ok
    ok rt pause "$ID"
    assert_state paused
    ok rt resume "$ID"
    assert_state created
    ok rt start "$ID"
    assert_state running
}

test_pause_in_other_states() {
    running
    ok rt pause "$ID"
    differs crun "a second pause is no error"
    fails rt pause "$ID"
    assert_says "container not running"
    ok rt resume "$ID"
    fails rt resume "$ID"
    assert_says "container not paused"
}

test_stopped_container() {
    differs crun "the cgroup that is left can be frozen"
    bundle
    launch
    wait_state stopped
    fails rt pause "$ID"
    assert_says "container not running"
    fails rt resume "$ID"
    assert_says "container not paused"
}

test_unknown_container() {
    fails rt pause nobody
    assert_says "does not exist"
    fails rt resume nobody
    assert_says "does not exist"
}

test_kill_of_a_paused_container() {
    differs crun "on cgroup v1 the signal waits for the thaw"
    running
    ok rt pause "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
}

test_other_signals_wait_for_the_thaw() {
    bundle
    payload trap USR1 7
    launch
    wait_output ready
    ok rt pause "$ID"
    ok rt kill "$ID" USR1
    sleep 0.1
    assert_state paused
    ok rt resume "$ID"
    wait_state stopped
}

test_delete_of_a_paused_container() {
    running
    ok rt pause "$ID"
    fails rt delete "$ID"
    assert_says "that is not stopped: paused"
    ok rt delete --force "$ID"
    assert_clean
}

test_start_of_a_paused_container() {
    differs crun,runc "they wait, or say something else"
    bundle
    payload pause
    create_ok
    ok rt pause "$ID"
    fails rt start "$ID"
    assert_state paused
}

test_start_of_a_container_that_is_paused() {
    requires peer-not=crun
    bundle
    payload true
    create_ok
    ok rt pause "$ID"
    fails rt start "$ID"
    assert_match "$ERR" 'cannot start a container (that is paused|in the paused state)'
    ok rt resume "$ID"
    ok rt start "$ID"
    wait_state stopped
}
