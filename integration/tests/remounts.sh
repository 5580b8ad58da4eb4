# Options `remount` in mounts: what they reach, and when.
# shellcheck shell=bash

# host_tmpfs: a file system of the host on $T/host, in the mount namespace of the test.
host_tmpfs() {
    mkdir "$T/host"
    mount -t tmpfs -o size=64k host "$T/host"
}

test_remount_leaves_the_file_system_of_the_host_alone() {
    differs runc "1.1 remounts the superblock unless the type is tmpfs"
    bundle
    host_tmpfs
    local type
    for type in tmpfs none; do
        edit '.mounts |= map(select(.destination != "/x"))'
        mount_entry /x bind "$T/host" bind
        mount_entry /x $type x remount ro nosuid
        payload mountinfo , write /x/file text
        run_status 1
        assert_line write=EROFS
        has_option /x nosuid || fail "$(mount_line /x)"
        : >"$T/host/$type"
    done
    umount "$T/host"
}

test_remount_with_options_of_a_file_system_of_the_host() {
    strict crun,runc "they ignore the options"
    bundle
    host_tmpfs
    mount_entry /x bind "$T/host" bind
    local option
    for option in size=4k sync lazytime; do
        edit '.mounts |= map(select(.source != "x"))'
        mount_entry /x tmpfs x remount "$option"
        configure
        fails rt create --bundle "$BUNDLE" "$ID"
        assert_contains "$ERR" "not known as the container's own"
    done
    grep -q " $T/host .*size=64k" /proc/self/mountinfo || fail "the host has another size"
    umount "$T/host"
    assert_clean
}

test_remount_of_a_file_system_of_its_own() {
    bundle
    mount_entry /x tmpfs x size=64k
    mount_entry /x tmpfs x remount size=128k
    payload mountinfo
    run_ok
    assert_mount /x 'size=128k'
}

test_remount_read_only_comes_last() {
    bundle
    mount_entry /x tmpfs tmpfs
    mount_entry /x tmpfs tmpfs remount ro
    mount_entry /x/y tmpfs tmpfs
    mount_entry /dev tmpfs tmpfs remount ro nosuid
    payload stat /dev/null , write /x/y/file text , write /x/file text
    run_status 1
    assert_contains "$OUT" "rdev=1:3"
    assert_line write=EROFS
}

test_remount() {
    bundle
    mount_entry /dev/shm tmpfs shm remount ro nosuid
    payload mountinfo
    run_ok
    has_option /dev/shm ro || fail "$(mount_line /dev/shm)"
}

test_remount_makes_it_writable_again() {
    differs crun,runc "a read-only tmpfs is remounted read-only in the end"
    bundle
    mount_entry /x tmpfs tmpfs ro
    mount_entry /x tmpfs tmpfs remount rw nosuid
    payload write /x/file text , mountinfo
    run_ok
    assert_line write=ok
    has_option /x nosuid || fail "$(mount_line /x)"
}
