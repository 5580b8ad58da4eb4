# mounts add and mounts remove: the mounts of a container that exists.
# shellcheck shell=bash

# running: a container that waits, with what the tests mount.
running() {
    requires runtime=apus
    bundle
    payload pause
    mkdir "$T/source"
    echo text >"$T/source/file"
    launch
}

# mounts FILTER: the file that is given to the command.
mounts() {
    jq -n "$1" >"$T/mounts.json"
}

# inside_mounts: OUT is the container's mountinfo.
inside_mounts() {
    ok rt exec "$ID" /payload mountinfo
}

test_bind() {
    running
    mounts "[{destination: \"/added/deep\", source: \"$T/source\", options: [\"bind\", \"ro\", \"nosuid\"]}]"
    ok rt mounts add "$ID" "$T/mounts.json"
    assert_equal "$OUT$ERR" "" "output"
    inside_mounts
    assert_match "$(mount_line /added/deep)" ' ro,nosuid'
    ok rt exec "$ID" /payload cat /added/deep/file
    assert_line text
    ok rt mounts remove "$ID" "$T/mounts.json"
    inside_mounts
    assert_equal "$(mount_line /added/deep)" "" "mount"
    assert_file "$T/source/file" text
}

test_file() {
    running
    mounts "[{destination: \"/file\", source: \"$T/source/file\", options: [\"bind\"]}]"
    ok rt mounts add "$ID" "$T/mounts.json"
    ok rt exec "$ID" /payload cat /file
    assert_line text
    ok rt mounts remove "$ID" "$T/mounts.json"
    ok rt exec "$ID" /payload cat /file
    refute_line text
}

test_tmpfs_from_standard_input() {
    running
    echo '{"mounts": [{"destination": "/t", "type": "tmpfs", "source": "tmpfs",
        "options": ["size=64k", "noexec"]}]}' >"$T/mounts.json"
    STDIN=$T/mounts.json
    ok rt mounts add "$ID" -
    unset STDIN
    inside_mounts
    assert_match "$(mount_line /t)" 'noexec.* - tmpfs tmpfs .*size=64k'
    # Only the destination counts, and a mount that is used goes too.
    mounts '[{destination: "/t"}]'
    ok rt mounts remove "$ID" "$T/mounts.json"
    inside_mounts
    assert_equal "$(mount_line /t)" "" "mount"
}

test_read_only_from_the_start() {
    running
    mounts '[{destination: "/t", type: "tmpfs", options: ["ro"]}]'
    ok rt mounts add "$ID" "$T/mounts.json"
    inside_mounts
    assert_match "$(mount_line /t)" ' ro,'
}

test_cgroups_stay_out() {
    running
    mounts '[{destination: "/c", type: "cgroup", source: "cgroup", options: ["ro"]}]'
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/c): cgroups cannot be brought into a container that exists"
    inside_mounts
    assert_equal "$(mount_line /c)" "" "mount"
}

test_several_in_order() {
    running
    mounts '[{destination: "/a", type: "tmpfs"}, {destination: "/a/b", type: "tmpfs"}]'
    ok rt mounts add "$ID" "$T/mounts.json"
    inside_mounts
    [ -n "$(mount_line /a/b)" ] || fail "no mount /a/b"
    # The last one first.
    ok rt mounts remove "$ID" "$T/mounts.json"
    inside_mounts
    assert_equal "$(mount_line /a)$(mount_line /a/b)" "" "mounts"
}

test_created_container() {
    requires runtime=apus
    bundle
    payload mountinfo
    create_ok
    mounts '[{destination: "/t", type: "tmpfs"}]'
    ok rt mounts add "$ID" "$T/mounts.json"
    assert_state created
    ok rt start "$ID"
}

test_user_namespace() {
    requires user-namespaces
    requires runtime=apus
    bundle
    user_namespace
    payload pause
    mkdir -m 755 "$T/source"
    launch
    mounts "[{destination: \"/t\", type: \"tmpfs\"},
        {destination: \"/b\", source: \"$T/source\", options: [\"bind\"]}]"
    ok rt mounts add "$ID" "$T/mounts.json"
    inside_mounts
    [ -n "$(mount_line /t)" ] || fail "no mount /t"
    [ -n "$(mount_line /b)" ] || fail "no mount /b"
    ok rt mounts remove "$ID" "$T/mounts.json"
}

# A link of the container's must not lead to the host, in either direction.
test_links_stay_inside() {
    requires runtime=apus
    bundle
    payload pause
    mkdir -p "$T/host/place"
    ln -s "$T/host" "$ROOTFS/link"
    launch
    mounts '[{destination: "/link/place", type: "tmpfs"}]'
    # The link leads to a directory of the same name inside, which is made.
    ok rt mounts add "$ID" "$T/mounts.json"
    inside_mounts
    [ -n "$(mount_line "$T/host/place")" ] || fail "no mount where the link leads inside"
    ok rt exec "$ID" /payload write "$T/host/place/file" text
    [ -z "$(ls "$T/host/place")" ] || fail "the mount is on the host's directory"
    ok rt delete --force "$ID"
}

# A container would like to get rid of what masks its /proc.
test_links_do_not_lead_to_a_mask() {
    requires runtime=apus
    bundle '.linux.maskedPaths = ["/proc/version"]'
    payload pause
    ln -s proc "$ROOTFS/link"
    ln -s proc/version "$ROOTFS/last"
    launch
    mounts '[{destination: "/link/version"}]'
    fails rt mounts remove "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/link/version)"
    mounts '[{destination: "/last"}]'
    fails rt mounts remove "$ID" "$T/mounts.json"
    inside_mounts
    [ -n "$(mount_line /proc/version)" ] || fail "the mask is gone"
}

# The container's processes could lead a lookup inside astray.
test_source_below_the_root_is_the_hosts() {
    requires runtime=apus
    bundle
    payload pause
    mkdir -p "$ROOTFS/one"
    echo host >"$ROOTFS/one/file"
    launch
    mounts "[{destination: \"/one\", type: \"tmpfs\"},
        {destination: \"/two\", source: \"$ROOTFS/one\", options: [\"bind\"]}]"
    ok rt mounts add "$ID" "$T/mounts.json"
    ok rt exec "$ID" /payload cat /two/file
    assert_line host
}

test_remount_is_read_only_at_once() {
    running
    mounts '[{destination: "/t", type: "tmpfs"}, {destination: "/t", type: "tmpfs", options: ["remount", "ro"]},
        {destination: "/u", type: "tmpfs", options: ["ro"]}, {destination: "/u", type: "tmpfs", options: ["remount", "rw"]}]'
    ok rt mounts add "$ID" "$T/mounts.json"
    inside_mounts
    assert_match "$(mount_line /t)" ' ro,'
    assert_match "$(mount_line /u)" ' rw,'
}

test_what_cannot_be_mounted() {
    running
    mounts '[{destination: "/x", type: "nosuchfs"}]'
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/x)"
    mounts "[{destination: \"/x\", source: \"$T/nowhere\", options: [\"bind\"]}]"
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "$T/nowhere"
    mounts '[{destination: "/proc/sys", type: "tmpfs"}]'
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/proc/sys)"
    mounts '[{destination: "/", type: "tmpfs"}]'
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "cannot mount over the root"
    fails rt mounts remove "$ID" "$T/mounts.json"
    assert_contains "$ERR" "cannot mount over the root"
    mounts '[{destination: "/payload"}]'
    fails rt mounts remove "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/payload): cannot unmount"
    mounts '[{destination: "/missing/x"}]'
    fails rt mounts remove "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/missing/x)"
    assert_state running
}

test_files_that_are_wrong() {
    running
    local text
    for text in '' '{' '[1]' '{"mounts": 5}' '{}' '"x"' '[{"type": "tmpfs"}]'; do
        echo "$text" >"$T/mounts.json"
        fails rt mounts add "$ID" "$T/mounts.json"
    done
    fails rt mounts add "$ID" "$T/missing.json"
    fails rt mounts change "$ID" "$T/mounts.json"
}

test_containers_in_the_wrong_state() {
    running
    mounts '[{destination: "/t", type: "tmpfs"}]'
    fails rt mounts add "$ID-missing" "$T/mounts.json"
    assert_contains "$ERR" "does not exist"
    ok rt pause "$ID"
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "container paused"
    ok rt resume "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
    fails rt mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "container not running"
}
