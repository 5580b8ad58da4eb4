# Mounts of cgroups.
# shellcheck shell=bash

test_cgroup_mount() {
    requires cgroup-v1
    bundle
    mount_entry /sys/fs/cgroup cgroup cgroup ro nosuid noexec nodev relatime
    payload mountinfo , stat /sys/fs/cgroup/memory/memory.limit_in_bytes , \
        write /sys/fs/cgroup/memory/cgroup.procs 0
    run_status 1
    assert_mount /sys/fs/cgroup/memory ' - cgroup '
    has_option /sys/fs/cgroup/memory ro || fail "$(mount_line /sys/fs/cgroup/memory)"
    assert_line write=EROFS
    # Without a cgroup namespace only the container's own group is to be seen.
    assert_equal "$(mount_line /sys/fs/cgroup/memory | cut -d ' ' -f 4)" "/$ID" "root of the mount"
}

test_cgroup_mount_in_a_cgroup_namespace() {
    requires cgroup-v1
    bundle
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup ro nosuid noexec nodev relatime
    payload mountinfo , cat /proc/self/cgroup
    run_ok
    assert_mount /sys/fs/cgroup/memory ' / /sys/fs/cgroup/memory .* - cgroup '
    assert_match "$OUT" $'\n[0-9]+:memory:/\n'
}

# What is not the container's own it sees, and must not change, whatever the mount's options say.
test_cgroup_mount_of_a_container_without_cgroups() {
    requires cgroup-v1 peer-not=runc
    bundle 'del(.linux.cgroupsPath)'
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup rw nosuid noexec nodev relatime
    payload mountinfo , cat /proc/self/cgroup , write /sys/fs/cgroup/memory/cgroup.procs 0
    configure
    capture rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
    assert_mount /sys/fs/cgroup/memory ' / /sys/fs/cgroup/memory .* - cgroup '
    assert_match "$OUT" $'\n[0-9]+:memory:/\n'
    [ "$KIND" = crun ] || assert_equal "$STATUS" 1 status
    [ "$KIND" = crun ] || assert_line write=EROFS
}

test_remount_of_cgroups_of_a_container_without_any() {
    requires runtime=apus file=/sys/fs/cgroup/unified/cgroup.procs
    bundle 'del(.linux.cgroupsPath)'
    add_namespace cgroup
    capabilities CAP_DAC_OVERRIDE
    mount_entry /sys/fs/cgroup cgroup2 cgroup ro
    mount_entry /sys/fs/cgroup '' cgroup remount rw
    payload write /sys/fs/cgroup/cgroup.procs 0
    configure
    capture rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
    assert_line write=EROFS
    # Without a namespace it sees the same.
    without_namespace cgroup
    payload ls /sys/fs/cgroup , write /sys/fs/cgroup/cgroup.procs 0
    configure
    capture rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
    assert_line cgroup.procs write=EROFS
    refute_line memory
}

# version2 OPTION...: a bundle that mounts cgroups of that type alone, where the host has both.
version2() {
    requires cgroup-v1 file=/sys/fs/cgroup/unified/cgroup.procs
    bundle
    mount_entry /sys/fs/cgroup cgroup2 cgroup "$@"
    payload mountinfo , ls /sys/fs/cgroup
}

test_cgroup2_mount() {
    differs crun,runc "they show the host's"
    version2 ro nosuid noexec nodev relatime
    run_ok
    assert_mount /sys/fs/cgroup " /$ID /sys/fs/cgroup .* - cgroup2 "
    has_option /sys/fs/cgroup ro || fail "$(mount_line /sys/fs/cgroup)"
    assert_line cgroup.procs
    [ -z "$(mount_line /sys/fs/cgroup/memory)" ] || fail "version 1 is shown"
}

test_cgroup2_mount_in_a_cgroup_namespace() {
    version2 nosuid noexec nodev
    add_namespace cgroup
    payload mountinfo , cat /proc/self/cgroup , ls /sys/fs/cgroup
    run_ok
    assert_mount /sys/fs/cgroup " / /sys/fs/cgroup .* - cgroup2 "
    assert_line 0::/ cgroup.procs
    # The container's own part: the root has no such file.
    assert_line cgroup.events
}

test_options_that_cgroups_do_not_heed() {
    strict crun,runc "they pass over them"
    requires cgroup-v1
    bundle
    mount_entry /sys/fs/cgroup cgroup cgroup ro nosuid nonsense
    payload true
    run_fails
    assert_contains "$ERR" \
        "mounts/5/options (/sys/fs/cgroup): option \"nonsense\" has no effect on these cgroups"
}
