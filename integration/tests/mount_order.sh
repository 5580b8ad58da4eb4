# Mounts that start from mounts before them in the list.
# shellcheck shell=bash

test_sources_below_mounts_before_them() {
    bundle
    mkdir -p "$ROOTFS/one"
    mount_entry /one tmpfs tmpfs
    mount_entry /two bind "$ROOTFS/one" bind
    payload write /two/file text , cat /one/file
    run_ok
    assert_line text
    [ ! -e "$ROOTFS/one/file" ] || fail "the mount on /one was not seen"
}

# A volume that others write to must not lead to the host.
test_source_below_a_volume_stays_in_the_root() {
    strict crun,runc "they follow the link on the host"
    bundle
    mkdir -p "$T/volume" "$T/secret"
    echo secret >"$T/secret/file"
    ln -s "$T/secret" "$T/volume/link"
    mount_entry /one bind "$T/volume" bind
    mount_entry /two bind "$ROOTFS/one/link" bind
    payload ls /two , cat /two/file
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_different "$STATUS" 0 status
    refute_contains "$OUT" secret
}

test_tree_with_the_mounts_before_it() {
    bundle
    mkdir -p "$ROOTFS/one/two"
    mount_entry /one/two tmpfs inner
    mount_entry /all bind "$ROOTFS/one" rbind
    payload mountinfo
    run_ok
    assert_mount /all/two ' - tmpfs inner '
}
