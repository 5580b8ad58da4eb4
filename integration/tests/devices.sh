# What /dev holds: the default devices and links, linux.devices with modes, owners and types,
# entries that are in the way, containers without a mount on it. Which may be used:
# cgroup_devices.sh.
# shellcheck shell=bash

# device PATH TYPE MAJOR MINOR [EXTRA]: appends to linux.devices; EXTRA is JSON such as `fileMode:
# 1`.
device() {
    edit ".linux.devices += [{path: \"$1\", type: \"$2\", major: $3, minor: $4${5:+, $5}}]"
}

test_default_devices() {
    bundle
    payload stat /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx
    run_ok
    local name number
    while read -r name number; do
        assert_line "/dev/$name type=char mode=0666 uid=0 gid=0 rdev=$number"
    done <<<$'null 1:3\nzero 1:5\nfull 1:7\nrandom 1:8\nurandom 1:9\ntty 5:0'
}

test_default_links() {
    bundle
    payload readlink /dev/fd /dev/stdin /dev/stdout /dev/stderr /dev/ptmx
    run_ok
    assert_line /dev/fd=/proc/self/fd /dev/stdin=/proc/self/fd/0 /dev/stdout=/proc/self/fd/1 \
        /dev/stderr=/proc/self/fd/2 /dev/ptmx=pts/ptmx
}

test_default_devices_work() {
    bundle
    payload write /dev/null text , open /dev/zero r , write /dev/full x
    run_status 1
    assert_equal "$OUT" $'write=ok\nopen=ok\nwrite=ENOSPC' "answers"
}

test_no_console_without_a_terminal() {
    bundle
    payload stat /dev/console
    run_status 1
    assert_line /dev/console=ENOENT
}

test_nothing_else_in_dev() {
    bundle
    payload ls /dev
    run_ok
    local names
    names=$(grep -vx -e core <<<"$OUT" | tr '\n' ' ')
    assert_equal "$names" \
        "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero " "entries"
}

test_devices() {
    bundle
    device /dev/fuse c 10 229 'fileMode: 384, uid: 1000, gid: 1001'
    device /dev/deep/er/loop b 7 0 'fileMode: 432'
    device /dev/plain c 1 5
    device /dev/unbuffered u 1 3
    payload stat /dev/fuse /dev/deep/er/loop /dev/plain /dev/unbuffered /dev/deep
    run_ok
    assert_line "/dev/fuse type=char mode=0600 uid=1000 gid=1001 rdev=10:229" \
        "/dev/deep/er/loop type=block mode=0660 uid=0 gid=0 rdev=7:0"
    assert_contains "$OUT" "/dev/plain type=char"
    assert_contains "$OUT" "/dev/unbuffered type=char"
    assert_contains "$OUT" "/dev/deep type=dir mode=0755"
}

test_fifo() {
    bundle
    edit '.linux.devices += [{path: "/dev/pipe", type: "p", fileMode: 384, uid: 7, gid: 8}]'
    payload stat /dev/pipe
    run_ok
    assert_line "/dev/pipe type=fifo mode=0600 uid=7 gid=8"
}

test_file_mode_is_not_masked() {
    bundle '.process.user.umask = 63'
    device /dev/open c 1 3 'fileMode: 511'
    payload stat /dev/open
    run_ok
    assert_contains "$OUT" "/dev/open type=char mode=0777"
}

test_unknown_type() {
    strict crun "it makes what it can"
    bundle
    device /dev/x x 1 3
    create_fails
}

test_conflicting_entry() {
    strict crun,runc "a path that is taken is left as it is"
    bundle
    mkdir "$T/dev"
    touch "$T/dev/taken"
    mount_entry /extra bind "$T/dev" bind
    device /extra/taken c 1 3
    create_fails
}

test_conflicting_device() {
    strict crun,runc "a path that is taken is left as it is"
    bundle
    mknod "$ROOTFS/taken" c 1 5
    device /taken c 1 3
    create_fails
}

test_same_device_is_no_conflict() {
    bundle
    mknod -m 666 "$ROOTFS/taken" c 1 3
    device /taken c 1 3 'fileMode: 438'
    payload stat /taken
    run_ok
    assert_contains "$OUT" "rdev=1:3"
}

test_default_device_in_the_list() {
    differs runc "without rules for devices the list takes the device away"
    bundle
    device /dev/null c 1 3 'fileMode: 438, uid: 0, gid: 0'
    payload stat /dev/null
    run_ok
    assert_contains "$OUT" "rdev=1:3"
}

test_two_devices_at_one_path() {
    strict crun,runc "the second is dropped without a word"
    bundle
    device /dev/x c 1 3
    device /dev/x c 1 5
    create_fails
}

test_without_a_mount_on_dev() {
    differs crun "it wants a /dev in the rootfs"
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
    payload stat /dev/null , readlink /dev/stdin
    run_ok
    assert_contains "$OUT" "/dev/null type=char mode=0666 uid=0 gid=0 rdev=1:3"
    assert_line /dev/stdin=/proc/self/fd/0
}

test_without_a_mount_on_dev_twice() {
    differs crun "it wants a /dev in the rootfs"
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
    payload stat /dev/null
    run_ok
    run_ok
}

test_dev_that_is_a_bind_is_left_alone() {
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir "$T/dev"
    mknod -m 666 "$T/dev/null" c 1 3
    mount_entry /dev bind "$T/dev" rbind
    payload ls /dev
    run_ok
    assert_equal "$(ls "$T/dev")" null "entries of the host's folder"
}

test_in_a_user_namespace() {
    requires user-namespaces
    bundle
    user_namespace
    payload stat /dev/null /dev/tty , write /dev/null text
    run_ok
    assert_contains "$OUT" "rdev=1:3"
    assert_contains "$OUT" "rdev=5:0"
    assert_line write=ok
}

test_devices_in_a_user_namespace() {
    requires user-namespaces
    bundle
    user_namespace
    device /dev/zero2 c 1 5 'fileMode: 438'
    mknod -m 666 "$T/probe" c 1 5
    payload stat /dev/zero2
    configure
    # The device is bound from the host, so it must exist there under the same name.
    capture rt run --bundle "$BUNDLE" "$ID"
    if [ "$STATUS" -eq 0 ]; then assert_contains "$OUT" "rdev=1:5"; fi
    assert_clean
}

test_without_the_right_to_make_nodes() {
    differs crun "1.8 only binds in a user namespace"
    command -v setpriv >/dev/null || skip "needs setpriv"
    bundle
    payload cat /proc/self/mountinfo , stat /dev/null , write /dev/null text
    configure
    capture setpriv --bounding-set -mknod "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 0 "status of run: $ERR"
    assert_contains "$OUT" "rdev=1:3"
    assert_line write=ok
    [ -n "$(mount_line /dev/null)" ] || fail "not bound: $OUT"
}

test_device_outside_of_dev() {
    bundle
    device /opt/dev/null2 c 1 3
    payload stat /opt/dev/null2
    run_ok
    assert_contains "$OUT" "/opt/dev/null2 type=char"
}

test_device_through_a_link_stays_inside() {
    bundle
    mkdir "$T/outside"
    ln -s "$T/outside" "$ROOTFS/link"
    device /link/null2 c 1 3
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    [ -z "$(ls "$T/outside")" ] || fail "made outside of the rootfs"
    assert_clean
}

test_bind_in_the_place_of_null() {
    bundle
    mount_entry /dev/null none /dev/zero bind
    payload stat /dev/null
    run_ok
    assert_match "$OUT" 'rdev=1:5'
}

# Standard streams that are the host's null device stay that: the container's is another one.
test_another_device_in_the_place_of_null() {
    bundle '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 7}]'
    payload stat /dev/null
    run_ok
    assert_match "$OUT" 'rdev=1:7'
}
