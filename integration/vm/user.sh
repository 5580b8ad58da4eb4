# An ordinary user with a systemd of their own, in the test machine: apus without any right of root,
# by files and by the user's service manager.
# shellcheck shell=bash

USER_NAME=tester
USER_ID=1000
USER_BASE=/sys/fs/cgroup/user.slice/user-$USER_ID.slice/user@$USER_ID.service

# as_user COMMAND...: outside of the user's own cgroups, as after `su`.
as_user() {
    runuser -u $USER_NAME -- env HOME=/home/$USER_NAME XDG_RUNTIME_DIR=/run/user/$USER_ID \
        DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$USER_ID/bus "$@" 9>&-
}

# in_session COMMAND...: in a scope of the user's manager, where the cgroups are the user's.
in_session() {
    as_user systemd-run --user --scope --quiet --collect "$@"
}

# user_bundle [FILTER...]: what `spec --rootless` writes, with the payload as its program.
user_bundle() {
    requires cgroup-v2 file=/run/user/$USER_ID/bus
    chmod 755 "$T"
    BUNDLE=$T/bundle
    ROOTFS=$BUNDLE/rootfs
    mkdir -p "$ROOTFS"
    cp "$PAYLOAD" "$ROOTFS/payload"
    cp "$RUNTIME" "$T/apus"
    chown -R $USER_NAME "$BUNDLE"
    ok as_user "$T/apus" spec --rootless --bundle "$BUNDLE"
    EDITS=(. ".process.terminal = false" "$@")
}

# user_delete FLAG...: at the end of each test, which the frame cannot do for another's state.
user_delete() {
    ok as_user "$T/apus" "$@" delete --force "$ID"
}

user_state() {
    as_user "$T/apus" state "$ID" | jq -r "$1"
}

test_run_without_rights() {
    user_bundle
    payload id , cat /proc/self/uid_map
    configure
    ok as_user "$T/apus" run --bundle "$BUNDLE" "$ID"
    assert_match "$OUT" 'uid=0'
    assert_match "$OUT" "0 +$USER_ID +1"
}

test_limits_without_rights_are_an_error() {
    user_bundle '.linux.resources = {pids: {limit: 5}}'
    payload true
    configure
    fails as_user "$T/apus" run --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "linux/resources/pids/limit"
}

test_files_in_a_session() {
    user_bundle '.linux.resources = {pids: {limit: 5}, memory: {limit: 67108864}}'
    payload pause
    configure
    ok in_session "$T/apus" create --bundle "$BUNDLE" "$ID"
    local group
    group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(user_state .pid)/cgroup")
    assert_contains "$group" "$USER_BASE/"
    assert_file "$group/pids.max" 5
    assert_file "$group/memory.max" 67108864
    ok as_user "$T/apus" start "$ID"
    assert_equal "$(user_state .status)" running status
    user_delete
    [ ! -e "$group" ] || fail "$group remains"
}

test_subordinate_ids() {
    user_bundle '.linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1},
        {containerID: 1, hostID: 100000, size: 100}]' \
        '.linux.gidMappings = [{containerID: 0, hostID: 1000, size: 1},
        {containerID: 1, hostID: 100000, size: 100}]' '.process.user = {uid: 5, gid: 6}'
    payload id
    configure
    ok as_user "$T/apus" run --bundle "$BUNDLE" "$ID"
    assert_match "$OUT" 'uid=5'
}

# --- The user's systemd -------------------------------------------------------------------------

user_property() {
    as_user systemctl --user show --value --property "$1" "apus-$ID.scope"
}

# user_scope [FILTER...]: a created container from outside of the user's cgroups.
user_scope() {
    user_bundle "$@"
    edit ".linux.cgroupsPath = \"user.slice:apus:$ID\""
    payload pause
    configure
    ok as_user "$T/apus" --systemd-cgroup create --bundle "$BUNDLE" "$ID"
    GROUP=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(user_state .pid)/cgroup")
}

test_scope() {
    user_scope '.linux.resources = {pids: {limit: 5}, memory: {limit: 67108864}}'
    assert_equal "$GROUP" "$USER_BASE/user.slice/apus-$ID.scope" group
    assert_equal "$(user_property ActiveState)" active state
    assert_equal "$(user_property TasksMax)" 5 TasksMax
    assert_equal "$(user_property MemoryMax)" 67108864 MemoryMax
    assert_file "$GROUP/pids.max" 5
    assert_file "$GROUP/memory.max" 67108864
    ok as_user "$T/apus" start "$ID"
    assert_equal "$(user_state .status)" running status
    ok as_user "$T/apus" --systemd-cgroup update --pids-limit 7 "$ID"
    assert_file "$GROUP/pids.max" 7
    user_delete --systemd-cgroup
    assert_equal "$(user_property LoadState)" not-found "unit after delete"
    [ ! -e "$GROUP" ] || fail "$GROUP remains"
}

test_group_below_the_scope() {
    user_scope '.annotations = {"run.oci.systemd.subgroup": "box", "run.oci.delegate-cgroup": "own"}' \
        '.linux.resources = {pids: {limit: 5}}'
    local scope=$USER_BASE/user.slice/apus-$ID.scope
    assert_equal "$GROUP" "$scope/box/own" group
    assert_equal "$(user_property TasksMax)" 5 TasksMax
    assert_file "$scope/box/pids.max" 5
    ok as_user "$T/apus" start "$ID"
    # The user's manager moves the process.
    ok as_user "$T/apus" --systemd-cgroup exec --detach --pid-file "$T/bundle/pid" "$ID" /payload pause
    assert_equal "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(cat "$T/bundle/pid")/cgroup")" \
        "$scope/box" "group of the exec"
    ok as_user "$T/apus" --systemd-cgroup update --pids-limit 7 "$ID"
    assert_file "$scope/box/pids.max" 7
    user_delete --systemd-cgroup
    [ ! -e "$scope" ] || fail "$scope remains"
}

test_exec_from_outside() {
    user_scope
    ok as_user "$T/apus" start "$ID"
    ok as_user "$T/apus" --systemd-cgroup exec "$ID" /payload cat /proc/self/cgroup
    assert_match "$OUT" "apus-$ID.scope|0::/"
    user_delete --systemd-cgroup
}

test_exec_in_a_session() {
    user_scope
    ok as_user "$T/apus" start "$ID"
    ok in_session "$T/apus" --systemd-cgroup exec "$ID" /payload echo hello
    assert_line hello
    user_delete --systemd-cgroup
}

test_pause() {
    user_scope
    ok as_user "$T/apus" start "$ID"
    ok as_user "$T/apus" --systemd-cgroup pause "$ID"
    assert_contains "$(cat "$GROUP/cgroup.events")" "frozen 1"
    ok as_user "$T/apus" --systemd-cgroup resume "$ID"
    user_delete --systemd-cgroup
}

test_without_a_bus() {
    user_bundle
    payload true
    configure
    fails as_user env DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere \
        "$T/apus" --systemd-cgroup run --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "cannot reach systemd of the user"
}

# --- An engine's user namespace -----------------------------------------------------------------

# in_namespace SCRIPT: as engines call it, root of namespaces of users and mounts, with the user's own
# id and all of the subordinate ones. $apus is the runtime, $bundle and $id are the container's.
in_namespace() {
    ok as_user unshare --user --mount --map-root-user --map-auto env apus="$T/apus" bundle="$BUNDLE" \
        id="$ID" sh -ec "$1"
}

# engine_bundle [FILTER...]: the container shares the engine's user namespace.
engine_bundle() {
    user_bundle 'del(.linux.uidMappings, .linux.gidMappings)' \
        'del(.linux.namespaces[] | select(.type == "user"))' "$@"
    edit ".linux.cgroupsPath = \"user.slice:apus:$ID\""
}

test_engine_in_a_user_namespace() {
    engine_bundle '.linux.resources = {pids: {limit: 5}, memory: {limit: 67108864}}'
    payload pause
    configure
    in_namespace '
        $apus --systemd-cgroup create --bundle "$bundle" "$id"
        $apus --systemd-cgroup start "$id"
        $apus --systemd-cgroup exec "$id" /payload id
        $apus --systemd-cgroup update --pids-limit 7 "$id"
        $apus --systemd-cgroup state "$id"'
    assert_contains "$OUT" uid=0
    assert_contains "$OUT" running
    GROUP=$USER_BASE/user.slice/apus-$ID.scope
    assert_file "$GROUP/pids.max" 7
    assert_file "$GROUP/memory.max" 67108864
    assert_equal "$(user_property TasksMax)" 7 TasksMax
    in_namespace '$apus --systemd-cgroup delete --force "$id"'
    assert_equal "$(user_property LoadState)" not-found "unit after delete"
    [ ! -e "$GROUP" ] || fail "$GROUP remains"
}

test_engine_that_runs_in_the_foreground() {
    engine_bundle
    payload cat /proc/self/cgroup /proc/self/uid_map
    configure
    in_namespace '$apus --systemd-cgroup run --bundle "$bundle" "$id"'
    # The scope is the root of the container's cgroup namespace, and no user namespace is its own.
    assert_line 0::/
    assert_match "$OUT" "1 +100000 +6553[56]"
    assert_equal "$(user_property LoadState)" not-found "unit after run"
}
