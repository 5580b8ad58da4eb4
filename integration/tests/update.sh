# update: limits from options, from a file and from standard input, what stays as it is, and that a
# refused value changes nothing.
# shellcheck shell=bash

running() {
    requires cgroup-v1
    bundle "$@"
    payload pause
    launch
    wait_output ready
}

# v1 CONTROLLER FILE: what the container's cgroup says.
v1() {
    cat "/sys/fs/cgroup/$1/$ID/$2"
}

test_memory_and_pids() {
    differs crun "1.8 knows neither units nor -1"
    running
    ok rt update --memory 64m --memory-reservation 32m --pids-limit 55 "$ID"
    assert_equal "$(v1 memory memory.limit_in_bytes)" 67108864
    assert_equal "$(v1 memory memory.soft_limit_in_bytes)" 33554432
    assert_equal "$(v1 pids pids.max)" 55
}

test_sizes() {
    differs crun "1.8 knows neither units nor -1"
    running
    local size
    for size in 16777216 16384k 16m 16M; do
        ok rt update --memory 64m "$ID"
        ok rt update --memory "$size" "$ID"
        assert_equal "$(v1 memory memory.limit_in_bytes)" 16777216 "limit for $size"
    done
    ok rt update --memory 1g "$ID"
    assert_equal "$(v1 memory memory.limit_in_bytes)" 1073741824
    ok rt update --memory -1 "$ID"
    [ "$(v1 memory memory.limit_in_bytes)" -gt 1000000000000 ] || fail "still limited"
}

test_bad_values() {
    strict crun,runc "their parsers take some of these"
    running '.linux.resources.pids = {limit: 77}'
    local option
    for option in --memory=x --memory=-2 --memory=12q --cpu-share=-1 --pids-limit=many \
        --cpu-idle=2 --blkio-weight=70000 --cpuset-cpus=x --memory=99999999999999999999; do
        fails rt update "$option" "$ID"
    done
    assert_equal "$(v1 pids pids.max)" 77
}

test_processor() {
    differs crun "1.8 knows neither units nor -1"
    running
    ok rt update --cpu-period 50000 --cpu-quota 20000 --cpu-share 333 --cpuset-cpus 0 --cpuset-mems 0 "$ID"
    assert_equal "$(v1 cpu cpu.cfs_period_us)" 50000
    assert_equal "$(v1 cpu cpu.cfs_quota_us)" 20000
    assert_equal "$(v1 cpu cpu.shares)" 333
    assert_equal "$(v1 cpuset cpuset.cpus)" 0
    ok rt update --cpu-quota -1 "$ID"
    assert_equal "$(v1 cpu cpu.cfs_quota_us)" -1
    assert_equal "$(v1 cpu cpu.cfs_period_us)" 50000 "the period that was not named"
}

test_burst_and_idle() {
    requires peer-not=crun
    differs runc "1.1 has neither"
    running
    ok rt update --cpu-quota 20000 --cpu-period 100000 "$ID"
    ok rt update --cpu-burst 10000 "$ID"
    assert_equal "$(v1 cpu cpu.cfs_burst_us)" 10000
    fails rt update --cpu-quota 9999 "$ID"
    assert_contains "$ERR" "the burst of 10000 is above the quota of 9999"
    ok rt update --cpu-idle 1 "$ID"
    assert_equal "$(v1 cpu cpu.idle)" 1
    # Shares cannot be set while idle, and both at once mean idle.
    fails rt update --cpu-share 100 "$ID"
    ok rt update --cpu-idle 0 --cpu-share 500 "$ID"
    assert_equal "$(v1 cpu cpu.idle)" 0
    assert_equal "$(v1 cpu cpu.shares)" 500
}

test_document_from_a_file() {
    running
    echo '{"memory": {"limit": 33554432}, "pids": {"limit": 21}, "cpu": {"shares": 444}}' >"$T/limits"
    ok rt update --resources "$T/limits" "$ID"
    assert_equal "$(v1 memory memory.limit_in_bytes)" 33554432
    assert_equal "$(v1 pids pids.max)" 21
    assert_equal "$(v1 cpu cpu.shares)" 444
}

test_document_from_standard_input() {
    running
    echo '{"pids": {"limit": 22}}' >"$T/limits"
    STDIN=$T/limits
    ok rt update --resources - "$ID"
    assert_equal "$(v1 pids pids.max)" 22
    ok rt update --resources=- "$ID"
    jq .pids.limit=25 "$T/limits" | rt update -r - "$ID" || fail "from a pipe"
    assert_equal "$(v1 pids pids.max)" 25
}

test_document_wins_over_options() {
    running
    echo '{"pids": {"limit": 23}}' >"$T/limits"
    ok rt update --resources "$T/limits" --pids-limit 99 "$ID"
    assert_equal "$(v1 pids pids.max)" 23
}

test_bad_documents() {
    strict crun "what it cannot read changes nothing"
    running
    local text
    for text in '' '[]' '{' '{"memory": {"limit": "much"}}' '{"pids": 5}'; do
        printf %s "$text" >"$T/limits"
        fails rt update --resources "$T/limits" "$ID"
    done
    fails rt update --resources "$T/missing" "$ID"
}

test_a_refused_value_changes_nothing() {
    strict crun,runc "what was written before the refusal stays"
    running '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 77},
        cpu: {shares: 222, quota: 30000, period: 100000}}'
    # A processor that is not there: memory, shares and quota come before or after it.
    fails rt update --memory 33554432 --cpu-share 555 --cpu-quota 20000 --pids-limit 5 \
        --cpuset-cpus 4000 "$ID"
    assert_contains "$ERR" "linux/resources/cpu/cpus"
    assert_equal "$(v1 memory memory.limit_in_bytes)" 67108864
    assert_equal "$(v1 pids pids.max)" 77
    assert_equal "$(v1 cpu cpu.shares)" 222
    assert_equal "$(v1 cpu cpu.cfs_quota_us)" 30000
}

test_devices_are_never_touched() {
    running '.linux.resources.devices = [{allow: false, access: "rwm"},
        {allow: true, type: "c", major: 1, minor: 3, access: "rw"}]'
    local before
    before=$(v1 devices devices.list)
    echo '{"devices": [{"allow": true, "access": "rwm"}], "pids": {"limit": 24}}' >"$T/limits"
    ok rt update --resources "$T/limits" "$ID"
    assert_equal "$(v1 pids pids.max)" 24
    [ "$KIND" = crun ] || assert_equal "$(v1 devices devices.list)" "$before" "device rules"
}

test_other_states() {
    requires cgroup-v1
    bundle
    payload pause
    create_ok
    ok rt update --pids-limit 31 "$ID"
    assert_equal "$(v1 pids pids.max)" 31
    ok rt start "$ID"
    ok rt pause "$ID"
    ok rt update --pids-limit 32 "$ID"
    assert_equal "$(v1 pids pids.max)" 32
    ok rt resume "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
    differs crun "a stopped container can be updated"
    fails rt update --pids-limit 33 "$ID"
    assert_says "container not running"
}

test_schemas_without_resctrl() {
    requires runtime=apus
    [ ! -e /sys/fs/resctrl/schemata ] || skip "resctrl is mounted"
    running '.linux.resources.pids = {limit: 77}'
    fails rt update --l3-cache-schema "L3:0=f" --pids-limit 5 "$ID"
    assert_contains "$ERR" "no resctrl file system is mounted on /sys/fs/resctrl"
    assert_equal "$(v1 pids pids.max)" 77
    fails rt update --mem-bw-schema $'MB:0=20\nL3:0=1' "$ID"
    assert_contains "$ERR" "--mem-bw-schema: a schema is one line"
    assert_state running
    ok rt delete --force "$ID"
}

test_unknown_container() {
    fails rt update --pids-limit 3 nobody
    assert_says "does not exist"
}
