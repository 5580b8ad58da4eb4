# The mounts of config.json: every type, where they may land, what becomes of a missing destination,
# binds and their recursive options, tmpcopyup, propagation. What counts is the container's
# mountinfo.
# shellcheck shell=bash

# shared_source DIR: a folder with a tmpfs below it, to see whether an option reaches submounts.
source_with_submount() {
    mkdir -p "$T/source/sub"
    mount -t tmpfs -o mode=755 sub "$T/source/sub"
    touch "$T/source/file" "$T/source/sub/inner"
    sort /proc/self/mountinfo >"$T/mounts"
}

test_types() {
    bundle
    mount_entry /mqueue mqueue mqueue nosuid noexec nodev
    mount_entry /t tmpfs tmpfs size=1m mode=700
    payload mountinfo , statfs /proc /sys /dev /dev/pts /dev/shm /mqueue /t , stat /t
    run_ok
    assert_mount /proc ' - proc proc '
    assert_mount /sys ' ro,nosuid,nodev,noexec.* - sysfs sysfs '
    assert_mount /dev ' - tmpfs tmpfs rw,size=65536k,mode=755'
    assert_mount /dev/pts ' - devpts devpts .*mode=620,ptmxmode=666'
    assert_mount /mqueue ' rw,nosuid,nodev,noexec.* - mqueue mqueue '
    assert_contains "$OUT" "/proc magic=0x9fa0"
    assert_contains "$OUT" "/sys magic=0x62656572"
    assert_contains "$OUT" "/dev/pts magic=0x1cd1"
    assert_contains "$OUT" "/mqueue magic=0x19800202"
    assert_contains "$OUT" "/t magic=0x1021994 bytes=1048576"
    assert_contains "$OUT" "/t type=dir mode=0700"
}

test_unknown_type() {
    bundle
    mount_entry /x nosuchfs none
    create_fails
    assert_match "$ERR" 'ENODEV|[Nn]o such device'
}

test_only_the_mounts_of_the_configuration() {
    bundle
    payload mountinfo
    run_ok
    local points
    points=$(awk '{ print $5 }' <<<"$OUT" | sort | tr '\n' ' ')
    assert_equal "$points" "/ /dev /dev/pts /dev/shm /proc /sys " "mount points"
}

test_mounts_in_order() {
    bundle
    mount_entry /a tmpfs first
    mount_entry /a/b tmpfs second
    mount_entry /a tmpfs third
    payload mountinfo , ls /a
    run_ok
    assert_equal "$(awk '$5 ~ "^/a" { print $(NF-1) }' <<<"$OUT" | tr '\n' ' ')" \
        "first second third " order
    refute_line b
}

test_missing_destination_is_created() {
    differs crun "the folders on the way get the mode of a tmpfs"
    bundle
    mkdir "$T/source"
    touch "$T/file"
    mount_entry /one/two/three tmpfs tmpfs
    mount_entry /four/dir bind "$T/source" bind
    mount_entry /five/file bind "$T/file" bind
    payload stat /one /one/two/three /four/dir /five/file
    run_ok
    assert_contains "$OUT" "/one type=dir mode=0755 uid=0 gid=0"
    assert_contains "$OUT" "/five/file type=file"
    [ -d "$ROOTFS/one/two/three" ] || fail "not made in the rootfs"
    [ -f "$ROOTFS/five/file" ] || fail "no file made in the rootfs"
}

test_file_bind() {
    bundle
    echo host >"$T/file"
    echo image >"$ROOTFS/target"
    mount_entry /target bind "$T/file" bind
    payload cat /target
    run_ok
    assert_line host
    assert_file "$ROOTFS/target" image
}

test_bind_keeps_what_is_below() {
    bundle
    source_with_submount
    mount_entry /rbind none "$T/source" rbind
    mount_entry /bind none "$T/source" bind
    payload ls /rbind/sub , echo - , ls /bind/sub
    run_ok
    assert_equal "$OUT" $'inner\n-' "submounts"
    umount "$T/source/sub"
}

test_bind_type_without_option() {
    differs crun,runc "versions of this age take bind for the name of a file system"
    bundle
    source_with_submount
    mount_entry /x bind "$T/source"
    payload ls /x , ls /x/sub
    run_ok
    assert_line file sub
    # One mount, as with the option of this name: no more of the host than was asked for.
    refute_line inner
    umount "$T/source/sub"
}

test_relative_source_is_below_the_bundle() {
    bundle
    mkdir "$BUNDLE/data"
    touch "$BUNDLE/data/here"
    mount_entry /x bind data bind
    payload ls /x
    configure
    cd /
    run_ok
    assert_line here
}

test_missing_bind_source() {
    bundle
    mount_entry /x bind "$T/missing" rbind
    create_fails
    assert_match "$ERR" 'ENOENT|[Nn]o such file'
    [ ! -e "$T/missing" ] || fail "the source was made"
}

test_directory_on_a_file() {
    bundle
    mkdir "$T/source"
    touch "$ROOTFS/x"
    mount_entry /x bind "$T/source" bind
    create_fails
    assert_match "$ERR" 'ENOTDIR|[Nn]ot a directory'
}

test_file_on_a_directory() {
    bundle
    touch "$T/file"
    mkdir "$ROOTFS/x"
    mount_entry /x bind "$T/file" bind
    create_fails
}

test_destination_through_a_link_stays_inside() {
    bundle
    mkdir -p "$T/outside" "$ROOTFS/inside" "$ROOTFS$T/outside"
    ln -s "$T/outside" "$ROOTFS/absolute"
    ln -s ../../../../../../../../inside "$ROOTFS/relative"
    mount_entry /absolute/x tmpfs one
    mount_entry /relative/y tmpfs two
    payload mountinfo
    run_ok
    assert_mount "$T/outside/x" ' - tmpfs one '
    assert_mount /inside/y ' - tmpfs two '
    [ -z "$(ls "$T/outside")" ] || fail "made outside of the rootfs: $(ls "$T/outside")"
    [ -d "$ROOTFS/inside/y" ] || fail "not made inside"
}

test_destination_that_is_a_link_to_a_file() {
    bundle
    mkdir -p "$ROOTFS/etc" "$ROOTFS/run"
    echo image >"$ROOTFS/run/real"
    ln -s ../../../../run/real "$ROOTFS/etc/conf"
    echo host >"$T/file"
    mount_entry /etc/conf bind "$T/file" bind
    payload cat /run/real , readlink /etc/conf
    run_ok
    assert_line host /etc/conf=../../../../run/real
    assert_file "$ROOTFS/run/real" image
}

# A rootfs that cannot be written to needs its mount points.
test_destination_on_a_read_only_layer() {
    differs crun "its clone of the root can be written to"
    bundle
    mkdir -p "$ROOTFS"/{proc,sys,dev,there}
    mount --bind "$ROOTFS" "$ROOTFS"
    mount -o remount,bind,ro "$ROOTFS"
    sort /proc/self/mountinfo >"$T/mounts"
    mount_entry /there tmpfs tmpfs
    payload write /there/file text , write /file text
    run_status 1
    assert_equal "$OUT" $'write=ok\nwrite=EROFS' "the mount and the layer"
    mount_entry /missing tmpfs tmpfs
    create_fails
    assert_match "$ERR" 'EROFS|[Rr]ead-only file system'
    umount "$ROOTFS"
}

test_destination_through_a_dangling_link() {
    bundle
    ln -s "$T/outside" "$ROOTFS/link"
    mount_entry /link/x tmpfs one
    configure
    # Whether it is an error or is made inside, the host is not touched.
    capture rt run --bundle "$BUNDLE" "$ID"
    [ ! -e "$T/outside" ] || fail "made outside of the rootfs"
    assert_clean
}

test_destination_with_dots_stays_inside() {
    bundle
    mount_entry /a/../../../../up tmpfs one
    payload mountinfo
    run_ok
    assert_mount /up ' - tmpfs one '
}

test_relative_destination() {
    bundle
    mount_entry rel tmpfs one
    payload mountinfo
    run_ok
    assert_mount /rel ' - tmpfs one '
}

test_destination_is_the_root() {
    strict crun,runc "a mount over the whole root is refused"
    bundle
    mount_entry / tmpfs tmpfs
    create_fails
}

test_destination_below_an_earlier_mount() {
    bundle
    mkdir "$T/source"
    mount_entry /x tmpfs tmpfs
    mount_entry /x/y bind "$T/source" bind
    payload stat /x/y
    run_ok
    [ ! -e "$ROOTFS/x/y" ] || fail "made below the mount"
}

test_nothing_is_bound_over_what_we_write_in_proc() {
    strict crun "binds below /proc are not looked at"
    bundle
    mkdir -p "$T/fake/kernel"
    mount_entry /proc/sys bind "$T/fake" bind
    create_fails
}

test_procfs_of_another_place_may_be_covered() {
    bundle
    mkdir -p "$ROOTFS/run"
    ln -s /other "$ROOTFS/run/link"
    mount_entry /other bind /proc rbind
    mount_entry /run/link/sys tmpfs mine
    payload mountinfo
    run_ok
    assert_mount /other/sys ' - tmpfs mine '
}

test_bind_over_some_files_of_proc() {
    bundle
    echo fake >"$T/file"
    mount_entry /proc/uptime bind "$T/file" bind
    payload cat /proc/uptime
    run_ok
    assert_line fake
}

test_read_only_tmpfs() {
    bundle
    mount_entry /x tmpfs tmpfs ro
    payload write /x/file text
    run_status 1
    assert_line write=EROFS
}

test_read_only_dev_has_its_devices() {
    bundle
    edit '(.mounts[] | select(.destination == "/dev") | .options) += ["ro"]'
    payload stat /dev/null , write /dev/file text
    run_status 1
    assert_contains "$OUT" "rdev=1:3"
    assert_line write=EROFS
}

test_recursively_read_only_dev_has_its_devices() {
    differs runc "1.1 applies recursive options to binds only"
    differs crun "1.8 turns it read-only before its devices are made"
    bundle
    edit '(.mounts[] | select(.destination == "/dev") | .options) += ["rro"]'
    payload stat /dev/null /dev/shm , write /dev/shm/file text , write /dev/file text
    run_status 1
    assert_contains "$OUT" "rdev=1:3"
    assert_contains "$OUT" "/dev/shm type=dir"
    assert_equal "$(grep write= <<<"$OUT")" $'write=ok\nwrite=EROFS' "only /dev itself"
}

test_read_only_tmpfs_that_is_covered() {
    differs runc "the mount on top is remounted read-only in its place"
    bundle
    mount_entry /x tmpfs below ro
    mount_entry /x tmpfs top
    payload write /x/file text , mountinfo
    run_ok
    assert_line write=ok
    assert_equal "$(awk '$5 == "/x" { print substr($6, 1, 2) }' <<<"$OUT" | tr '\n' ' ')" \
        "ro rw " "both"
}

test_read_only_bind() {
    bundle
    source_with_submount
    mount_entry /x none "$T/source" rbind ro
    payload write /x/file a , write /x/sub/inner b
    run_status 1
    assert_equal "$OUT" $'write=EROFS\nwrite=ok' "only the top is read-only"
    umount "$T/source/sub"
}

test_recursive_options() {
    differs crun "the kernel refuses its recursive access time options"
    bundle
    source_with_submount
    local option flag
    for option in rro rnosuid rnodev rnoexec rnoatime rnodiratime; do
        mount_entry "/$option" none "$T/source" rbind $option
    done
    payload mountinfo
    run_ok
    for option in rro rnosuid rnodev rnoexec rnoatime rnodiratime; do
        flag=${option#r}
        has_option "/$option" "$flag" || fail "$option: $(mount_line /$option)"
        has_option "/$option/sub" "$flag" || fail "$option below: $(mount_line /$option/sub)"
    done
    umount "$T/source/sub"
}

test_recursive_options_that_clear() {
    differs crun "rsuid turns nosymfollow on"
    mkdir -p "$T/source/sub"
    mount -t tmpfs -o nosuid,nodev,noexec,noatime,mode=755 sub "$T/source/sub"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    mount_entry /x none "$T/source" rbind rsuid rdev rexec rrelatime
    payload mountinfo
    run_ok
    assert_equal "$(mount_line /x/sub | cut -d ' ' -f 6)" rw,relatime "options below"
    umount "$T/source/sub"
}

test_recursive_strictatime_and_rw() {
    differs crun "1.8 cannot clear an access time option recursively"
    mkdir -p "$T/source/sub"
    mount -t tmpfs -o ro,relatime,mode=755 sub "$T/source/sub"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    mount_entry /x none "$T/source" rbind rrw rstrictatime
    payload mountinfo
    run_ok
    assert_equal "$(mount_line /x/sub | cut -d ' ' -f 6)" rw "options below"
    umount "$T/source/sub"
}

test_plain_options_of_a_recursive_bind_stay_on_top() {
    bundle
    source_with_submount
    mount_entry /x none "$T/source" rbind nosuid noexec
    payload mountinfo
    run_ok
    has_option /x nosuid || fail "top: $(mount_line /x)"
    ! has_option /x/sub nosuid || fail "below: $(mount_line /x/sub)"
    umount "$T/source/sub"
}

restricted_source() {
    mkdir "$T/source"
    mount -t tmpfs -o ro,nosuid,nodev,noexec source "$T/source"
    sort /proc/self/mountinfo >"$T/mounts"
}

test_bind_keeps_options_of_its_source() {
    strict crun "a bind clears what its source forbids"
    restricted_source
    bundle
    mount_entry /x none "$T/source" bind
    payload mountinfo
    run_ok
    assert_equal "$(mount_line /x | cut -d ' ' -f 6)" ro,nosuid,nodev,noexec,relatime options
    umount "$T/source"
}

test_bind_clears_options_when_asked() {
    differs runc "1.1 keeps them"
    restricted_source
    bundle
    mount_entry /x none "$T/source" bind rw suid dev exec
    payload mountinfo
    run_ok
    assert_equal "$(mount_line /x | cut -d ' ' -f 6)" rw,relatime options
    umount "$T/source"
}

test_tmpcopyup() {
    bundle
    mkdir -p "$ROOTFS/data/deep"
    echo content >"$ROOTFS/data/deep/file"
    ln -s deep/file "$ROOTFS/data/link"
    chmod 0640 "$ROOTFS/data/deep/file"
    chown 12:34 "$ROOTFS/data/deep/file"
    capabilities CAP_DAC_OVERRIDE
    mount_entry /data tmpfs tmpfs tmpcopyup mode=755
    payload cat /data/link , stat /data/deep/file /data/link , write /data/deep/file changed , \
        mountinfo
    run_ok
    assert_line content "/data/link type=link mode=0777 uid=0 gid=0 link=deep/file"
    assert_contains "$OUT" "/data/deep/file type=file mode=0640 uid=12 gid=34"
    assert_mount /data ' - tmpfs '
    assert_file "$ROOTFS/data/deep/file" content
}

test_read_only_tmpcopyup() {
    bundle
    mkdir "$ROOTFS/data"
    echo content >"$ROOTFS/data/file"
    mount_entry /data tmpfs tmpfs tmpcopyup ro
    payload cat /data/file , write /data/file changed
    run_status 1
    assert_line content write=EROFS
}

test_tmpfs_takes_the_mode_of_its_destination() {
    differs crun "it mounts with the default mode"
    bundle
    mkdir -m 0711 "$ROOTFS/data"
    mount_entry /data tmpfs tmpfs
    payload stat /data
    run_ok
    assert_contains "$OUT" "mode=0711"
}

test_propagation() {
    differs crun "its sources are private clones"
    bundle
    mkdir "$T/source"
    local kind
    for kind in shared slave private unbindable; do
        mount_entry "/$kind" none "$T/source" bind $kind
        mount_entry "/r$kind" none "$T/source" bind "r$kind"
    done
    payload mountinfo
    run_ok
    assert_mount /shared ' shared:[0-9]+'
    assert_mount /rshared ' shared:[0-9]+'
    assert_mount /slave ' master:[0-9]+'
    assert_mount /rslave ' master:[0-9]+'
    assert_mount /unbindable ' unbindable'
    assert_mount /runbindable ' unbindable'
    for kind in private rprivate; do
        assert_mount /$kind ' rw,relatime - '
    done
}

test_propagation_reaches_a_running_container() {
    differs crun "its sources are private clones"
    mkdir "$T/source"
    mount -t tmpfs source "$T/source"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    mkdir "$T/source/sub"
    mount_entry /slave none "$T/source" rbind rslave
    mount_entry /private none "$T/source" rbind rprivate
    payload pause
    launch
    mount -t tmpfs late "$T/source/sub"
    local table
    table=$(cat "/proc/$(state .pid)/mountinfo")
    umount "$T/source/sub"
    assert_match "$table" ' /slave/sub '
    refute_contains "$table" ' /private/sub '
    ok rt delete --force "$ID"
    umount "$T/source"
}

test_mounts_of_the_container_do_not_reach_the_host() {
    bundle
    capabilities CAP_SYS_ADMIN
    mkdir "$ROOTFS/x"
    payload mount none /x tmpfs , pause
    launch
    wait_output mount=ok
    grep -q ' /x ' "/proc/$(state .pid)/mountinfo" || fail "not mounted inside"
    sort /proc/self/mountinfo | cmp -s - "$T/mounts" || fail "mounts of the host changed"
}

test_data_options() {
    bundle
    mount_entry /x tmpfs tmpfs size=2m nr_inodes=77 uid=5 gid=6 mode=1750
    payload statfs /x , stat /x
    run_ok
    assert_line "/x magic=0x1021994 bytes=2097152 inodes=77"
    assert_contains "$OUT" "/x type=dir mode=1750 uid=5 gid=6"
}

test_unknown_option() {
    bundle
    mount_entry /x tmpfs tmpfs frobnicate
    create_fails
    assert_match "$ERR" 'EINVAL|[Ii]nvalid argument'
}

test_unknown_option_of_a_bind() {
    strict crun,runc "data of a bind is ignored there"
    bundle
    mount_entry /x none "$T" rbind frobnicate
    create_fails
}

# Podman leaves its own words for a volume in the configuration.
test_options_of_an_engine() {
    bundle
    mkdir "$T/volume"
    mount_entry /x none "$T/volume" rbind nocopy
    mount_entry /y none "$T/volume" rbind copy
    payload true
    run_ok
}

test_bad_data_option() {
    bundle
    mount_entry /x tmpfs tmpfs size=bad
    create_fails
}

test_empty_options_and_options_in_one_string() {
    bundle
    mount_entry /x tmpfs tmpfs "" "size=64k,mode=700"
    mount_entry /y tmpfs tmpfs "mpol=bind:0,0"
    payload mountinfo
    run_ok
    assert_mount /x 'size=64k,mode=700'
    assert_mount /y 'mpol=bind:0'
}

test_options_of_more_than_a_page() {
    strict crun,runc "the kernel cuts them off"
    bundle
    local lower=$T/lower
    mkdir -p "$lower" "$T/upper" "$T/work"
    lower+=$(printf '/.%.0s' {1..2030})
    mount_entry /x overlay overlay "lowerdir=$lower" "upperdir=$T/upper" "workdir=$T/work"
    create_fails
    assert_contains "$ERR" "bytes are too many"
}

test_device_bind() {
    bundle
    mount_entry /dev/zero2 bind /dev/zero bind
    payload stat /dev/zero2
    run_ok
    assert_contains "$OUT" "type=char mode=0666 uid=0 gid=0 rdev=1:5"
}

test_destination_through_a_link_to_a_host_folder() {
    bundle
    ln -s /etc "$ROOTFS/etc"
    touch "$T/file"
    mount_entry /etc/apus-test-file bind "$T/file" bind
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    [ ! -e /etc/apus-test-file ] || fail "made on the host"
    assert_clean
}
