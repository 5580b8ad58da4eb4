# events: the records of usage that tools read, shortages of memory, and when it ends.
# shellcheck shell=bash

running() {
    requires peer-not=crun
    bundle "$@"
    payload pause
    launch
    wait_output ready
}

test_one_record() {
    running '.linux.resources.pids = {limit: 44}'
    ok rt events --stats "$ID"
    assert_equal "$(wc -l <"$T/out")" 1 lines
    jq -e --arg id "$ID" '.type == "stats" and .id == $id' "$T/out" >/dev/null || fail "$OUT"
    jq -e '.data.pids.current == 1 and .data.pids.limit == 44' "$T/out" >/dev/null || fail "$OUT"
    jq -e '.data.memory.usage.usage > 0 and .data.memory.usage.max > 0' "$T/out" >/dev/null ||
        fail "memory: $OUT"
    jq -e '.data.cpu.usage | has("kernel") and has("user")' "$T/out" >/dev/null || fail "cpu: $OUT"
    jq -e '.data | has("cpu") and has("cpuset") and has("memory") and has("pids") and has("blkio")
        and has("hugetlb") and has("intel_rdt") and has("network_interfaces")' "$T/out" \
        >/dev/null || fail "members: $OUT"
    jq -e '.data.memory.raw | type == "object" and length > 5' "$T/out" >/dev/null || fail "raw"
}

test_same_members_as_the_peer() {
    requires runtime=apus
    command -v runc >/dev/null || skip "needs runc"
    running
    rt events --stats "$ID" >"$T/ours"
    # The same cgroup path, so the same files.
    local other=$ID-peer
    jq ".linux.cgroupsPath = \"/$other\"" "$BUNDLE/config.json" >"$T/config"
    cp "$T/config" "$BUNDLE/config.json"
    background runc --root "$T/runc" run --bundle "$BUNDLE" "$other"
    eventually grep -q ready "$JOB_OUT"
    runc --root "$T/runc" events --stats "$other" >"$T/theirs"
    runc --root "$T/runc" kill "$other" KILL
    finish_job "$JOB"
    local missing
    missing=$(jq -n --slurpfile a "$T/ours" --slurpfile b "$T/theirs" \
        '[$b[0] | paths | map(select(type == "string")) | join(".")] - [$a[0] | paths |
        map(select(type == "string")) | join(".")] | unique | .[]')
    assert_equal "$missing" "" "members that only runc has"
}

test_interval() {
    requires runtime=apus
    running
    background rt events --interval 100ms "$ID"
    has_three() {
        [ "$(grep -c '"type":"stats"' "$JOB_OUT")" -ge 3 ]
    }
    eventually has_three
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of events"
}

test_ends_with_the_container() {
    requires runtime=apus
    running
    background rt events --interval 1h "$ID"
    eventually job_holds pidfd
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of events"
    assert_file "$JOB_OUT" ""
}

test_out_of_memory() {
    requires runtime=apus cgroup-v1
    bundle '.linux.resources.memory = {limit: 20971520, swap: 20971520}'
    payload pause
    launch
    wait_output ready
    background rt events --interval 1h "$ID"
    local events=$JOB events_out=$JOB_OUT
    eventually job_holds eventfd
    capture rt exec "$ID" /payload memhog 100
    assert_equal "$STATUS" 137 "status of the process that wants too much"
    eventually grep -q '"type":"oom"' "$events_out"
    jq -e --arg id "$ID" 'select(.type == "oom") | .id == $id' "$events_out" >/dev/null ||
        fail "$(cat "$events_out")"
    ok rt kill "$ID" KILL
    finish_job "$events"
    # One shortage is one event, although the kernel tells before it kills.
    assert_equal "$(jq -r 'select(.type == "oom") | .data.kills' "$events_out")" 1 "counts of kills"
}

test_out_of_memory_that_ends_the_container() {
    requires runtime=apus cgroup-v1
    bundle '.linux.resources.memory = {limit: 20971520, swap: 20971520}'
    payload line , memhog 100
    mkfifo "$T/in"
    configure
    background rt run --bundle "$BUNDLE" --keep "$ID"
    local run=$JOB
    # Standard input of a background job is empty, so it runs into the limit at once.
    finish_job "$run"
    assert_equal "$STATUS" 137 status
    ok rt delete "$ID"
    bundle
    EDITS=(".linux.cgroupsPath = \"/$ID\" | .linux.resources.memory = {limit: 20971520, swap: 20971520}")
    payload memhog 100
    create_ok
    background rt events --interval 1h "$ID"
    eventually job_holds eventfd
    ok rt start "$ID"
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of events"
    assert_contains "$(cat "$JOB_OUT")" '"type":"oom"'
}

test_stopped_container() {
    requires peer-not=crun
    bundle
    launch
    wait_state stopped
    fails rt events --stats "$ID"
    assert_contains "$ERR" "is not running"
    fails rt events "$ID"
    assert_contains "$ERR" "is not running"
}

test_bad_intervals() {
    running
    local interval
    for interval in 0 -1s x 5; do
        fails rt events --interval="$interval" "$ID"
    done
}
