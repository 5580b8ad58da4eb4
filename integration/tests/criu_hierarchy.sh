# The options of the machine's hierarchy, which CRIU changes and the runtime sets again: with a stand-in
# that does the same.
#
# needs runtime=apus
#
# The hierarchy, and its lock, are those of all tests.
# serial
# shellcheck shell=bash

# The unified hierarchy's line in mountinfo.
unified() {
    awk '$4 == "/" && / - cgroup2 / { print; exit }' /proc/self/mountinfo
}

unified_options() {
    unified | awk '{ print $NF }'
}

# locked: a container, and a background command that has the lock of the hierarchy at $PLACE.
locked() {
    stand_in
    PLACE=$(unified | cut -d ' ' -f 5)
    [ -n "$PLACE" ] || skip "needs a unified hierarchy"
    bundle
    payload pause
    launch
    background flock --exclusive --no-fork "$PLACE" "$PAYLOAD" pause
    eventually grep -qsx ready "$JOB_OUT"
}

test_a_held_lock_of_the_hierarchy_is_waited_for() {
    locked
    local holder=$JOB
    background rt checkpoint --image-path "$T/images" --leave-running "$ID"
    eventually has_open "$PLACE"
    # It has the directory open before it asks for the lock.
    sleep 0.2
    [ ! -s "$T/asked" ] || fail "criu was asked before the lock was had"
    kill -KILL "$holder"
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of checkpoint: $(cat "$JOB_OUT")"
    grep -qx kind=1 "$T/asked" || fail "criu was not asked"
}

test_a_lock_of_the_hierarchy_that_cannot_be_had() {
    locked
    fails rt checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "another process has held the lock of $PLACE for 5 s"
    assert_contains "$ERR" ETIMEDOUT
    [ ! -e "$T/asked" ] || fail "criu was asked: $(cat "$T/asked")"
    assert_state running
    kill -KILL "$JOB"
    ok rt checkpoint --image-path "$T/images" "$ID"
}

test_overlapping_checkpoints_keep_the_options_of_cgroups() {
    stand_in remount
    local before first second
    before=$(unified_options)
    [[ $before == *nsdelegate* ]] || skip "needs a hierarchy with options"
    bundle
    payload pause
    launch
    background rt checkpoint --image-path "$T/images" --leave-running "$ID"
    first=$JOB
    eventually grep -qsx remounted "$T/asked"
    refute_contains "$(unified_options)" nsdelegate
    ID=$ID-b
    edit ".linux.cgroupsPath = \"$(cgroups_path)\""
    launch
    export CRIU_RECORD=$T/asked2
    background rt checkpoint --image-path "$T/images2" --leave-running "$ID"
    second=$JOB
    eventually grep -qsx remounted "$T/asked2"
    touch "$T/asked.go"
    finish_job "$first"
    assert_equal "$STATUS" 0
    assert_equal "$(unified_options)" "$before"
    touch "$T/asked2.go"
    finish_job "$second"
    assert_equal "$STATUS" 0
    assert_equal "$(unified_options)" "$before"
}
