# Cgroups below systemd's unit: the one that is the container's, and the one that the container
# manages itself.
# shellcheck shell=bash

SUBGROUP=run.oci.systemd.subgroup
DELEGATE=run.oci.delegate-cgroup

scope() {
    echo "/system.slice/apus-$ID.scope"
}

property() {
    systemctl show --value --property "$1" "apus-$ID.scope"
}

# place PID: its cgroup of version 2.
place() {
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}

# annotate NAME VALUE
annotate() {
    edit ".annotations.\"$1\" = \"$2\""
}

# below NAME [DELEGATED]: a bundle with the annotations.
below() {
    bundle
    annotate "$SUBGROUP" "$1"
    [ $# -lt 2 ] || annotate "$DELEGATE" "$2"
    payload pause
}

# scoped NAME [DELEGATED]: the same, where systemd makes the cgroups.
scoped() {
    requires cgroup-v2 systemd
    below "$@"
}

# shows_groups: a cgroup namespace and a mount of its cgroups.
shows_groups() {
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup nosuid noexec nodev rw
}

test_process_is_below_the_scope() {
    scoped box
    create_ok
    assert_equal "$(place "$(state .pid)")" "$(scope)/box" group
    assert_equal "$(property ControlGroup)" "$(scope)" "control group of the unit"
    assert_file "/sys/fs/cgroup$(scope)/cgroup.procs" ""
    ok rt start "$ID"
    assert_state running
    ok rt delete --force "$ID"
    assert_equal "$(property LoadState)" not-found "unit after delete"
    [ ! -e "/sys/fs/cgroup$(scope)" ] || fail "the scope's cgroup is left"
}

test_nothing_ends_with_run() {
    scoped box
    payload cat /proc/self/cgroup
    run_ok
    assert_line "0::$(scope)/box"
    assert_equal "$(property LoadState)" not-found "unit after run"
}

test_empty_name_is_no_group() {
    scoped ''
    create_ok
    refute_contains "$ERR" "$SUBGROUP"
    assert_equal "$(place "$(state .pid)")" "$(scope)" group
}

test_limits_are_in_both() {
    scoped box
    edit '.linux.resources = {memory: {limit: 67108864, reservation: 33554432},
        cpu: {quota: 20000, period: 50000, cpus: "0"}, pids: {limit: 7},
        unified: {"memory.high": "50331648"}}'
    create_ok
    local group line
    for group in "$(scope)" "$(scope)/box"; do
        for line in "memory.max 67108864" "memory.low 33554432" "cpu.max 20000 50000" \
            "cpuset.cpus 0" "pids.max 7" "memory.high 50331648"; do
            assert_file "/sys/fs/cgroup$group/${line%% *}" "${line#* }"
        done
    done
    ok rt update --memory 58720256 --pids-limit 9 "$ID"
    systemctl daemon-reload
    for group in "$(scope)" "$(scope)/box"; do
        assert_file "/sys/fs/cgroup$group/memory.max" 58720256
        assert_file "/sys/fs/cgroup$group/pids.max" 9
    done
    assert_equal "$(property TasksMax)" 9 TasksMax
}

test_container_sees_its_limits() {
    scoped box
    shows_groups
    edit '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 7}}'
    payload cat /proc/self/cgroup , cat /sys/fs/cgroup/memory.max , cat /sys/fs/cgroup/pids.max
    run_ok
    assert_equal "$OUT" $'0::/\n67108864\n7' "what the container sees"
}

test_device_rules_hold() {
    scoped box
    requires file=/dev/fuse
    edit '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438}]' \
        '.linux.resources.devices = [{allow: false, access: "rwm"},
        {allow: true, type: "c", major: 10, minor: 229, access: "r"}]'
    payload open /dev/fuse r , open /dev/fuse w , open /dev/null rw
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_equal "$OUT" $'open=ok\nopen=EPERM\nopen=ok' answers
}

test_commands_find_the_group() {
    scoped box
    create_ok
    ok rt start "$ID"
    ok rt exec "$ID" /payload cat /proc/self/cgroup
    assert_line "0::$(scope)/box"
    ok rt ps --format json "$ID"
    assert_contains "$OUT" "$(state .pid)"
    ok rt pause "$ID"
    assert_state paused
    assert_file "/sys/fs/cgroup$(scope)/box/cgroup.freeze" 1
    ok rt resume "$ID"
    assert_state running
    ok rt events --stats "$ID"
    jq -e '.data.pids.current == 1' >/dev/null <<<"$OUT" || fail "no figures: $OUT"
    ok rt kill --all "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
}

test_exec_below_the_group() {
    scoped box
    create_ok
    ok rt start "$ID"
    mkdir "/sys/fs/cgroup$(scope)/box/inner"
    ok rt exec --cgroup /inner "$ID" /payload cat /proc/self/cgroup
    assert_line "0::$(scope)/box/inner"
    fails rt exec --cgroup /../box "$ID" /payload true
}

test_want_of_memory_is_told() {
    scoped box
    edit '.linux.resources = {memory: {limit: 33554432, swap: 33554432}}'
    payload memhog 128
    create_ok
    background rt wait "$ID"
    eventually job_holds inotify
    ok rt start "$ID"
    finish_job "$JOB"
    assert_match "$(cat "$JOB_OUT")" 'out of memory +yes'
}

test_failed_create_leaves_nothing() {
    scoped box own
    edit '.process.cwd = "/payload"'
    create_fails
    # The process was in the unit's cgroup when it came to this.
    assert_contains "$ERR" "process/cwd (/payload): cannot make directory /payload: ENOTDIR"
    assert_equal "$(property LoadState)" not-found unit
}

# A control file of the kernel's has the name already.
test_name_in_use_is_refused() {
    scoped memory.max
    create_fails
    assert_contains "$ERR" "annotations/$SUBGROUP: the kernel has a file of this name in a cgroup"
    assert_equal "$(property LoadState)" not-found unit
}

test_delete_without_the_bus() {
    scoped box own
    create_ok
    ok rt kill "$ID" KILL
    wait_state stopped
    ok env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "$RUNTIME" --root "$STATE" delete "$ID"
    assert_clean
    [ ! -e "/sys/fs/cgroup$(scope)" ] || fail "the scope's cgroup is left"
    # Of its end systemd hears from the kernel.
    eventually unit_is_gone
}

unit_is_gone() {
    [ "$(property LoadState)" = not-found ]
}

test_slice_has_no_such_group() {
    scoped box
    edit '.linux.cgroupsPath = "::apustest-sub.slice"'
    create_fails
    assert_contains "$ERR" "annotations/$SUBGROUP: "
}

# --- The cgroup that is handed over -------------------------------------------------------------

test_process_is_in_the_group_of_its_own() {
    scoped box own
    shows_groups
    edit '.linux.resources = {pids: {limit: 7}}'
    create_ok
    assert_equal "$(place "$(state .pid)")" "$(scope)/box/own" group
    assert_file "/sys/fs/cgroup$(scope)/box/pids.max" 7
    assert_file "/sys/fs/cgroup$(scope)/box/cgroup.procs" ""
    [ ! -e "/sys/fs/cgroup$(scope)/box/own/pids.max" ] || fail "it has limits of its own"
    ok rt start "$ID"
    # The namespace's root is the cgroup above.
    ok rt exec "$ID" /payload cat /proc/1/cgroup
    assert_line "0::/own"
    ok rt exec "$ID" /payload cat /proc/self/cgroup
    assert_line "0::/"
    ok rt pause "$ID"
    assert_state paused
    ok rt resume "$ID"
    ok rt delete --force "$ID"
    [ ! -e "/sys/fs/cgroup$(scope)" ] || fail "the scope's cgroup is left"
}

# Once the container hands controllers down, its own cgroup takes no process any more.
test_exec_beside_a_container_that_hands_down() {
    scoped box own
    shows_groups
    payload write /sys/fs/cgroup/cgroup.subtree_control +memory , pause
    create_ok
    ok rt start "$ID"
    eventually grep -q memory "/sys/fs/cgroup$(scope)/box/cgroup.subtree_control"
    ok rt exec "$ID" /payload cat /proc/self/cgroup
    assert_line "0::/own"
}

test_group_is_its_owners() {
    scoped box own
    requires user-namespaces
    user_namespace 100000 65536
    shows_groups
    create_ok
    local group
    for group in "$(scope)/box" "$(scope)/box/own"; do
        assert_equal "$(stat -c %u "/sys/fs/cgroup$group/cgroup.procs")" 100000 "owner of $group"
    done
    assert_equal "$(stat -c %u "/sys/fs/cgroup$(scope)/cgroup.procs")" 0 "owner of the scope"
    assert_equal "$(place "$(state .pid)")" "$(scope)/box/own" group
}

# --- Where it cannot be -------------------------------------------------------------------------

test_bad_names() {
    requires runtime=apus
    local name
    for name in a/b . .. 'a\nb' "$(printf 'x%.0s' {1..256})"; do
        below "$name"
        create_fails
        assert_contains "$ERR" "annotations/$SUBGROUP: "
        below box "$name"
        create_fails
        assert_contains "$ERR" "annotations/$DELEGATE: "
        refute_contains "$ERR" "annotations/$SUBGROUP: "
    done
    below box ''
    create_fails
    assert_contains "$ERR" "annotations/$DELEGATE: "
}

test_own_group_needs_one_above() {
    requires runtime=apus cgroup-v2
    below '' own
    create_fails
    assert_contains "$ERR" "annotations/$DELEGATE: needs $SUBGROUP"
}

test_no_effect_without_systemd() {
    requires runtime=apus cgroupfs
    below box
    create_ok
    assert_contains "$ERR" "annotations/$SUBGROUP: has no effect"
    ! find_cgroups | grep -q '/box$' || fail "there is such a cgroup"
    ok rt delete --force "$ID"
    below ''
    create_ok
    refute_contains "$ERR" "$SUBGROUP"
}

test_own_group_without_systemd() {
    requires runtime=apus cgroupfs cgroup-v2
    below box own
    create_fails
    assert_contains "$ERR" "annotations/$DELEGATE: needs $SUBGROUP and cgroups made by systemd"
}

test_own_group_of_version_one() {
    requires runtime=apus cgroup-v1
    below box own
    create_fails
    assert_contains "$ERR" "annotations/$DELEGATE: a cgroup of version 1 cannot"
}
