# Namespaces: new ones of all eight types, inherited ones, ones that are joined by a path, and what
# belongs to them: host names, id maps, clock offsets, the loopback device.
# shellcheck shell=bash

TYPES="cgroup:cgroup ipc:ipc mount:mnt network:net pid:pid time:time user:user uts:uts"

test_new_ones_of_each_type() {
    differs runc "1.1 lacks time namespaces"
    differs crun "1.8 does not enter the time namespace that it makes"
    requires user-namespaces time-namespaces
    bundle
    user_namespace
    add_namespace time
    add_namespace cgroup
    payload ns
    run_ok
    local pair
    for pair in $TYPES; do
        assert_match "$(value "${pair#*:}")" '^[a-z]+:\[[0-9]+\]$'
        assert_different "$(value "${pair#*:}")" "$(host_namespace "${pair#*:}")" "$pair"
    done
}

test_absent_ones_are_inherited() {
    local pair type
    for type in network ipc uts pid; do
        bundle
        without_namespace $type
        # A sysfs needs a network namespace of the container's own.
        payload ns
        run_ok
        for pair in $TYPES; do
            [ "${pair%:*}" = $type ] || continue
            assert_equal "$(value "${pair#*:}")" "$(host_namespace "${pair#*:}")" "$pair"
        done
    done
}

test_inherited_user_and_cgroup_and_time() {
    bundle
    payload ns
    run_ok
    local name
    for name in user cgroup time; do
        assert_equal "$(value $name)" "$(host_namespace $name)" "namespace $name"
    done
}

# joins TYPE NAME FLAG...: a container joins the namespace of a holder made with flags of unshare.
joins() {
    local type=$1 name=$2
    shift 2
    bundle
    hold_namespaces "$@"
    add_namespace "$type" "/proc/$HOLDER/ns/$name"
    payload ns
    run_ok
    assert_equal "$(value "$name")" "$(readlink "/proc/$HOLDER/ns/$name")" "namespace $name"
}

test_join_ipc() {
    joins ipc ipc --ipc
}

test_join_network() {
    joins network net --net
}

test_join_uts() {
    joins uts uts --uts
}

test_hostname_of_the_host_stays() {
    strict crun,runc "they rename the host"
    bundle '.hostname = "renamed"'
    payload true
    add_namespace uts /proc/self/ns/uts
    configure
    # One of its own stands for the host's.
    fails unshare --uts "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "hostname: /proc/self/ns/uts is the host's uts"
    # Nothing changes when it is the name that the host has.
    edit ".hostname = \"$(cat /proc/sys/kernel/hostname)\""
    configure
    ok unshare --uts "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

test_join_uts_sets_the_hostname_there() {
    bundle
    hold_namespaces --uts
    add_namespace uts "/proc/$HOLDER/ns/uts"
    edit '.hostname = "joined"'
    run_ok
    assert_equal "$(nsenter -t "$HOLDER" -u hostname)" joined "name in the joined namespace"
}

test_join_cgroup() {
    joins cgroup cgroup --cgroup
}

test_join_time() {
    requires time-namespaces
    differs crun,runc "versions of this age do not join one"
    joins time time --time --boottime 1000
}

test_join_pid() {
    bundle
    background unshare --pid --fork --kill-child "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    local child
    child=$(cat "/proc/$JOB/task/$JOB/children")
    add_namespace pid "/proc/${child% }/ns/pid"
    payload ns , pids
    run_ok
    assert_equal "$(value pid | head -n 1)" "$(readlink "/proc/${child% }/ns/pid")" "namespace pid"
    refute_line pid=1
}

test_join_user() {
    differs runc "1.1 wants the maps again"
    requires user-namespaces
    bundle
    # The maps are written here: unshare's own option wants newuidmap.
    background unshare --user "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    echo "0 100000 65536" >"/proc/$JOB/uid_map"
    echo "0 100000 65536" >"/proc/$JOB/gid_map"
    local user="/proc/$JOB/ns/user"
    add_namespace user "$user"
    chown -R 100000:100000 "$ROOTFS"
    chmod 755 "$T" "$BUNDLE"
    payload ns , id , cat /proc/self/uid_map
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 0 "status of run: $ERR"
    assert_equal "$(value user)" "$(readlink "$user")" "namespace user"
    assert_line uid=0,0,0
    assert_match "$OUT" '0 +100000 +65536'
}

# joined_user UID_MAP: a holder with mappings, whose user namespace the container joins.
joined_user() {
    requires user-namespaces
    bundle
    background unshare --user "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    echo "$1" >"/proc/$JOB/uid_map"
    echo "$1" >"/proc/$JOB/gid_map"
    add_namespace user "/proc/$JOB/ns/user"
    chown -R 100000:100000 "$ROOTFS"
    chmod 755 "$T" "$BUNDLE"
}

test_join_user_with_the_same_mappings() {
    joined_user "0 100000 65536"
    edit '.linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 64536},
        {containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = .linux.uidMappings'
    payload id
    run_ok
    assert_line uid=0,0,0
}

# A path that leads back to the host's namespace makes a parameter of it the host's.
test_sysctl_of_a_joined_namespace() {
    differs crun "it sets them on the host"
    bundle '.linux.sysctl = {"net.ipv4.ip_default_ttl": "77"}'
    local before
    before=$(cat /proc/sys/net/ipv4/ip_default_ttl)
    add_namespace network /proc/1/ns/net
    if [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]; then
        create_fails
        assert_contains "$ERR" "net"
    fi
    assert_equal "$(cat /proc/sys/net/ipv4/ip_default_ttl)" "$before" "the host's"
    hold_namespaces --net
    add_namespace network "/proc/$HOLDER/ns/net"
    payload cat /proc/sys/net/ipv4/ip_default_ttl
    run_ok
    assert_line 77
}

test_join_user_with_other_mappings() {
    strict crun,runc "the mappings of the configuration are ignored, or refused at all"
    joined_user "0 100000 65536"
    edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
        | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
    create_fails
    assert_contains "$ERR" "linux/gidMappings: the joined user namespace has other mappings"
}

# joined_mounts: a holder in a mount namespace that the container joins, without anything that it
# would change there. Its root is the bundle's rootfs as the holder sees it.
joined_mounts() {
    bundle
    mkdir "$ROOTFS/dev" "$ROOTFS/proc"
    mknod -m 666 "$ROOTFS/dev/null" c 1 3
    hold_namespaces --mount
    nsenter -t "$HOLDER" -m mount -t proc proc "$ROOTFS/proc"
    add_namespace mount "/proc/$HOLDER/ns/mnt"
    edit '.mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths, .linux.rootfsPropagation)'
    HELD=$(sort "/proc/$HOLDER/mountinfo")
    HELD_ROOT=$(stat -L -c %d:%i "/proc/$HOLDER/root")
}

# assert_untouched: neither the mounts nor the root of the holder have changed.
assert_untouched() {
    assert_equal "$(sort "/proc/$HOLDER/mountinfo")" "$HELD" "mounts of the holder"
    assert_equal "$(stat -L -c %d:%i "/proc/$HOLDER/root")" "$HELD_ROOT" "root of the holder"
}

test_join_mount() {
    strict runc "it takes the root away from the namespace's other processes"
    differs crun "1.8 cannot enter the root then"
    joined_mounts
    payload readlink /proc/self/ns/mnt , ls / , write /made text
    run_ok
    assert_line "/proc/self/ns/mnt=$(readlink "/proc/$HOLDER/ns/mnt")" payload
    assert_file "$ROOTFS/made" text
    assert_untouched
    nsenter -t "$HOLDER" -m umount "$ROOTFS/proc"
}

test_exec_in_a_joined_mount_namespace() {
    requires runtime=apus
    joined_mounts
    payload pause
    launch
    ok rt exec "$ID" /payload ls /
    assert_line payload dev proc
    ok rt exec "$ID" /payload readlink /proc/self/root
    assert_line /proc/self/root=/
    echo '[{"destination": "/x", "type": "tmpfs"}]' >"$T/mounts.json"
    fails rt mounts add "$ID" "$T/mounts.json"
    ok rt delete --force "$ID"
    assert_untouched
}

test_join_mount_changes_nothing_there() {
    strict crun,runc "they mount in the joined one"
    joined_mounts
    edit '.mounts = [{destination: "/x", type: "tmpfs", source: "tmpfs"}]
        | .linux.maskedPaths = ["/proc/keys"]'
    create_fails
    assert_contains "$ERR" "mounts: impossible in a mount namespace that is joined"
    assert_contains "$ERR" "linux/maskedPaths: impossible in a mount namespace that is joined"
    assert_untouched
}

# Where a root path leads is up to files of the other container: not to what the runtime has open.
test_join_mount_by_a_magic_link() {
    requires runtime=apus
    joined_mounts
    edit ".root.path = \"$ROOTFS/proc/self/fd/3\""
    create_fails
    ln -s /proc/self/root "$ROOTFS/link"
    edit ".root.path = \"$ROOTFS/link\""
    create_fails
    assert_contains "$ERR" "root/path"
    assert_untouched
}

test_join_mixed() {
    bundle
    hold_namespaces --ipc --uts --net
    add_namespace ipc "/proc/$HOLDER/ns/ipc"
    add_namespace uts "/proc/$HOLDER/ns/uts"
    add_namespace network "/proc/$HOLDER/ns/net"
    edit 'del(.hostname)'
    payload ns , pids
    run_ok
    local name
    for name in ipc uts net; do
        assert_equal "$(value $name)" "$(readlink "/proc/$HOLDER/ns/$name")" "namespace $name"
    done
    assert_line pid=1
}

test_join_by_a_bound_file() {
    touch "$T/ns"
    background unshare --net="$T/ns" true
    finish_job "$JOB"
    mount --bind "$T/ns" "$T/ns" 2>/dev/null || true
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    add_namespace network "$T/ns"
    payload ns
    run_ok
    assert_equal "$(value net)" "net:[$(stat -c %i "$T/ns")]" "namespace net"
    umount -R "$T/ns" || umount "$T/ns"
}

test_the_joined_one_outlives_the_container() {
    bundle
    hold_namespaces --net
    add_namespace network "/proc/$HOLDER/ns/net"
    run_ok
    [ -d "/proc/$HOLDER" ] || fail "the holder died"
    run_ok
}

test_path_of_another_type() {
    local pair type
    bundle
    hold_namespaces --ipc --uts --net
    configure
    cp "$BUNDLE/config.json" "$T/config.json"
    for pair in ipc:uts uts:net network:ipc pid:uts; do
        type=${pair%:*}
        add_namespace "$type" "/proc/$HOLDER/ns/${pair#*:}"
        create_fails
        cp "$T/config.json" "$BUNDLE/config.json"
    done
}

test_path_that_is_no_namespace() {
    bundle
    touch "$T/file"
    add_namespace ipc "$T/file"
    create_fails
}

test_path_that_is_missing() {
    bundle
    add_namespace ipc "$T/missing"
    create_fails
    assert_match "$ERR" 'ENOENT|[Nn]o such file'
}

test_path_that_is_relative() {
    strict crun,runc "the path is opened from where the runtime was called"
    bundle
    hold_namespaces --ipc
    ln -s "/proc/$HOLDER/ns/ipc" "$BUNDLE/ipc"
    add_namespace ipc ipc
    configure
    cd "$BUNDLE" || return
    create_fails
}

test_duplicate_type() {
    strict crun "the second is joined to the first"
    bundle '.linux.namespaces += [{type: "ipc"}]'
    create_fails
}

test_unknown_type() {
    bundle '.linux.namespaces += [{type: "weather"}]'
    create_fails
}

test_hostname_and_domainname() {
    differs crun "1.8 lacks domainname"
    differs runc "1.1 lacks domainname"
    bundle '.hostname = "box" | .domainname = "example.org"'
    payload hostname
    run_ok
    assert_line hostname=box domainname=example.org
}

test_hostname() {
    local before
    before=$(hostname)
    bundle '.hostname = "box"'
    payload hostname
    run_ok
    assert_line hostname=box
    assert_equal "$(hostname)" "$before" "name of the host"
}

test_hostname_that_is_too_long() {
    bundle ".hostname = \"$(printf 'x%.0s' {1..65})\""
    create_fails
    edit ".hostname = \"$(printf 'x%.0s' {1..64})\""
    payload hostname
    run_ok
    assert_line "hostname=$(printf 'x%.0s' {1..64})"
}

test_domainname_needs_its_namespace() {
    differs crun,runc "versions of this age ignore domainname"
    bundle
    without_namespace uts
    edit '.domainname = "example.org"'
    create_fails
}

test_loopback_is_up() {
    bundle
    payload loopback
    run_ok
    assert_line loopback=up
}

test_loopback_of_a_joined_network_is_left_alone() {
    bundle
    hold_namespaces --net
    add_namespace network "/proc/$HOLDER/ns/net"
    payload loopback
    run_ok
    assert_line loopback=down
}

test_id_maps() {
    requires user-namespaces
    bundle
    user_namespace 100000 65536
    payload id , cat /proc/self/uid_map /proc/self/gid_map , stat /payload
    run_ok
    assert_line uid=0,0,0 gid=0,0,0
    assert_equal "$(grep -cE '^ +0 +100000 +65536$' <<<"$OUT")" 2 "maps"
    assert_contains "$OUT" "/payload type=file mode=0755 uid=0 gid=0"
}

test_host_ids_of_a_mapped_container() {
    requires user-namespaces
    bundle
    user_namespace 200000
    edit '.process.user = {uid: 5, gid: 6}'
    payload pause
    launch
    assert_equal "$(stat -c %u:%g "/proc/$(state .pid)/root/payload")" 200000:200000 "owner"
    assert_equal "$(awk '/^Uid:/ { print $2 }' "/proc/$(state .pid)/status")" 200005 "uid"
    assert_equal "$(awk '/^Gid:/ { print $2 }' "/proc/$(state .pid)/status")" 200006 "gid"
}

test_maps_of_several_lines_in_any_order() {
    requires user-namespaces
    bundle
    user_namespace
    edit '.linux.uidMappings = [
        {containerID: 2000, hostID: 300000, size: 10}, {containerID: 0, hostID: 100000, size: 1000}]
        | .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 2005, gid: 2006}'
    chmod -R a+rX "$ROOTFS"
    payload id , cat /proc/self/uid_map
    run_ok
    assert_line uid=2005,2005,2005 gid=2006,2006,2006
    assert_match "$OUT" ' 2000 +300000 +10'
}

test_different_maps_for_groups() {
    requires user-namespaces
    bundle
    user_namespace
    edit '.linux.gidMappings = [{containerID: 0, hostID: 500000, size: 100}]'
    chown -R 100000:500000 "$ROOTFS"
    payload cat /proc/self/gid_map , id
    run_ok
    assert_match "$OUT" ' 0 +500000 +100'
}

test_maps_without_root() {
    requires user-namespaces
    differs runc "it wants a mapping of 0"
    differs crun "1.8 wants a mapping of 0 to execute more"
    bundle '.process.user = {uid: 1000, gid: 1001}'
    user_namespace
    edit '.linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 10}]
        | .linux.gidMappings = .linux.uidMappings'
    chown -R 101000:101000 "$ROOTFS"
    mount_entry /x tmpfs tmpfs
    payload id , write /x/file text , stat /x/file
    run_ok
    assert_line uid=1000,1000,1000 gid=1001,1001,1001
    assert_contains "$OUT" "uid=1000 gid=1001"
    payload pause
    launch
    ok rt exec "$ID" /payload id
    assert_line uid=1000,1000,1000 gid=1001,1001,1001
}

test_maps_without_a_user_namespace() {
    own_stdin
    strict crun,runc "the maps are ignored"
    bundle '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}]
        | .linux.gidMappings = .linux.uidMappings'
    create_fails
}

test_map_of_size_zero() {
    requires user-namespaces
    bundle
    user_namespace
    edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 0}]'
    create_fails
}

test_mounts_in_a_user_namespace() {
    requires user-namespaces
    bundle
    user_namespace
    payload mountinfo , write /dev/shm/x text , stat /dev/pts/ptmx
    run_ok
    assert_match "$(mount_line /dev/pts)" ' - devpts '
    assert_line write=ok
}

test_no_capability_over_the_host() {
    requires user-namespaces
    bundle
    user_namespace
    capabilities CAP_SYS_ADMIN CAP_DAC_OVERRIDE
    mkdir -m 700 "$T/private"
    mount_entry /private none "$T/private" bind
    payload ls /private , mount none /dev/shm tmpfs
    run_status 1
    assert_line /private=EACCES mount=ok
}

test_time_offsets() {
    requires time-namespaces
    differs crun "1.8 does not enter the time namespace that it makes"
    differs runc "1.1 lacks time namespaces"
    bundle
    add_namespace time
    edit '.linux.timeOffsets = {monotonic: {secs: 100000, nanosecs: 5}, boottime: {secs: 7000000}}'
    payload clock , ns
    local before
    before=$("$PAYLOAD" clock | sed -n 's/monotonic=//p')
    run_ok
    (($(value monotonic) - before >= 100000 && $(value monotonic) - before < 100060)) ||
        fail "monotonic: $before on the host, $(value monotonic) inside"
    (($(value boottime) > 7000000)) || fail "boottime: $(value boottime)"
}

test_negative_time_offset() {
    requires time-namespaces
    differs crun "1.8 does not enter the time namespace that it makes"
    differs runc "1.1 lacks time namespaces"
    bundle
    add_namespace time
    edit '.linux.timeOffsets = {boottime: {secs: -1, nanosecs: 0}}'
    payload clock
    run_ok
    local now
    now=$("$PAYLOAD" clock | sed -n 's/boottime=//p')
    (($(value boottime) <= now)) || fail "boottime: $now on the host, $(value boottime) inside"
}

test_time_offsets_without_the_namespace() {
    strict crun "they are ignored"
    differs runc "1.1 lacks time namespaces"
    bundle '.linux.timeOffsets = {boottime: {secs: 10}}'
    create_fails
}

test_cgroup_namespace_hides_the_path() {
    requires cgroup-v1
    bundle
    add_namespace cgroup
    payload cat /proc/self/cgroup
    run_ok
    refute_contains "$OUT" "$ID"
    assert_match "$OUT" ':memory:/'
}

test_without_a_cgroup_namespace_the_path_is_seen() {
    requires cgroup-v1
    bundle
    payload cat /proc/self/cgroup
    run_ok
    assert_contains "$OUT" ":memory:/$ID"
}
