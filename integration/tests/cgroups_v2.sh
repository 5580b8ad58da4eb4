# cgroup v2 alone: where the group is, each limit as the kernel's file tells it, the device filter
# by opening and making nodes, freezing, killing, ownership, and that nothing is left.
# shellcheck shell=bash
# needs cgroup-v2

GROUP_ROOT=/sys/fs/cgroup

# The container's group, from its process.
group() {
    echo "$GROUP_ROOT$(sed -n 's/^0:://p' "/proc/$(state .pid)/cgroup")"
}

# assert_group FILE VALUE
assert_group() {
    assert_equal "$(cat "$(group)/$1")" "$2" "$1"
}

# limited FILTER: a created container with these linux.resources.
limited() {
    requires cgroup-v2
    bundle ".linux.resources = $1"
    payload pause
    create_ok
}

# --- Where --------------------------------------------------------------------------------------

test_place() {
    requires cgroup-v2 cgroupfs
    bundle
    payload pause
    create_ok
    assert_equal "$(group)" "$GROUP_ROOT/$ID" group
    ok rt start "$ID"
    assert_equal "$(group)" "$GROUP_ROOT/$ID" "group after start"
}

test_nested_place_has_all_controllers() {
    requires cgroup-v2 cgroupfs
    bundle ".linux.cgroupsPath = \"/$ID/a/b\""
    payload pause
    create_ok
    assert_equal "$(group)" "$GROUP_ROOT/$ID/a/b" group
    assert_equal "$(cat "$GROUP_ROOT/$ID/a/b/cgroup.controllers")" \
        "$(cat "$GROUP_ROOT/cgroup.controllers")" controllers
    ok rt delete --force "$ID"
    local place
    for place in $(find_cgroups); do rmdir "$place"; done
}

test_group_with_processes_is_refused() {
    requires cgroup-v2 cgroupfs
    mkdir "$GROUP_ROOT/$ID"
    background sleep 100
    echo "$JOB" >"$GROUP_ROOT/$ID/cgroup.procs"
    bundle
    configure
    fails rt create --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "not empty"
    stop_jobs
    eventually rmdir "$GROUP_ROOT/$ID" 2>/dev/null
}

test_init_is_born_in_the_group() {
    requires cgroup-v2 cgroupfs
    # A limit of one task is enough only for a process that was never outside.
    limited '{pids: {limit: 1}}'
    assert_group pids.current 1
    assert_group cgroup.procs "$(state .pid)"
}

# A threaded group takes threads, and below it there are only such groups; controllers for whole
# processes, memory for one, do not work there.
test_below_a_threaded_group() {
    requires cgroup-v2 cgroupfs
    mkdir -p "$GROUP_ROOT/$ID/threads"
    echo threaded >"$GROUP_ROOT/$ID/threads/cgroup.type"
    bundle ".linux.cgroupsPath = \"/$ID/threads/box\"" '.linux.resources = {pids: {limit: 5}}'
    payload pause
    create_ok
    assert_equal "$(group)" "$GROUP_ROOT/$ID/threads/box" group
    assert_group cgroup.type threaded
    ok rt start "$ID"
    assert_state running
    ok rt delete --force "$ID"
    edit '.linux.resources = {memory: {limit: 67108864}}'
    configure
    fails rt create --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" memory
    rmdir "$GROUP_ROOT/$ID/threads" "$GROUP_ROOT/$ID"
    assert_clean
}

# --- Limits -------------------------------------------------------------------------------------

test_no_limits_no_changes() {
    limited '{}'
    assert_group memory.max max
    assert_group cpu.max "max 100000"
    assert_group cpu.weight 100
}

test_memory() {
    limited '{memory: {limit: 67108864, reservation: 33554432, swap: 134217728}}'
    assert_group memory.max 67108864
    assert_group memory.low 33554432
    if [ -e "$(group)/memory.swap.max" ]; then assert_group memory.swap.max 67108864; fi
}

test_memory_without_a_limit() {
    limited '{memory: {limit: -1, swap: -1}}'
    assert_group memory.max max
}

test_memory_limit_holds() {
    requires cgroup-v2
    bundle '.linux.resources = {memory: {limit: 33554432, swap: 33554432}}'
    payload memhog 8
    run_ok
    assert_line memhog=ok
    payload memhog 128
    run_status 137
    refute_line memhog=ok
}

test_out_of_memory_while_it_is_made() {
    requires cgroup-v2
    bundle '.linux.resources = {memory: {limit: 65536, swap: 65536}}'
    create_fails
    [ "$KIND" != apus ] || assert_match "$ERR" "container init was OOM-killed .*limit 65536 bytes"
}

test_out_of_memory_is_recorded() {
    requires cgroup-v2
    bundle '.linux.resources = {memory: {limit: 33554432, swap: 33554432}}'
    payload memhog 128
    create_ok
    background rt wait --format json "$ID"
    eventually job_holds pidfd
    ok rt start "$ID"
    finish_job "$JOB"
    assert_equal "$(jq .oom "$JOB_OUT")" true oom
    # Systemd may have removed the cgroup already; then the peak is null.
    [ "$(jq '.memoryPeak // 0' "$JOB_OUT")" -le 33554432 ] || fail "$(cat "$JOB_OUT")"
}

test_out_of_memory_kills_the_group() {
    requires cgroup-v2
    bundle '.linux.resources = {memory: {limit: 33554432, swap: 33554432},
        unified: {"memory.oom.group": "1"}}'
    without_namespace pid
    payload fork-sleep 2
    launch
    wait_output ready
    capture rt exec "$ID" /payload memhog 128
    assert_different "$STATUS" 0 "status of exec"
    wait_state stopped
}

test_cpu() {
    limited '{cpu: {shares: 2048, quota: 20000, period: 50000, burst: 10000}}'
    assert_group cpu.weight 174
    assert_group cpu.max "20000 50000"
    assert_group cpu.max.burst 10000
}

test_cpu_quota_without_a_period() {
    limited '{cpu: {quota: 30000}}'
    assert_group cpu.max "30000 100000"
}

test_cpu_idle() {
    limited '{cpu: {idle: 1}}'
    assert_group cpu.idle 1
}

test_cpuset() {
    limited '{cpu: {cpus: "0", mems: "0"}}'
    assert_group cpuset.cpus 0
    assert_group cpuset.cpus.effective 0
    assert_group cpuset.mems 0
}

test_pids() {
    limited '{pids: {limit: 7}}'
    assert_group pids.max 7
}

test_pids_limit_holds() {
    requires cgroup-v2
    bundle '.linux.resources = {pids: {limit: 4}}'
    payload fork-count 20
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_match "$OUT" '[=]3'
}

test_pids_without_a_limit() {
    limited '{pids: {limit: -1}}'
    assert_group pids.max max
}

# The kernel sets the weight with the idleness.
test_refused_update_puts_the_weight_back() {
    limited '{cpu: {shares: 512}}'
    local weight
    weight=$(cat "$(group)/cpu.weight")
    fails rt update --cpu-idle 1 --cpuset-cpus 4000 "$ID"
    assert_group cpu.idle 0
    assert_group cpu.weight "$weight"
}

test_pids_limit_of_0() {
    requires runtime=apus cgroup-v2
    limited '{pids: {limit: 0}}'
    assert_group pids.max max
    ok rt delete --force "$ID"
    # The process is born in its cgroup, where there is no room for it.
    bundle '.ociVersion = "1.3.0" | .linux.resources = {pids: {limit: 0}}'
    payload pause
    create_fails
    assert_contains "$ERR" "linux/resources/pids/limit"
}

test_io() {
    requires cgroup-v2 file=/dev/loop0
    limited '{blockIO: {throttleReadBpsDevice: [{major: 259, minor: 0, rate: 1048576}],
        throttleWriteIOPSDevice: [{major: 259, minor: 0, rate: 100}]}}'
    assert_contains "$(cat "$(group)/io.max")" "259:0 rbps=1048576 wbps=max riops=max wiops=100"
}

test_hugepages() {
    requires cgroup-v2 file=/sys/kernel/mm/hugepages/hugepages-2048kB
    limited '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
    assert_group hugetlb.2MB.max 4194304
    assert_group hugetlb.2MB.rsvd.max 4194304
}

test_unified() {
    limited '{unified: {"memory.high": "50331648", "memory.oom.group": "1", "pids.max": "9"}}'
    assert_group memory.high 50331648
    assert_group memory.oom.group 1
    assert_group pids.max 9
}

test_unified_wins() {
    limited '{pids: {limit: 5}, unified: {"pids.max": "6"}}'
    assert_group pids.max 6
}

test_unified_refuses() {
    requires cgroup-v2
    local value
    for value in '{"../pids.max": "1"}' '{"nothing.max": "1"}' '{"memory.nothing": "1"}' \
        '{"memory.max": "many"}'; do
        bundle ".linux.resources.unified = $value"
        create_fails
        assert_contains "$ERR" unified
    done
}

test_what_v2_does_not_have() {
    requires cgroup-v2
    local value
    for value in '{memory: {swappiness: 5}}' '{memory: {limit: 1048576, disableOOMKiller: true}}' \
        '{cpu: {realtimeRuntime: 1000, realtimePeriod: 10000}}' '{network: {classID: 5}}'; do
        bundle ".linux.resources = $value"
        create_fails
        assert_contains "$ERR" "cgroup v2"
    done
}

test_update() {
    limited '{memory: {limit: 67108864}, pids: {limit: 7}, cpu: {shares: 512}}'
    ok rt update --memory 33554432 --pids-limit 9 --cpu-quota 40000 --cpu-share 1024 "$ID"
    assert_group memory.max 33554432
    assert_group pids.max 9
    assert_group cpu.max "40000 100000"
    assert_group cpu.weight 100
}

# What is not the container's own it sees, and must not change.
test_mount_of_a_container_without_cgroups() {
    requires cgroup-v2 peer-not=runc
    bundle 'del(.linux.cgroupsPath)'
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup rw nosuid noexec nodev relatime
    payload mountinfo , cat /proc/self/cgroup , write /sys/fs/cgroup/cgroup.procs 0
    configure
    capture rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
    assert_mount /sys/fs/cgroup ' / /sys/fs/cgroup .* - cgroup2 '
    assert_line 0::/
    [ "$KIND" = crun ] || assert_equal "$STATUS" 1 status
    [ "$KIND" = crun ] || assert_line write=EROFS
}

# --- Life ---------------------------------------------------------------------------------------

test_pause() {
    limited '{}'
    ok rt start "$ID"
    ok rt pause "$ID"
    assert_state paused
    assert_contains "$(cat "$(group)/cgroup.events")" "frozen 1"
    ok rt resume "$ID"
    assert_state running
    assert_contains "$(cat "$(group)/cgroup.events")" "frozen 0"
}

test_kill_of_a_paused_container() {
    limited '{}'
    ok rt start "$ID"
    ok rt pause "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
}

test_delete_kills_all() {
    requires cgroup-v2
    bundle
    without_namespace pid
    payload fork-sleep 3
    launch
    ok rt delete --force "$ID"
    assert_clean
}

test_exec_is_in_the_group() {
    limited '{}'
    ok rt start "$ID"
    local place
    place=$(group)
    ok rt exec "$ID" /payload cat /proc/self/cgroup
    assert_line "0::${place#"$GROUP_ROOT"}"
}

test_exec_in_a_group_below() {
    limited '{}'
    ok rt start "$ID"
    mkdir "$(group)/below"
    ok rt exec --cgroup below "$ID" /payload cat /proc/self/cgroup
    assert_match "$OUT" '/below$'
}

test_events_stats() {
    limited '{memory: {limit: 67108864}}'
    ok rt start "$ID"
    ok rt events --stats "$ID"
    assert_equal "$(jq .data.memory.usage.limit <<<"$OUT")" 67108864 limit
    [ "$(jq .data.pids.current <<<"$OUT")" -ge 1 ] || fail "no processes"
    [ "$(jq .data.memory.usage.max <<<"$OUT")" -gt 0 ] || fail "no peak"
}

test_events_pressure() {
    requires cgroup-v2 file=/proc/pressure/cpu
    limited '{}'
    ok rt start "$ID"
    ok rt events --stats "$ID"
    local part
    for part in cpu memory blkio; do
        assert_equal "$(jq ".data.$part.psi.some | has(\"avg10\") and has(\"total\")" <<<"$OUT")" \
            true "pressure of $part"
    done
}

test_events_tell_of_a_shortage() {
    limited '{memory: {limit: 33554432, swap: 33554432}}'
    ok rt start "$ID"
    background rt events --interval 1h "$ID"
    eventually job_holds inotify
    capture rt exec "$ID" /payload memhog 128
    eventually grep -q '"type":"oom"' "$JOB_OUT"
}

# --- Ownership ----------------------------------------------------------------------------------

# delegated: a user namespace, a cgroup namespace and a cgroup mount.
delegated() {
    requires cgroup-v2 user-namespaces
    bundle
    user_namespace 100000 65536
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup nosuid noexec nodev "$1"
    payload pause
    create_ok
}

test_group_is_handed_over() {
    delegated rw
    local place file
    place=$(group)
    assert_equal "$(stat -c %u "$place")" 100000 "owner of the group"
    for file in cgroup.procs cgroup.subtree_control cgroup.threads; do
        assert_equal "$(stat -c %u "$place/$file")" 100000 "owner of $file"
    done
    # The limits stay the host's.
    assert_equal "$(stat -c %u "$place/memory.max")" 0 "owner of memory.max"
}

test_group_is_kept_when_it_is_mounted_read_only() {
    delegated ro
    assert_equal "$(stat -c %u "$(group)")" 0 "owner of the group"
}
