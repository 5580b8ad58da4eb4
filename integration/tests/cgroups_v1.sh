# cgroup v1: where the groups are, that the process is in all of them, each limit as the kernel's
# file tells it, what is refused, and that nothing is left. Device rules are in cgroup_devices.sh.
# shellcheck shell=bash
# needs cgroup-v1

CONTROLLERS="cpu cpuacct cpuset memory devices freezer blkio pids"

# read_cgroup CONTROLLER FILE: of the container's group.
read_cgroup() {
    cat "/sys/fs/cgroup/$1/$ID/$2"
}

# assert_cgroup CONTROLLER FILE VALUE
assert_cgroup() {
    assert_equal "$(read_cgroup "$1" "$2")" "$3" "$1/$2"
}

# limited FILTER: a created container with these linux.resources.
limited() {
    requires cgroup-v1
    bundle ".linux.resources = $1"
    payload pause
    create_ok
}

# groups_of PID: its groups, but for those of the hierarchies that another test may mount meanwhile.
groups_of() {
    grep -Ev ':(net_|perf_event)' "/proc/$1/cgroup"
}

test_process_is_in_every_group() {
    requires cgroup-v1
    bundle
    payload pause
    create_ok
    local table controller
    table=$(cat "/proc/$(state .pid)/cgroup")
    for controller in $CONTROLLERS; do
        [ -d "/sys/fs/cgroup/$controller" ] || continue
        assert_match "$table" "[:,]${controller}[^:]*:/$ID"$'\n'
    done
    table=$(groups_of "$(state .pid)")
    ok rt start "$ID"
    assert_equal "$(groups_of "$(state .pid)")" "$table" "groups after start"
}

test_process_is_in_the_named_hierarchy() {
    requires cgroup-v1 file=/sys/fs/cgroup/systemd/cgroup.procs
    bundle
    payload pause
    create_ok
    assert_contains "$(cat "/proc/$(state .pid)/cgroup")" ":name=systemd:/$ID"
}

test_no_limits_no_changes() {
    limited '{}'
    assert_cgroup memory memory.limit_in_bytes "$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes)"
    assert_cgroup pids pids.max max
    assert_cgroup cpu cpu.cfs_quota_us -1
    assert_cgroup cpu cpu.shares 1024
}

# --- Where --------------------------------------------------------------------------------------

test_nested_path() {
    requires cgroup-v1
    bundle ".linux.cgroupsPath = \"/$ID/a/b\""
    payload pause
    launch
    assert_contains "$(cat "/proc/$(state .pid)/cgroup")" ":memory:/$ID/a/b"
    assert_match "$(cat "/sys/fs/cgroup/cpuset/$ID/a/b/cpuset.cpus")" '^[0-9]'
    assert_match "$(cat "/sys/fs/cgroup/cpuset/$ID/a/cpuset.mems")" '^[0-9]'
    ok rt delete --force "$ID"
    [ -z "$(find /sys/fs/cgroup -path "*/$ID/a/b")" ] || fail "the group remains"
    # The ones above may serve others, so they may be left: they must be empty.
    local group
    for group in $(find_cgroups); do rmdir "$group"; done
}

test_relative_path_is_always_the_same_place() {
    requires cgroup-v1
    bundle ".linux.cgroupsPath = \"$ID-relative\""
    payload pause
    create_ok
    local table
    table=$(groups_of "$(state .pid)")
    assert_contains "$(grep :memory: <<<"$table")" "$ID-relative"
    ok rt delete --force "$ID"
    cd / || return
    create_ok
    assert_equal "$(groups_of "$(state .pid)")" "$table" "groups of the second"
}

test_absent_path() {
    requires cgroup-v1
    bundle 'del(.linux.cgroupsPath)'
    payload pause
    create_ok
    local group
    group=$(sed -n 's/.*:memory://p' "/proc/$(state .pid)/cgroup")
    assert_contains "$group" "$ID"
    [ -d "/sys/fs/cgroup/memory$group" ] || fail "no group $group"
    ok rt delete --force "$ID"
    [ ! -e "/sys/fs/cgroup/memory$group" ] || fail "group $group remains"
}

test_path_that_climbs() {
    requires cgroup-v1
    bundle ".linux.cgroupsPath = \"/../../../$ID\""
    payload pause
    configure
    capture rt create --bundle "$BUNDLE" "$ID"
    # An error, or a group inside of the hierarchy: never a folder elsewhere.
    local place
    for place in /sys/fs /sys ""; do
        [ ! -e "$place/$ID" ] || fail "made in $place/"
    done
    if [ "$STATUS" -eq 0 ]; then
        assert_contains "$(cat "/proc/$(state .pid)/cgroup")" ":memory:/$ID"
    fi
}

# --- Limits -------------------------------------------------------------------------------------

test_memory() {
    limited '{memory: {limit: 67108864, reservation: 33554432, swap: 134217728}}'
    assert_cgroup memory memory.limit_in_bytes 67108864
    assert_cgroup memory memory.soft_limit_in_bytes 33554432
    assert_cgroup memory memory.memsw.limit_in_bytes 134217728
}

test_memory_without_a_limit() {
    limited '{memory: {limit: -1, swap: -1}}'
    assert_match "$(read_cgroup memory memory.limit_in_bytes)" '^[0-9]{16,}$'
    assert_match "$(read_cgroup memory memory.memsw.limit_in_bytes)" '^[0-9]{16,}$'
}

test_memory_swappiness() {
    limited '{memory: {limit: 67108864, swappiness: 17}}'
    assert_cgroup memory memory.swappiness 17
}

test_memory_without_the_killer() {
    limited '{memory: {limit: 67108864, disableOOMKiller: true}}'
    assert_contains "$(read_cgroup memory memory.oom_control)" "oom_kill_disable 1"
}

test_swap_below_the_limit() {
    strict crun "the cgroups stay"
    requires cgroup-v1
    bundle '.linux.resources = {memory: {limit: 67108864, swap: 33554432}}'
    create_fails
}

test_memory_limit_holds() {
    requires cgroup-v1
    bundle '.linux.resources = {memory: {limit: 33554432, swap: 33554432}}'
    payload memhog 8
    run_ok
    assert_line memhog=ok
    payload memhog 128
    run_status 137
    refute_line memhog=ok
}

test_memory_limit_that_the_runtime_itself_exceeds() {
    requires cgroup-v1
    bundle '.linux.resources = {memory: {limit: 4096, swap: 4096}}'
    create_fails
    # The kernel refuses the process, or kills it.
    [ "$KIND" != apus ] || assert_match "$ERR" \
        "memory limit too low\?.*(cannot allocate memory|limit 4096 bytes)"
}

test_small_memory_limit_is_enough() {
    differs runc "its init needs more"
    requires cgroup-v1
    bundle '.linux.resources = {memory: {limit: 4194304}}'
    payload echo small
    run_ok
    assert_line small
}

test_cpu() {
    limited '{cpu: {shares: 512, quota: 20000, period: 50000}}'
    assert_cgroup cpu cpu.shares 512
    assert_cgroup cpu cpu.cfs_quota_us 20000
    assert_cgroup cpu cpu.cfs_period_us 50000
}

test_cpu_quota_without_a_period() {
    limited '{cpu: {quota: 30000}}'
    assert_cgroup cpu cpu.cfs_quota_us 30000
    assert_cgroup cpu cpu.cfs_period_us 100000
}

test_cpu_burst() {
    differs crun,runc "versions of this age ignore it"
    requires file=/sys/fs/cgroup/cpu/cpu.cfs_burst_us
    limited '{cpu: {quota: 20000, period: 50000, burst: 10000}}'
    assert_cgroup cpu cpu.cfs_burst_us 10000
}

test_cpu_burst_above_the_quota() {
    differs crun,runc "versions of this age ignore it"
    requires file=/sys/fs/cgroup/cpu/cpu.cfs_burst_us
    bundle '.linux.resources.cpu = {quota: 20000, period: 50000, burst: 20001}'
    payload true
    run_fails
    assert_contains "$ERR" "linux/resources/cpu/burst: the burst of 20001 is above the quota of 20000"
}

test_cpu_idle() {
    differs crun,runc "versions of this age do not set it on v1"
    requires cgroup-v1
    limited '{cpu: {idle: 1}}'
    assert_cgroup cpu cpu.idle 1
}

test_cpu_realtime() {
    requires file=/sys/fs/cgroup/cpu/cpu.rt_runtime_us
    limited '{cpu: {realtimePeriod: 500000, realtimeRuntime: 1000}}'
    assert_cgroup cpu cpu.rt_period_us 500000
    assert_cgroup cpu cpu.rt_runtime_us 1000
}

test_cpu_shares_below_the_kernels_least() {
    differs crun,runc "the kernel changes the value without a word"
    requires cgroup-v1
    bundle '.linux.resources = {cpu: {shares: 1}}'
    payload pause
    configure
    # Either it is said, or the kernel's least value is what counts.
    capture rt create --bundle "$BUNDLE" "$ID"
    [ "$STATUS" -ne 0 ] || assert_cgroup cpu cpu.shares 2
}

test_cpuset() {
    limited '{cpu: {cpus: "0", mems: "0"}}'
    assert_cgroup cpuset cpuset.cpus 0
    assert_cgroup cpuset cpuset.mems 0
    assert_equal "$(sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$(state .pid)/status")" 0 processors
}

test_cpuset_of_the_host_by_default() {
    limited '{}'
    assert_cgroup cpuset cpuset.cpus "$(cat /sys/fs/cgroup/cpuset/cpuset.cpus)"
    assert_cgroup cpuset cpuset.mems "$(cat /sys/fs/cgroup/cpuset/cpuset.mems)"
}

# The kernel sets the shares with the idleness.
test_refused_update_puts_the_shares_back() {
    requires runtime=apus cgroup-v1
    limited '{cpu: {shares: 512}}'
    [ -e "/sys/fs/cgroup/cpu/$ID/cpu.idle" ] || skip "the kernel has no cpu.idle"
    fails rt update --cpu-idle 1 --memory 1 "$ID"
    assert_cgroup cpu cpu.idle 0
    assert_cgroup cpu cpu.shares 512
    ok rt update --cpu-idle 1 "$ID"
    fails rt update --cpu-share 300 "$ID"
    refute_contains "$ERR" "could not put back"
    assert_cgroup cpu cpu.idle 1
}

test_pids() {
    requires cgroup-v1
    bundle '.linux.resources = {pids: {limit: 10}}'
    payload fork-count 64
    run_ok
    assert_line stopped=EAGAIN
    (($(value forks) <= 9 && $(value forks) >= 7)) || fail "forks: $(value forks)"
}

# The peers pass on what the kernel says, which names no limit.
test_exec_beyond_the_limit_of_pids() {
    requires runtime=apus
    limited '{pids: {limit: 1}}'
    fails rt exec "$ID" /payload true
    assert_contains "$ERR" "a limit of processes is reached: linux/resources/pids/limit"
}

test_pids_file() {
    limited '{pids: {limit: 77}}'
    assert_cgroup pids pids.max 77
}

test_pids_without_a_limit() {
    differs crun "1.8 writes the number"
    limited '{pids: {limit: -1}}'
    assert_cgroup pids pids.max max
}

# 0 is a limit since version 1.3 of the specification; engines of before mean that there is none.
test_pids_limit_of_0() {
    requires cgroup-v1
    strict crun,runc "they read no version"
    bundle '.ociVersion = "1.2.1" | .linux.resources = {pids: {limit: 0}}'
    payload pause
    launch
    assert_cgroup pids pids.max max
    ok rt update --pids-limit 5 "$ID"
    assert_cgroup pids pids.max 5
    echo '{"pids": {"limit": 0}}' >"$T/resources"
    ok rt update --resources "$T/resources" "$ID"
    assert_cgroup pids pids.max max
    ok rt delete --force "$ID"
    bundle '.ociVersion = "1.3.0" | .linux.resources = {pids: {limit: 0}}'
    payload pause
    create_ok
    assert_cgroup pids pids.max 0
    ok rt update --pids-limit 5 "$ID"
    ok rt update --resources "$T/resources" "$ID"
    assert_cgroup pids pids.max 0
}

# a_disk: the number MAJOR:MINOR of a block device.
a_disk() {
    local disk
    for disk in /sys/dev/block/*; do
        if [ -d "$disk/queue" ]; then
            echo "${disk##*/}"
            return
        fi
    done
}

test_blkio_throttle() {
    local disk major minor
    disk=$(a_disk)
    [ -n "$disk" ] || skip "no block device"
    major=${disk%:*} minor=${disk#*:}
    local device="{major: $major, minor: $minor, rate:"
    limited "{blockIO: {throttleReadBpsDevice: [$device 1048576}],
        throttleWriteBpsDevice: [$device 2097152}], throttleReadIOPSDevice: [$device 300}],
        throttleWriteIOPSDevice: [$device 400}]}}"
    assert_cgroup blkio blkio.throttle.read_bps_device "$disk 1048576"
    assert_cgroup blkio blkio.throttle.write_bps_device "$disk 2097152"
    assert_cgroup blkio blkio.throttle.read_iops_device "$disk 300"
    assert_cgroup blkio blkio.throttle.write_iops_device "$disk 400"
}

test_blkio_weight() {
    differs crun "1.8 knows the file of older kernels only"
    requires cgroup-v1
    mkdir "/sys/fs/cgroup/blkio/$ID-probe"
    local found
    found=$(ls "/sys/fs/cgroup/blkio/$ID-probe")
    rmdir "/sys/fs/cgroup/blkio/$ID-probe"
    [[ $found =~ blkio\.(bfq\.)?weight ]] || skip "no weights on this kernel"
    limited '{blockIO: {weight: 321}}'
    local file
    for file in "/sys/fs/cgroup/blkio/$ID/"blkio.{bfq.,}weight; do
        [ ! -e "$file" ] || assert_contains "$(cat "$file")" 321
    done
}

test_blkio_weight_out_of_range() {
    strict crun,runc "what the kernel takes is good enough, or the cgroups stay"
    requires cgroup-v1
    bundle '.linux.resources = {blockIO: {weight: 5}}'
    create_fails
}

test_hugepages() {
    strict crun,runc "the limit is dropped when v1 has no such controller"
    requires cgroup-v1
    bundle '.linux.resources = {hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
    payload pause
    configure
    # On hybrid hosts the controller may be in the unified hierarchy; an error only where it is nowhere.
    capture rt create --bundle "$BUNDLE" "$ID"
    if ! grep -qw hugetlb /proc/self/cgroup /sys/fs/cgroup/unified/cgroup.controllers; then
        assert_different "$STATUS" 0 "status without a controller"
        assert_clean
        return
    fi
    assert_equal "$STATUS" 0 "status of create ($ERR)"
    assert_match "$(find /sys/fs/cgroup -path "*/$ID/hugetlb.2MB.*" -exec cat {} +)" \
        $'(^|\n)4194304($|\n)'
}

# mounted CONTROLLERS: a hierarchy that few hosts have, in the mount namespace of the test.
mounted() {
    mkdir "$T/$1"
    mount -t cgroup -o "$1" cgroup "$T/$1" 2>/dev/null || skip "the kernel mounts no $1"
}

# unmounted CONTROLLERS: the kernel forgets a hierarchy when it is empty at that moment, and cgroups
# go a little later than their directories.
unmounted() {
    umount "$T/$1"
    eventually forgotten "$1"
}

forgotten() {
    sleep 0.1
    awk -v name="${1%,*}" '$1 == name { exit $2 != 0 }' /proc/cgroups && return
    mount -t cgroup -o "$1" cgroup "$T/$1"
    umount "$T/$1"
    return 1
}

test_network() {
    requires cgroup-v1
    mounted net_cls,net_prio
    bundle '.linux.resources = {network: {classID: 1048577, priorities: [{name: "lo", priority: 7}]}}'
    payload pause
    create_ok
    assert_equal "$(cat "$T/net_cls,net_prio/$ID/net_cls.classid")" 1048577 class
    assert_match "$(cat "$T/net_cls,net_prio/$ID/net_prio.ifpriomap")" 'lo 7'
    assert_equal "$(cat "$T/net_cls,net_prio/$ID/cgroup.procs")" "$(state .pid)" processes
    ok rt delete --force "$ID"
    unmounted net_cls,net_prio
}

test_perf_event() {
    requires cgroup-v1
    mounted perf_event
    bundle
    payload pause
    create_ok
    assert_equal "$(cat "$T/perf_event/$ID/cgroup.procs")" "$(state .pid)" processes
    ok rt delete --force "$ID"
    unmounted perf_event
}

test_controller_that_is_missing() {
    strict crun,runc "the value is dropped"
    requires cgroup-v1
    ! ls -d /sys/fs/cgroup/net_cls* 2>/dev/null || skip "this machine has net_cls"
    bundle '.linux.resources = {network: {classID: 1048577}}'
    create_fails
}

test_unified_on_v1() {
    strict crun "it is ignored"
    requires cgroup-v1
    bundle '.linux.resources = {unified: {"memory.max": "10000000"}}'
    create_fails
}

# --- Fitness ------------------------------------------------------------------------------------

# make_cgroups: the container's groups, before it is created.
make_cgroups() {
    local controller
    for controller in $CONTROLLERS; do
        [ ! -d "/sys/fs/cgroup/$controller" ] || mkdir "/sys/fs/cgroup/$controller/$ID"
    done
}

remove_cgroups() {
    local group
    for group in $(find_cgroups); do rmdir "$group"; done
}

test_group_that_exists_and_is_empty() {
    requires cgroup-v1
    bundle
    make_cgroups
    payload pause
    create_ok
    assert_contains "$(cat "/proc/$(state .pid)/cgroup")" ":memory:/$ID"
    ok rt delete --force "$ID"
    remove_cgroups
}

test_group_with_a_process() {
    differs crun,runc "versions of this age take a group in use"
    requires cgroup-v1
    bundle
    mkdir "/sys/fs/cgroup/pids/$ID"
    background "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    echo "$JOB" >"/sys/fs/cgroup/pids/$ID/cgroup.procs"
    configure
    fails rt create --bundle "$BUNDLE" "$ID"
    assert_says "container's cgroup is not empty: 1 process(es) found"
    [ -d "/proc/$JOB" ] || fail "the process was killed"
    assert_equal "$(cat "/sys/fs/cgroup/pids/$ID/cgroup.procs")" "$JOB" "processes of the group"
    kill -KILL "$JOB"
    finish_job "$JOB"
    rmdir "/sys/fs/cgroup/pids/$ID"
    assert_clean
}

test_group_that_is_frozen() {
    strict crun "it waits for ever or does not look"
    requires cgroup-v1
    bundle
    mkdir "/sys/fs/cgroup/freezer/$ID"
    echo FROZEN >"/sys/fs/cgroup/freezer/$ID/freezer.state"
    configure
    fails timeout 10 "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID"
    assert_says "container's cgroup unexpectedly frozen"
    echo THAWED >"/sys/fs/cgroup/freezer/$ID/freezer.state"
    remove_cgroups
    assert_clean
}

test_two_containers_do_not_share_a_group() {
    differs crun,runc "versions of this age take a group in use"
    requires cgroup-v1
    bundle
    payload pause
    create_ok
    fails rt create --bundle "$BUNDLE" "$ID-second"
    assert_state created
    assert_contains "$(cat "/proc/$(state .pid)/cgroup")" ":memory:/$ID"
}

# --- Removal ------------------------------------------------------------------------------------

test_groups_below_are_removed() {
    requires cgroup-v1
    bundle
    payload pause
    launch
    mkdir -p "/sys/fs/cgroup/memory/$ID/one/two" "/sys/fs/cgroup/pids/$ID/one"
    ok rt delete --force "$ID"
    assert_clean
}

test_process_of_the_host_in_the_group_is_killed() {
    strict crun,runc "such a process keeps the group"
    requires cgroup-v1
    bundle
    payload pause
    launch
    background "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    echo "$JOB" >"/sys/fs/cgroup/memory/$ID/cgroup.procs"
    echo "$JOB" >"/sys/fs/cgroup/freezer/$ID/cgroup.procs"
    echo "$JOB" >"/sys/fs/cgroup/pids/$ID/cgroup.procs"
    echo "$JOB" >"/sys/fs/cgroup/devices/$ID/cgroup.procs"
    ok timeout 5 "$RUNTIME" --root "$STATE" delete --force "$ID"
    finish_job "$JOB"
    assert_equal "$STATUS" 137 "status of the process"
    assert_clean
}

test_children_without_a_pid_namespace_are_killed() {
    requires cgroup-v1
    bundle
    without_namespace pid
    payload fork-sleep 4 setsid
    launch
    wait_output ready
    ok rt delete --force "$ID"
    assert_clean
}

test_children_that_outlive_the_process_are_killed() {
    strict crun "they stay until delete"
    requires cgroup-v1
    bundle
    without_namespace pid
    payload fork-sleep 4 setsid
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_clean
}

test_frozen_container_can_be_deleted() {
    requires cgroup-v1
    bundle
    payload pause
    launch
    echo FROZEN >"/sys/fs/cgroup/freezer/$ID/freezer.state"
    ok timeout 15 "$RUNTIME" --root "$STATE" delete --force "$ID"
    assert_clean
}

test_removed_group_is_no_error() {
    requires cgroup-v1
    bundle
    launch
    wait_state stopped
    remove_cgroups
    ok rt delete "$ID"
}

test_remark_is_made_once() {
    requires cgroup-v1
    requires runtime=apus
    bundle '.linux.resources = {memory: {kernel: 1000000}}'
    payload true
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 0 status
    assert_equal "$(grep -c "memory/kernel: " <<<"$ERR")" 1 "remarks"
}
