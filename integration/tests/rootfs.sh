# The root of the container: pivot_root or not, read-only, its propagation, masked and read-only
# paths. That a path is masked or read-only is seen by trying to read and write it.
# shellcheck shell=bash

test_root_is_the_rootfs() {
    bundle
    mkdir "$ROOTFS/marker"
    payload ls / , mountinfo
    run_ok
    assert_line marker
    assert_match "$(mount_line /)" " $ROOTFS / "
}

test_old_root_is_out_of_reach() {
    bundle
    payload stat /../../marker , mountinfo
    run_status 1
    refute_contains "$OUT" "$STATE"
    assert_equal "$(grep -c ' - sysfs ' <<<"$OUT")" 1 "number of sysfs mounts"
    assert_equal "$(grep -c ' - proc ' <<<"$OUT")" 1 "number of proc mounts"
}

test_absolute_rootfs() {
    bundle
    mv "$ROOTFS" "$T/elsewhere"
    edit ".root.path = \"$T/elsewhere\""
    payload echo here
    run_ok
    assert_line here
}

test_rootfs_through_dots() {
    bundle
    mv "$ROOTFS" "$T/elsewhere"
    edit '.root.path = "../elsewhere"'
    payload echo here
    run_ok
    assert_line here
}

test_rootfs_with_mounts_below() {
    mkdir -p "$T/bundle/rootfs/sub"
    mount -t tmpfs sub "$T/bundle/rootfs/sub"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    touch "$ROOTFS/sub/inner"
    payload ls /sub
    run_ok
    assert_line inner
    umount "$T/bundle/rootfs/sub"
}

test_rootfs_that_is_a_mount_point() {
    mkdir -p "$T/bundle/rootfs"
    mount -t tmpfs root "$T/bundle/rootfs"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    payload mountinfo
    run_ok
    assert_match "$(mount_line /)" ' - tmpfs root '
    umount "$T/bundle/rootfs"
}

test_no_pivot() {
    bundle
    mkdir "$ROOTFS/marker"
    payload ls / , cwd , mountinfo
    run_ok --no-pivot
    assert_line marker cwd=/
    refute_contains "$OUT" "$STATE"
}

test_no_pivot_out_of_a_ramfs() {
    bundle
    payload ls /
    run_ok --no-pivot
    refute_line tmp
}

test_read_only_root() {
    bundle '.root.readonly = true'
    mkdir "$ROOTFS"/{proc,sys,dev,data}
    mount_entry /data tmpfs tmpfs
    payload write /file text , write /data/file text , write /dev/shm/file text , stat /dev/null
    run_status 1
    assert_equal "$(head -n 3 <<<"$OUT")" $'write=EROFS\nwrite=ok\nwrite=ok' "writes"
    assert_contains "$OUT" rdev=1:3
    [ ! -e "$ROOTFS/file" ] || fail "written to the rootfs"
}

test_read_only_root_makes_its_mount_points() {
    bundle '.root.readonly = true'
    payload stat /proc /dev/null
    run_ok
}

test_read_only_root_without_pivot() {
    bundle '.root.readonly = true'
    payload write /file text
    run_status 1 --no-pivot
    assert_line write=EROFS
}

test_read_only_root_is_not_seen_on_the_host() {
    bundle '.root.readonly = true'
    payload pause
    launch
    touch "$ROOTFS/from-the-host"
}

test_writable_root() {
    bundle
    payload write /file text
    run_ok
    assert_file "$ROOTFS/file" text
}

test_default_propagation() {
    bundle
    payload mountinfo
    run_ok
    refute_contains "$(mount_line /)" "shared:"
}

test_propagation() {
    differs runc "1.1 leaves the root private for shared"
    local kind
    bundle
    payload mountinfo
    for kind in private slave shared unbindable rprivate rslave rshared; do
        edit ".linux.rootfsPropagation = \"$kind\""
        run_ok
        local line
        line=$(mount_line /)
        case $kind in
        *shared) assert_contains "$line" " shared:" ;;
        *slave) refute_contains "$line" " shared:" ;;
        *private) refute_contains "$line" " shared:" && refute_contains "$line" " master:" ;;
        unbindable) assert_contains "$line" " unbindable" ;;
        esac
    done
}

test_unbindable_root_with_protected_paths() {
    differs crun,runc "the root is unbindable before its paths are protected"
    bundle '.linux.rootfsPropagation = "runbindable"
        | .linux.readonlyPaths = ["/proc/sys"] | .linux.maskedPaths = ["/proc/version"]'
    payload mountinfo
    run_ok
    assert_match "$(mount_line /)" ' unbindable'
    assert_match "$(mount_line /proc/sys)" ' ro,'
}

test_slave_root_gets_mounts_of_the_host() {
    differs crun "the rootfs is a private clone"
    mkdir -p "$T/bundle/rootfs/sub"
    mount --bind "$T/bundle/rootfs" "$T/bundle/rootfs"
    mount --make-shared "$T/bundle/rootfs"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle '.linux.rootfsPropagation = "rslave"'
    payload pause
    launch
    mount -t tmpfs late "$ROOTFS/sub"
    local table
    table=$(cat "/proc/$(state .pid)/mountinfo")
    umount "$ROOTFS/sub"
    assert_contains "$table" " /sub "
    ok rt delete --force "$ID"
    umount "$ROOTFS"
}

test_private_root_gets_none() {
    mkdir -p "$T/bundle/rootfs/sub"
    mount --bind "$T/bundle/rootfs" "$T/bundle/rootfs"
    mount --make-shared "$T/bundle/rootfs"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle '.linux.rootfsPropagation = "private"'
    payload pause
    launch
    mount -t tmpfs late "$ROOTFS/sub"
    local table
    table=$(cat "/proc/$(state .pid)/mountinfo")
    umount "$ROOTFS/sub"
    refute_contains "$table" " /sub "
    ok rt delete --force "$ID"
    umount "$ROOTFS"
}

test_unknown_propagation() {
    strict crun "it takes an unknown word for a mount option"
    bundle '.linux.rootfsPropagation = "everywhere"'
    create_fails
}

test_masked_paths() {
    bundle '.linux.maskedPaths = ["/proc/meminfo", "/proc/keys", "/sys/firmware", "/secret",
        "/secrets", "/missing/path", "/proc/missing"]'
    echo secret >"$ROOTFS/secret"
    mkdir "$ROOTFS/secrets"
    echo secret >"$ROOTFS/secrets/file"
    payload cat /secret , stat /secrets /proc/meminfo , ls /secrets , write /secrets/new text , \
        stat /missing
    run_status 1
    refute_contains "$OUT" secret$'\n'
    assert_contains "$OUT" "/secrets type=dir"
    assert_contains "$OUT" "read=empty"
    assert_contains "$OUT" "/proc/meminfo type=char mode=0666 uid=0 gid=0 rdev=1:3"
    assert_line write=EROFS /missing=ENOENT
    assert_file "$ROOTFS/secret" secret
}

test_masked_file_takes_no_writes() {
    bundle '.linux.maskedPaths = ["/secret"]'
    echo secret >"$ROOTFS/secret"
    capabilities CAP_DAC_OVERRIDE
    payload write /secret lost
    run_ok
    assert_file "$ROOTFS/secret" secret
}

test_masked_directories_share_nothing() {
    strict crun "one writable folder masks all of them"
    bundle '.linux.maskedPaths = ["/one", "/two"]'
    mkdir "$ROOTFS/one" "$ROOTFS/two"
    capabilities CAP_DAC_OVERRIDE CAP_SYS_ADMIN
    # Even a container that may mount finds nothing of another masked folder in one of them.
    payload mount --remount-rw /one , write /one/file text , ls /two , ls /one
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    refute_line file
    # Whether it may write there or not, it has tried.
    assert_contains "$OUT" "mount="
}

test_masked_path_is_a_link() {
    bundle '.linux.maskedPaths = ["/link"]'
    echo secret >"$ROOTFS/secret"
    ln -s secret "$ROOTFS/link"
    payload echo begun , cat /link
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_line begun
    refute_contains "$OUT" secret
}

test_no_masked_paths() {
    bundle
    echo open >"$ROOTFS/file"
    payload cat /file
    run_ok
    assert_line open
}

test_readonly_paths() {
    bundle '.linux.readonlyPaths = ["/proc/sys", "/data", "/file", "/missing", "/proc/bus"]'
    mkdir "$ROOTFS/data"
    touch "$ROOTFS/data/file" "$ROOTFS/file"
    capabilities CAP_DAC_OVERRIDE CAP_SYS_ADMIN
    payload write /data/file x , write /file x , write /data/new x , \
        write /proc/sys/kernel/msgmax 1 , cat /proc/sys/kernel/msgmax
    run_status 1
    assert_equal "$(grep -c write=EROFS <<<"$OUT")" 4 "read-only answers"
    assert_file "$ROOTFS/file" ""
}

test_readonly_paths_reach_what_is_below() {
    strict crun,runc "they make only the top of it read-only"
    bundle '.linux.readonlyPaths = ["/data"]'
    mount_entry /data tmpfs tmpfs
    mount_entry /data/below tmpfs tmpfs
    payload write /data/below/file x
    run_status 1
    assert_line write=EROFS
}

test_readonly_path_keeps_its_flags() {
    strict crun "it drops nosuid, nodev and noexec"
    bundle '.linux.readonlyPaths = ["/data"]'
    mount_entry /data tmpfs tmpfs nosuid noexec nodev
    payload mountinfo
    run_ok
    assert_match "$(mount_line /data)" ' ro,nosuid,nodev,noexec,relatime '
}

test_path_that_is_masked_and_read_only() {
    bundle '.linux.readonlyPaths = ["/proc/sys"] | .linux.maskedPaths = ["/proc/sys/kernel/msgmax"]'
    payload cat /proc/sys/kernel/msgmax , stat /proc/sys/kernel/msgmni
    run_ok
    assert_contains "$OUT" "msgmni type=file"
    refute_contains "$OUT" 8192
}
