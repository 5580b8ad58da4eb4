# A create that fails at any point leaves nothing: no process, cgroup, mount, state directory. Each
# test makes create fail at another operation; `create_fails` looks for what is left. The positive
# side of each is in the file of its feature.
# shellcheck shell=bash

# A bundle whose process, cgroup and mounts are all made before the part under test fails.
busy_bundle() {
    bundle
    edit '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 32}}'
    mount_entry /data tmpfs tmpfs
    payload pause
    edit "$@"
}

test_mount_type() {
    busy_bundle
    mount_entry /x nosuchfs none
    create_fails
}

test_mount_source() {
    busy_bundle
    mount_entry /x bind "$T/missing" bind
    create_fails
}

test_mount_option() {
    busy_bundle
    mount_entry /x tmpfs tmpfs size=many
    create_fails
}

test_missing_rootfs() {
    busy_bundle
    edit '.root.path = "nowhere"'
    create_fails
    assert_contains "$ERR" nowhere
}

test_rootfs_that_is_a_file() {
    busy_bundle
    touch "$BUNDLE/file"
    edit '.root.path = "file"'
    create_fails
}

test_missing_program() {
    busy_bundle
    edit '.process.args = ["/missing"]'
    create_fails
    assert_match "$ERR" '[Nn]o such file or directory'
    assert_contains "$ERR" /missing
}

test_program_that_is_not_executable() {
    busy_bundle
    touch "$ROOTFS/plain"
    chmod 644 "$ROOTFS/plain"
    edit '.process.args = ["/plain"]'
    create_fails
    assert_match "$ERR" '[Pp]ermission denied'
}

test_program_that_is_a_folder() {
    busy_bundle
    mkdir "$ROOTFS/folder"
    edit '.process.args = ["/folder"]'
    create_fails
}

test_sysctl() {
    busy_bundle '.linux.sysctl = {"kernel.msgmax": "many"}'
    create_fails
    assert_contains "$ERR" msgmax
}

test_refused_sysctl() {
    busy_bundle '.linux.sysctl = {"kernel.panic": "1"}'
    create_fails
    assert_contains "$ERR" kernel.panic
}

test_cgroup_value() {
    strict crun "the cgroups stay"
    requires cgroup-v1
    busy_bundle '.linux.resources.cpu = {shares: 1024, cpus: "999"}'
    create_fails
}

test_cgroup_memory_limit() {
    requires cgroup-v1
    busy_bundle
    edit '.linux.resources.memory = {limit: 1000, swap: 500}'
    create_fails
}

test_device_rule() {
    strict crun "the cgroups stay"
    requires cgroup-v1
    busy_bundle
    edit '.linux.resources.devices = [{allow: true, type: "x", access: "rwm"}]'
    create_fails
}

test_hooks() {
    local kind
    for kind in prestart createRuntime createContainer; do
        busy_bundle ".hooks.$kind = [{path: \"$PAYLOAD\", args: [\"payload\", \"false\"]}]"
        create_fails
    done
}

test_hook_program_is_missing() {
    local kind
    for kind in prestart createRuntime createContainer; do
        busy_bundle ".hooks.$kind = [{path: \"/missing/hook\"}]"
        create_fails
    done
}

test_user_that_is_not_mapped() {
    requires user-namespaces
    busy_bundle '.process.user = {uid: 70000, gid: 0}'
    user_namespace 100000 65536
    create_fails
}

test_cwd_that_is_a_file() {
    busy_bundle '.process.cwd = "/payload"'
    configure
    # The folder is entered at the end; it may be an error of create or of start.
    capture rt create --bundle "$BUNDLE" "$ID"
    if [ "$STATUS" -eq 0 ]; then
        capture rt start "$ID"
        [ "$STATUS" -ne 0 ] || wait_state stopped
        ok rt delete --force "$ID"
    fi
    assert_clean
}

test_namespace_path_is_missing() {
    busy_bundle
    add_namespace ipc /proc/1/ns/missing
    create_fails
}

test_namespace_path_of_another_type() {
    busy_bundle
    add_namespace ipc /proc/self/ns/uts
    create_fails
}

test_rlimit_name() {
    busy_bundle '.process.rlimits = [{type: "RLIMIT_MANY", soft: 1, hard: 1}]'
    create_fails
    assert_contains "$ERR" RLIMIT_MANY
}

test_rlimit_beyond_the_hard_one() {
    busy_bundle '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 5}]'
    create_fails
}

test_console_socket_is_missing() {
    busy_bundle '.process.terminal = true'
    create_fails --console-socket "$T/missing"
}

test_id_mapping() {
    requires user-namespaces
    busy_bundle
    user_namespace
    edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10},
        {containerID: 5, hostID: 200000, size: 10}]'
    create_fails
}

test_id_mapping_is_missing() {
    strict crun "it makes up a mapping"
    requires user-namespaces
    busy_bundle
    add_namespace user
    create_fails
}

test_device_in_an_impossible_place() {
    busy_bundle '.linux.devices = [{type: "c", path: "/payload/x", major: 1, minor: 3}]'
    create_fails
}

test_masked_path_through_a_file() {
    strict crun,runc "an error other than a missing path is not told"
    busy_bundle '.linux.maskedPaths = ["/payload/x"]'
    configure
    capture rt create --bundle "$BUNDLE" "$ID"
    # ENOTDIR says that there is no such path, so both answers are possible; nothing may be left.
    if [ "$STATUS" -eq 0 ]; then ok rt delete --force "$ID"; fi
    assert_clean
}

test_hostname_without_its_namespace() {
    strict crun "it sets the name of the host, or says nothing"
    busy_bundle
    without_namespace uts
    edit '.hostname = "not-the-host"'
    local before
    before=$(hostname)
    create_fails
    assert_equal "$(hostname)" "$before" "name of the host"
}

test_state_root_that_is_a_file() {
    busy_bundle
    configure
    touch "$T/file"
    fails "$RUNTIME" --root "$T/file" create --bundle "$BUNDLE" "$ID"
    assert_clean
}

test_failed_run_is_deleted() {
    busy_bundle
    edit '.process.args = ["/missing"]'
    run_fails
    fails rt state "$ID"
}

test_create_after_a_failure() {
    busy_bundle
    edit '.process.args = ["/missing"]'
    create_fails
    payload pause
    create_ok
}

test_failed_start_leaves_a_stopped_container() {
    busy_bundle '.hooks.startContainer = [{path: "/missing"}]'
    create_ok
    configure
    capture rt start "$ID"
    wait_state stopped
    ok rt delete "$ID"
    assert_clean
}

test_full_state_disk() {
    busy_bundle
    configure
    mkdir "$T/tiny"
    # One inode for the root: the container's directory cannot be made.
    mount -t tmpfs -o nr_inodes=1,size=4k tiny "$T/tiny"
    sort /proc/self/mountinfo >"$T/mounts"
    fails "$RUNTIME" --root "$T/tiny" create --bundle "$BUNDLE" "$ID"
    assert_clean
    umount "$T/tiny"
}

test_read_only_state_root() {
    busy_bundle
    configure
    mkdir "$T/ro"
    mount -t tmpfs -o ro ro "$T/ro"
    sort /proc/self/mountinfo >"$T/mounts"
    fails "$RUNTIME" --root "$T/ro" create --bundle "$BUNDLE" "$ID"
    assert_clean
    umount "$T/ro"
}
