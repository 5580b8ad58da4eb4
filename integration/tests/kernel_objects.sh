# NUMA policy, security labels and id-mapped mounts.
# shellcheck shell=bash

test_memory_policy_of_the_program() {
    differs crun,runc "versions of this age lack linux.memoryPolicy"
    requires file=/proc/self/numa_maps
    bundle '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
    payload cat /proc/self/numa_maps
    run_ok
    assert_match "$OUT" ' bind=static:0 '
}

test_memory_policy_without_nodes() {
    differs crun,runc "versions of this age lack linux.memoryPolicy"
    requires file=/proc/self/numa_maps
    bundle '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
    payload cat /proc/self/numa_maps
    run_ok
    assert_match "$OUT" ' local '
}

test_memory_policy_of_exec() {
    differs crun,runc "versions of this age lack linux.memoryPolicy"
    requires file=/proc/self/numa_maps
    bundle '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}'
    payload pause
    launch
    ok rt exec "$ID" /payload cat /proc/self/numa_maps
    assert_match "$OUT" ' interleave:0 '
}

test_memory_policy_that_makes_no_sense() {
    differs crun,runc "versions of this age lack linux.memoryPolicy"
    local policy
    for policy in '{mode: "MPOL_DEFAULT", nodes: "0"}' '{mode: "MPOL_LOCAL", nodes: "0"}' \
        '{mode: "MPOL_BIND"}' '{mode: "MPOL_BIND", nodes: "zero"}' \
        '{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}' \
        '{mode: "MPOL_PREFERRED", flags: ["MPOL_F_STATIC_NODES"]}' \
        '{mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"]}'; do
        bundle ".linux.memoryPolicy = $policy"
        create_fails
        assert_contains "$ERR" linux/memoryPolicy/
    done
}

test_memory_policy_of_a_node_that_is_missing() {
    differs crun,runc "versions of this age lack linux.memoryPolicy"
    bundle '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "700"}'
    create_fails
    assert_contains "$ERR" "linux/memoryPolicy: cannot set the memory policy: EINVAL"
}

has_apparmor() {
    grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null
}

test_labels_need_their_module() {
    requires runtime=apus
    if ! has_apparmor; then
        bundle '.process.apparmorProfile = "unconfined"'
        create_fails
        assert_contains "$ERR" "process/apparmorProfile: AppArmor is not enabled on this host"
    fi
    [ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is enabled"
    bundle '.process.selinuxLabel = "system_u:system_r:container_t:s0"' \
        '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
    create_fails
    assert_contains "$ERR" "process/selinuxLabel: SELinux is not enabled on this host"
    assert_contains "$ERR" "linux/mountLabel: SELinux is not enabled on this host"
}

test_labels_of_exec_need_their_module() {
    requires runtime=apus
    bundle
    payload pause
    launch
    if ! has_apparmor; then
        fails rt exec --apparmor unconfined "$ID" /payload true
        assert_contains "$ERR" "AppArmor is not enabled on this host"
    fi
    [ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is enabled"
    fails rt exec --process-label system_u:system_r:container_t:s0 "$ID" /payload true
    assert_contains "$ERR" "SELinux is not enabled on this host"
}

test_apparmor_profile() {
    has_apparmor || skip "needs AppArmor"
    bundle '.process.apparmorProfile = "unconfined"'
    payload cat /proc/self/attr/apparmor/current
    run_ok
    assert_line unconfined
    bundle '.process.apparmorProfile = "apus-no-such-profile"'
    create_fails
    assert_says apus-no-such-profile
}

# idmapped [OPTION...]: binds a file of 0:0 and one of 7:8 from the bundle on /data with mappings.
idmapped() {
    bundle
    mkdir -p "$BUNDLE/data/sub"
    touch "$BUNDLE/data/root" "$BUNDLE/data/other"
    chown 7:8 "$BUNDLE/data/other"
    mount_entry /data none data "$@"
    edit '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1234, size: 2},
        {containerID: 7, hostID: 77, size: 1}]'
    edit '.mounts[-1].gidMappings = [{containerID: 0, hostID: 4321, size: 100}]'
    payload stat /data/root , stat /data/other
}

test_idmapped_mount() {
    requires user-namespaces
    differs runc "1.1 wants a user namespace"
    idmapped bind idmap
    run_ok
    assert_match "$OUT" 'uid=1234 gid=4321'
    assert_match "$OUT" 'uid=77 gid=4329'
}

test_idmapped_mount_without_the_option() {
    requires user-namespaces
    differs crun,runc "versions of this age want the option"
    idmapped bind
    run_ok
    assert_match "$OUT" 'uid=1234 gid=4321'
}

test_idmapped_tree() {
    requires user-namespaces
    differs crun,runc "versions of this age lack ridmap"
    idmapped rbind ridmap
    mount --bind "$ROOTFS" "$BUNDLE/data/sub"
    payload stat /data/sub/payload
    run_ok
    umount "$BUNDLE/data/sub"
    assert_match "$OUT" 'uid=1234 gid=4321'
}

test_idmap_of_the_containers_own_namespace() {
    requires user-namespaces
    differs crun,runc "versions of this age want mappings"
    bundle
    user_namespace
    mkdir "$BUNDLE/data"
    touch "$BUNDLE/data/file"
    mount_entry /data none data bind idmap
    payload stat /data/file
    run_ok
    # 0 on the disk, 100000 on the host, 0 in the container.
    assert_match "$OUT" 'uid=0'
}

test_idmap_needs_mappings() {
    requires runtime=apus
    bundle
    mount_entry /data none . bind idmap
    create_fails
    assert_contains "$ERR" "idmap without mappings needs a user namespace"
    bundle
    mount_entry /data none . bind idmap
    edit '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1234, size: 1}]'
    create_fails
    assert_contains "$ERR" "both or neither"
    bundle
    mount_entry /data tmpfs tmpfs
    edit '.mounts[-1] |= . + {uidMappings: [{containerID: 0, hostID: 1, size: 1}],
        gidMappings: [{containerID: 0, hostID: 1, size: 1}]}'
    create_fails
    assert_contains "$ERR" "id mapping is for bind mounts only"
}

test_idmap_of_a_file_system_that_cannot() {
    requires runtime=apus user-namespaces
    idmapped bind idmap
    edit '.mounts[-1].source = "/proc/sys"'
    create_fails
    assert_contains "$ERR" "its file system cannot map ids"
}
