# The systemd driver: the unit, its properties, that its cgroup has the values, and that the unit
# is gone with the container.
# shellcheck shell=bash
# needs cgroup-v2 systemd

unit() {
    echo "apus-$ID.scope"
}

# property NAME: of the container's unit.
property() {
    systemctl show --value --property "$1" "$(unit)"
}

# scoped [FILTER...]: a created container.
scoped() {
    requires cgroup-v2 systemd
    bundle "$@"
    payload pause
    create_ok
}

test_scope_holds_the_process() {
    scoped
    assert_equal "$(property ActiveState)" active state
    assert_equal "$(property ControlGroup)" "/system.slice/$(unit)" "control group"
    assert_equal "$(sed -n 's/^0:://p' "/proc/$(state .pid)/cgroup")" "/system.slice/$(unit)" group
    assert_equal "$(property Delegate)" yes Delegate
    assert_equal "$(property Slice)" system.slice Slice
    ok rt start "$ID"
    assert_state running
    ok rt delete --force "$ID"
    assert_equal "$(property LoadState)" not-found "unit after delete"
}

test_scope_ends_with_run() {
    requires cgroup-v2 systemd
    bundle
    payload cat /proc/self/cgroup
    run_ok
    assert_line "0::/system.slice/$(unit)"
    assert_equal "$(property LoadState)" not-found "unit after run"
}

test_limits_are_properties() {
    scoped '.linux.resources = {memory: {limit: 67108864, reservation: 33554432},
        cpu: {shares: 2048, quota: 20000, period: 50000, cpus: "0", mems: "0"},
        pids: {limit: 7}}'
    assert_equal "$(property MemoryMax)" 67108864 MemoryMax
    assert_equal "$(property MemoryLow)" 33554432 MemoryLow
    assert_equal "$(property CPUWeight)" 174 CPUWeight
    assert_equal "$(property CPUQuotaPerSecUSec)" 400ms CPUQuotaPerSecUSec
    assert_equal "$(property CPUQuotaPeriodUSec)" 50ms CPUQuotaPeriodUSec
    assert_equal "$(property AllowedCPUs)" 0 AllowedCPUs
    assert_equal "$(property AllowedMemoryNodes)" 0 AllowedMemoryNodes
    assert_equal "$(property TasksMax)" 7 TasksMax
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/memory.max" 67108864
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/cpu.max" "20000 50000"
    # They stay when systemd writes everything anew.
    systemctl daemon-reload
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/memory.max" 67108864
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/pids.max" 7
}

# --- Devices ------------------------------------------------------------------------------------

# with_devices RULE...: a running container that has /dev/fuse and a loop device, after a first rule
# that denies all.
with_devices() {
    requires cgroup-v2 systemd file=/dev/fuse
    bundle
    local rule list='{allow: false, access: "rwm"}'
    for rule in "$@"; do list+=", $rule"; done
    edit ".linux.resources.devices = [$list]"
    edit '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438},
        {path: "/dev/block", type: "b", major: 7, minor: 0, fileMode: 438}]'
    capabilities CAP_MKNOD CAP_DAC_OVERRIDE
    payload pause
    launch
}

# answers TEXT: of opening both devices inside.
answers() {
    capture rt exec "$ID" /payload open /dev/fuse r , open /dev/block r , open /dev/null rw
    assert_equal "$OUT" "$1" "answers${2:+ $2}"
}

test_device_rules_are_properties() {
    with_devices '{allow: true, type: "c", major: 10, minor: 229, access: "r"}' \
        '{allow: true, type: "b", major: 7, access: "rw"}'
    assert_equal "$(property DevicePolicy)" strict DevicePolicy
    local allowed
    allowed=$(property DeviceAllow)
    assert_match "$allowed" '/dev/char/10:229 r($|[^w])'
    assert_contains "$allowed" "block-7 rw"
    assert_contains "$allowed" "/dev/char/1:3 rwm"
    assert_contains "$allowed" "char-* m"
}

test_device_rules_hold_after_a_reload() {
    with_devices '{allow: true, type: "b", major: 7, minor: 0, access: "rw"}'
    answers $'open=EPERM\nopen=ok\nopen=ok'
    systemctl daemon-reload
    answers $'open=EPERM\nopen=ok\nopen=ok' "after a reload"
    # Setting any property makes systemd put the unit's devices into force anew.
    ok rt update --pids-limit 20 "$ID"
    answers $'open=EPERM\nopen=ok\nopen=ok' "after an update"
}

# It leaves the bus for a moment then.
test_start_during_reloads() {
    bundle
    payload true
    background bash -ec 'for n in {1..8}; do systemctl daemon-reload; done'
    local n
    for n in 1 2 3 4 5; do run_ok; done
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of the reloads"
}

# systemd knows no exceptions: its own filter steps aside and the exact one stays.
test_exceptions_hold_after_a_reload() {
    with_devices '{allow: true, access: "rwm"}' \
        '{allow: false, type: "c", major: 10, minor: 229, access: "rwm"}'
    assert_equal "$(property DevicePolicy)" auto DevicePolicy
    answers $'open=EPERM\nopen=ok\nopen=ok'
    systemctl daemon-reload
    answers $'open=EPERM\nopen=ok\nopen=ok' "after a reload"
}

# --- Changes ------------------------------------------------------------------------------------

test_limits_hold_after_a_reload() {
    scoped '.linux.resources = {cpu: {shares: 2048, quota: 20000, cpus: "0"},
        memory: {limit: 67108864, swap: 67108864}, pids: {limit: 7},
        unified: {"memory.high": "50331648", "memory.min": "1048576"}}'
    ok rt update --cpu-quota 40000 --pids-limit 9 "$ID"
    systemctl daemon-reload
    # A new task makes nothing be written; a change of another property does.
    systemctl set-property --runtime "$(unit)" MemoryLow=2M
    local file
    for file in "cpu.weight 174" "cpu.max 40000 100000" "cpuset.cpus 0" "memory.max 67108864" \
        "memory.high 50331648" "memory.min 1048576" "pids.max 9"; do
        assert_file "/sys/fs/cgroup/system.slice/$(unit)/${file%% *}" "${file#* }"
    done
}

test_update_of_processor_time() {
    scoped
    ok rt update --cpu-quota 30000 --cpu-period 60000 --cpu-share 512 --cpuset-cpus 0 "$ID"
    assert_equal "$(property CPUQuotaPerSecUSec)" 500ms CPUQuotaPerSecUSec
    assert_equal "$(property CPUQuotaPeriodUSec)" 60ms CPUQuotaPeriodUSec
    assert_equal "$(property CPUWeight)" 59 CPUWeight
    assert_equal "$(property AllowedCPUs)" 0 AllowedCPUs
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/cpu.max" "30000 60000"
    ok rt update --cpu-quota -1 "$ID"
    assert_equal "$(property CPUQuotaPerSecUSec)" infinity "CPUQuotaPerSecUSec without a limit"
}

test_out_of_memory_kills_all() {
    scoped '.linux.resources = {unified: {"memory.oom.group": "1"}}'
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/memory.oom.group" 1
}

test_update_changes_properties() {
    scoped '.linux.resources = {memory: {limit: 67108864}}'
    ok rt update --memory 33554432 --pids-limit 9 "$ID"
    assert_equal "$(property MemoryMax)" 33554432 MemoryMax
    assert_equal "$(property TasksMax)" 9 TasksMax
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/memory.max" 33554432
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/pids.max" 9
}

test_annotations() {
    scoped '.annotations = {"org.systemd.property.TimeoutStopSec": "7",
        "org.systemd.property.CollectMode": "'"'inactive-or-failed'"'",
        "org.systemd.property.Description": "'"'my box'"'"}'
    assert_equal "$(property TimeoutStopUSec)" 7s TimeoutStopUSec
    assert_equal "$(property CollectMode)" inactive-or-failed CollectMode
    assert_equal "$(property Description)" "my box" Description
}

test_annotation_that_systemd_refuses() {
    requires cgroup-v2 systemd
    bundle '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
    create_fails
    assert_contains "$ERR" "$(unit)"
    assert_equal "$(property LoadState)" not-found unit
}

test_annotation_that_cannot_be_read() {
    requires cgroup-v2 systemd
    bundle '.annotations = {"org.systemd.property.TimeoutStopSec": "soon"}'
    create_fails
    assert_contains "$ERR" "annotations/org.systemd.property.TimeoutStopSec"
}

test_slice() {
    requires cgroup-v2 systemd
    bundle ".linux.cgroupsPath = \"apustest-one.slice:apus:$ID\""
    payload pause
    create_ok
    assert_equal "$(property ControlGroup)" \
        "/apustest.slice/apustest-one.slice/$(unit)" "control group"
    ok rt delete --force "$ID"
    systemctl stop apustest.slice
}

test_path_of_the_other_driver() {
    requires cgroup-v2 systemd
    bundle ".linux.cgroupsPath = \"/$ID\""
    create_fails
    assert_contains "$ERR" 'slice:prefix:name'
}

test_absent_path() {
    requires cgroup-v2 systemd
    bundle 'del(.linux.cgroupsPath)'
    payload pause
    create_ok
    assert_equal "$(property ActiveState)" active state
}

test_one_task_is_enough() {
    scoped '.linux.resources = {pids: {limit: 1}}'
    ok rt start "$ID"
    assert_state running
}

test_no_task_at_all() {
    requires cgroup-v2 systemd
    bundle '.ociVersion = "1.3.0" | .linux.resources = {pids: {limit: 0}}'
    payload pause
    create_ok
    assert_file "/sys/fs/cgroup/system.slice/$(unit)/pids.max" 0
}

# Before version 1.3 engines mean that there is no limit.
test_tasks_without_a_limit() {
    requires runtime=apus
    scoped '.ociVersion = "1.2.1" | .linux.resources = {pids: {limit: 0}}'
    assert_equal "$(property TasksMax)" infinity
}

test_remains_of_a_failed_unit() {
    requires cgroup-v2 systemd
    # A scope that failed keeps its name until somebody resets it.
    systemd-run --scope --unit "$(unit)" --property RuntimeMaxSec=1 sleep 100 || true
    eventually test "$(property ActiveState)" = failed
    bundle
    payload pause
    create_ok
    assert_equal "$(property ActiveState)" active state
}

# In our own slice its cgroup is not empty, in another one only systemd knows of it.
test_unit_in_use_is_refused() {
    requires cgroup-v2 systemd
    local slice
    for slice in system.slice apustest.slice; do
        background systemd-run --scope --slice "$slice" --unit "$(unit)" sleep 100
        eventually systemctl is-active --quiet "$(unit)"
        bundle
        configure
        fails rt create --bundle "$BUNDLE" "$ID"
        assert_contains "$ERR" "linux/cgroupsPath: "
        assert_equal "$(property ActiveState)" active "state of the other's unit"
        systemctl stop "$(unit)"
    done
}

# Slices of its own: those of other tests come and go.
test_failed_create_leaves_no_slice() {
    requires cgroup-v2 systemd
    bundle '.linux.cgroupsPath = "apusfails-new.slice:apus:x" | .process.cwd = "/payload"'
    create_fails
    [ ! -e /sys/fs/cgroup/apusfails.slice/apusfails-new.slice ] || fail "the slice is left"
    bundle '.linux.cgroupsPath = "apusalone-new.slice:apus:x"'
    configure
    fails env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "$RUNTIME" --root "$STATE" \
        --systemd-cgroup create --bundle "$BUNDLE" "$ID"
    [ ! -e /sys/fs/cgroup/apusalone.slice ] || fail "a slice is left without systemd"
}

test_failed_create_leaves_no_unit() {
    requires cgroup-v2 systemd
    bundle '.process.cwd = "/payload"'
    create_fails
    assert_equal "$(property LoadState)" not-found unit
}

test_reading_needs_no_bus() {
    scoped
    ok rt start "$ID"
    local command
    for command in "state $ID" list "ps $ID" "events --stats $ID" "pause $ID" "resume $ID" \
        "kill $ID TERM"; do
        # shellcheck disable=SC2086 # words
        ok env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "$RUNTIME" --root "$STATE" \
            --systemd-cgroup $command
    done
}

test_delete_without_the_bus() {
    scoped
    ok rt kill "$ID" KILL
    wait_state stopped
    ok env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "$RUNTIME" --root "$STATE" delete "$ID"
}

test_create_without_the_bus() {
    requires cgroup-v2 systemd
    bundle
    configure
    fails env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "$RUNTIME" --root "$STATE" \
        --systemd-cgroup create --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "cannot reach systemd"
}
