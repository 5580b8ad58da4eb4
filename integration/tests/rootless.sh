# An ordinary user: no rights on the host, one id of their own, a runtime directory.
# shellcheck shell=bash

USER_ID=64321

# rootless: a bundle that `spec --rootless` wrote for that user, and the runtime where they reach it.
rootless() {
    requires user-namespaces
    differs crun,runc "the tests read what apus says"
    HOME_DIR=$T/home
    BUNDLE=$HOME_DIR/bundle ROOTFS=$HOME_DIR/bundle/rootfs BIN=$HOME_DIR/$KIND
    mkdir -p "$ROOTFS" "$HOME_DIR/run"
    cp "$RUNTIME" "$BIN"
    cp "$PAYLOAD" "$ROOTFS/payload"
    chmod 755 "$T" "$BIN"
    chmod 700 "$HOME_DIR/run"
    chown -R "$USER_ID:$USER_ID" "$HOME_DIR"
    ok as_user "$BIN" spec --rootless --bundle "$BUNDLE"
    EDITS=('.process.terminal = false')
}

as_user() {
    setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
        env -i HOME="$HOME_DIR" PATH="$HOME_DIR/bin:$PATH" XDG_RUNTIME_DIR="$HOME_DIR/run" "$@" 9>&-
}

# user_run STATUS: `run` as that user; nothing of the container is left.
user_run() {
    configure
    capture as_user "$BIN" run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" "$1" "status of run: $ERR"
    [ -z "$(ls "$HOME_DIR/run/apus" 2>/dev/null)" ] || fail "state is left"
}

test_what_spec_writes_runs() {
    rootless
    payload id , cat /proc/self/uid_map /proc/self/setgroups , hostname
    user_run 0
    assert_line uid=0,0,0 gid=0,0,0 deny hostname=apus
    assert_match "$OUT" "0 +$USER_ID +1"
    # The runtime directory's cleaners leave what is sticky alone.
    assert_equal "$(stat -c %a:%u "$HOME_DIR/run/apus")" "1700:$USER_ID" "state root"
}

test_source_below_the_root_stays_in_the_root() {
    rootless
    mkdir "$HOME_DIR/secret"
    echo secret >"$HOME_DIR/secret/file"
    ln -s "$HOME_DIR/secret" "$ROOTFS/link"
    mount_entry /two bind "$ROOTFS/link" bind
    payload cat /two/file
    user_run 1
    refute_contains "$OUT" secret
    assert_contains "$ERR" ENOENT
    mkdir -p "$ROOTFS$HOME_DIR/secret"
    echo inner >"$ROOTFS$HOME_DIR/secret/file"
    user_run 0
    assert_line inner
}

test_whole_life() {
    rootless
    payload pause
    configure
    as_user "$BIN" create --bundle "$BUNDLE" "$ID" >"$T/container.out" 2>"$T/container.err" \
        </dev/null || fail "create: $(cat "$T/container.err")"
    ok as_user "$BIN" start "$ID"
    ok as_user "$BIN" exec "$ID" /payload id
    assert_line uid=0,0,0
    ok as_user "$BIN" list
    assert_contains "$OUT" running
    fails as_user "$BIN" pause "$ID"
    ok as_user "$BIN" kill "$ID" KILL
    user_has_stopped() { as_user "$BIN" state "$ID" | grep -q stopped; }
    eventually user_has_stopped
    ok as_user "$BIN" delete "$ID"
    assert_equal "$(ls "$HOME_DIR/run/apus")" "" "state root"
}

# A path of the host would be looked up inside.
test_mounts_are_not_added_from_the_host() {
    rootless
    payload pause
    configure
    as_user "$BIN" create --bundle "$BUNDLE" "$ID" >"$T/container.out" 2>"$T/container.err" \
        </dev/null || fail "create: $(cat "$T/container.err")"
    ok as_user "$BIN" start "$ID"
    echo '[{"destination": "/x", "source": "/dev", "options": ["bind"]}]' >"$T/mounts.json"
    fails as_user "$BIN" mounts add "$ID" "$T/mounts.json"
    assert_contains "$ERR" "mounts/0 (/x): an ordinary user cannot bring a tree of the host"
    echo '[{"destination": "/dev/x", "type": "tmpfs"}]' >"$T/mounts.json"
    ok as_user "$BIN" mounts add "$ID" "$T/mounts.json"
    ok as_user "$BIN" delete --force "$ID"
}

test_devices_are_those_of_the_host() {
    rootless
    payload stat /dev/null /dev/full , write /dev/null text
    user_run 0
    assert_match "$OUT" '/dev/null type=char.*rdev=1:3'
    assert_match "$OUT" '/dev/full type=char.*rdev=1:7'
}

test_cgroups_are_shown_and_cannot_be_written() {
    rootless
    payload cat /proc/self/mountinfo
    user_run 0
    [ -n "$(mount_line /sys/fs/cgroup)" ] || fail "no cgroups in $OUT"
    # The last mount on each place is the one that counts.
    awk '$5 ~ "^/sys/fs/cgroup" { last[$5] = $6 }
        END { for (point in last) if (last[point] !~ /^ro/) exit 1 }' <<<"$OUT" ||
        fail "writable: $OUT"
}

test_limits_need_rights() {
    rootless
    edit '.linux.resources.pids.limit = 10'
    user_run 1
    assert_contains "$ERR" "linux/resources/pids"
    edit 'del(.linux.resources) | .linux.cgroupsPath = "/apus-of-somebody"'
    user_run 1
    assert_contains "$ERR" "linux/cgroupsPath: cannot create cgroup: EACCES"
}

# What the host forbids on a mount stays forbidden on its copy.
test_locked_mount_flags() {
    rootless
    mkdir "$HOME_DIR/data"
    mount -t tmpfs -o nosuid,nodev,noatime,mode=755 tmpfs "$HOME_DIR/data"
    mount_entry /data none "$HOME_DIR/data" bind ro
    payload cat /proc/self/mountinfo
    user_run 0
    assert_match "$(mount_line /data)" ' ro,nosuid,nodev'
    edit '.mounts[-1].options = ["bind", "suid"]'
    user_run 1
    assert_contains "$ERR" "EPERM"
    umount "$HOME_DIR/data"
}

test_user_namespace_is_required() {
    rootless
    edit 'del(.linux.namespaces[] | select(.type == "user"))' \
        'del(.linux.uidMappings, .linux.gidMappings)'
    user_run 1
    assert_contains "$ERR" "rootless container requires a user namespace"
}

test_groups_cannot_be_set() {
    rootless
    edit '.process.user.additionalGids = [0]'
    payload true
    user_run 1
    assert_contains "$ERR" "process/user/additionalGids: cannot set supplementary groups: EPERM"
}

test_id_mapped_mounts_need_rights() {
    rootless
    mount_entry /data none . bind idmap
    user_run 1
    assert_contains "$ERR" "id-mapped mounts need rights"
}

more_ids() {
    edit ".linux.uidMappings += [{containerID: 1, hostID: 200000, size: 1000}]" \
        ".linux.gidMappings += [{containerID: 1, hostID: 200000, size: 1000}]"
}

test_more_ids_need_newuidmap() {
    rootless
    more_ids
    configure
    capture as_user env PATH=/nowhere "$BIN" run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 1 "status"
    assert_contains "$ERR" "linux/uidMappings: an ordinary user needs newuidmap"
}

test_more_ids_by_newuidmap() {
    rootless
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    more_ids
    echo "$USER_ID:200000:1000" >"$T/subid"
    echo "apus-test:x:$USER_ID:$USER_ID::/:/bin/sh" | cat /etc/passwd - >"$T/passwd"
    touch /etc/subuid /etc/subgid
    mount --bind "$T/passwd" /etc/passwd
    mount --bind "$T/subid" /etc/subuid
    mount --bind "$T/subid" /etc/subgid
    edit '.process.user.additionalGids = [7]'
    payload cat /proc/self/uid_map , id
    user_run 0
    assert_match "$OUT" '1 +200000 +1000'
    assert_line groups=7
    umount /etc/passwd /etc/subuid /etc/subgid
}

test_interruption_in_newuidmap() {
    rootless
    more_ids
    configure
    mkdir "$HOME_DIR/bin"
    printf '#!/bin/sh\n: >%s\nsleep 1000\n' "$HOME_DIR/run/mark" >"$HOME_DIR/bin/newuidmap"
    chmod 755 "$HOME_DIR/bin" "$HOME_DIR/bin/newuidmap"
    background setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
        env -i PATH="$HOME_DIR/bin:$PATH" XDG_RUNTIME_DIR="$HOME_DIR/run" \
        "$BIN" run --bundle "$BUNDLE" "$ID"
    eventually test -e "$HOME_DIR/run/mark"
    kill -TERM "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" 143 "status"
    assert_contains "$(cat "$JOB_OUT")" "interrupted by SIGTERM"
    [ -z "$(ls "$HOME_DIR/run/apus" 2>/dev/null)" ] || fail "state is left"
}

# An engine without privileges makes a user namespace, and is root when it calls the runtime.
test_root_of_a_user_namespace() {
    rootless
    payload id , stat /dev/null , cat /proc/self/mountinfo
    edit 'del(.linux.namespaces[] | select(.type == "user"))' \
        'del(.linux.uidMappings, .linux.gidMappings)'
    configure
    capture as_user unshare --user --map-root-user --mount "$BIN" --root "$HOME_DIR/run/apus" \
        run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 0 "status of run: $ERR"
    assert_line uid=0,0,0
    assert_match "$OUT" '/dev/null type=char.*rdev=1:3'
}

# sysfs and procfs belong to namespaces: of the host's only its own mounts can be shown.
test_sysfs_of_the_hosts_network() {
    requires user-namespaces
    differs crun,runc "they find out in another way"
    bundle
    user_namespace
    without_namespace network
    payload cat /proc/self/mountinfo
    run_ok
    assert_match "$(mount_line /sys)" ' - sysfs '
    awk '$5 ~ "^/sys" && $6 !~ /^ro/ { exit 1 }' <<<"$OUT" || fail "writable: $OUT"
}

test_procfs_of_the_hosts_processes() {
    requires user-namespaces
    differs crun,runc "they find out in another way"
    bundle
    user_namespace
    without_namespace pid
    payload cat /proc/self/mountinfo
    run_ok
    assert_match "$(mount_line /proc)" ' - proc '
}
