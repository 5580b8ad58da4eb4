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

# secret_link DIRECTORY: `link` there leads to $T/secret, with a file that must stay on the host.
secret_link() {
    mkdir -p "$T/secret"
    echo secret >"$T/secret/file"
    ln -s "$T/secret" "$1/link"
}

# Neither must a link of the image.
test_source_below_the_root_stays_in_the_root() {
    strict crun,runc "they follow the link on the host"
    local source
    bundle
    secret_link "$ROOTFS"
    ln -s "$BUNDLE" "$T/alias"
    mkdir -p "$T/mounted"
    mount --bind "$ROOTFS" "$T/mounted"
    MOUNTS=$(</proc/self/mountinfo)
    payload ls /two , cat /two/file
    for source in "$ROOTFS/link" rootfs/link "$T/alias/rootfs/link" "$T/mounted/link/." \
        "$BUNDLE/./rootfs//link" "$T/secret/../alias/rootfs/link"; do
        edit 'del(.mounts[] | select(.destination == "/two"))'
        mount_entry /two bind "$source" rbind
        run_fails
        refute_contains "$OUT" secret
        assert_contains "$ERR" "cannot open"
        assert_contains "$ERR" ENOENT
    done
    # What the link leads to in the container is what it means.
    mkdir -p "$ROOTFS$T/secret"
    echo inner >"$ROOTFS$T/secret/file"
    run_ok
    assert_line inner
    umount "$T/mounted"
    MOUNTS=$(</proc/self/mountinfo)
}

# Of a rootfs that is reached through a link the configuration may name either place.
test_source_below_a_root_that_is_a_link() {
    strict crun,runc "they follow the link on the host"
    bundle
    mv "$ROOTFS" "$T/image"
    ln -s "$T/image" "$ROOTFS"
    secret_link "$T/image"
    mkdir "$T/image/data"
    touch "$T/image/data/here"
    ln -s /data "$T/image/inner"
    local source
    for source in "$T/image" "$ROOTFS" rootfs; do
        edit 'del(.mounts[] | select(.destination == "/two"))'
        mount_entry /two bind "$source/link" bind
        payload ls /two , cat /two/file
        run_fails
        assert_contains "$ERR" ENOENT
        edit 'del(.mounts[] | select(.destination == "/two"))'
        mount_entry /two bind "$source/inner" bind
        payload ls /two
        run_ok
        assert_line here
    done
}

test_sources_that_only_pass_the_root() {
    bundle
    mkdir "$BUNDLE/data"
    touch "$BUNDLE/data/here"
    ln -s data "$BUNDLE/link"
    mount_entry /two bind rootfs/../data bind
    mount_entry /three bind rootfs bind
    mount_entry /four bind link bind
    payload ls /two , ls /three , ls /four
    run_ok
    assert_line here payload
    assert_equal "$(grep -cx here <<<"$OUT")" 2
}

# The container's own user maps it, and the link stays the image's.
test_source_below_the_root_in_a_user_namespace() {
    strict crun,runc "they follow the link on the host"
    bundle
    secret_link "$ROOTFS"
    chmod 755 "$T/secret"
    user_namespace
    mount_entry /two bind "$ROOTFS/link" bind
    payload ls /two , cat /two/file
    run_fails
    refute_contains "$OUT" secret
    mkdir -p "$ROOTFS$T/secret"
    echo inner >"$ROOTFS$T/secret/file"
    run_ok
    assert_line inner
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
