# A runtime inside a container with a user namespace, as engines in containers have it: the kernel
# refuses what would show more than the outer container may see.
# shellcheck shell=bash

# nested [FILTER...]: $BUNDLE is the outer container's, which runs the runtime on a bundle in its
# root; the filters change the inner configuration.
nested() {
    requires runtime=apus user-namespaces cgroupfs cgroup-v1
    bundle "$@"
    configure
    local inner=$ROOTFS/inner names
    mkdir -p "$inner/rootfs" "$ROOTFS/state" "$ROOTFS/tmp"
    jq 'del(.linux.cgroupsPath)' "$BUNDLE/config.json" >"$inner/config.json"
    cp "$PAYLOAD" "$inner/rootfs/payload"
    cp "$RUNTIME" "$ROOTFS/runtime"
    bundle
    names="CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_ADMIN
        CAP_SETGID CAP_SETUID CAP_SETFCAP CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_SYS_ADMIN CAP_SYS_CHROOT
        CAP_SYS_PTRACE CAP_SYS_RESOURCE"
    # shellcheck disable=SC2086 # the names are words
    capabilities $names
    user_namespace
    add_namespace cgroup
    mount_entry /sys/fs/cgroup cgroup cgroup nosuid noexec nodev
    edit '.process.args = ["/runtime", "--root", "/state", "run", "--bundle", "/inner", "inner"]'
}

# A user namespace inside the outer one, for which everything that covers something is locked.
MAPPED='.linux.namespaces += [{type: "user"}]
    | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}]
    | .linux.gidMappings = .linux.uidMappings'

test_without_covers_everything_is_new() {
    nested "$MAPPED" '.process.args = ["/payload", "mountinfo"]'
    run_ok
    assert_match "$(mount_line /proc)" ' - proc proc '
    assert_match "$(mount_line /sys)" ' / /sys .* - sysfs sysfs '
}

# Of a sysfs that the outer container sees in part the inner one gets the same part, read-only.
test_sysfs_that_is_partly_masked() {
    [ -d /sys/firmware ] || skip "needs /sys/firmware"
    nested "$MAPPED" '(.mounts[] | select(.destination == "/sys") | .options) = ["nosuid"]' \
        '.process.args = ["/payload", "mountinfo", ",", "ls", "/sys/firmware"]'
    edit '.linux.maskedPaths = ["/sys/firmware"]'
    run_ok
    assert_match "$(mount_line /sys)" ' ro,nosuid.* - sysfs sysfs '
    assert_match "$(mount_line /sys/firmware)" ' ro,nosuid.* - tmpfs '
    awk '$5 ~ "^/sys" && $6 !~ /^ro/ { exit 1 }' <<<"$OUT" || fail "writable: $OUT"
}

test_read_only_sysfs_stays_read_only() {
    nested "$MAPPED" '(.mounts[] | select(.destination == "/sys") | .options) = ["rw"]' \
        '.process.args = ["/payload", "mountinfo"]'
    run_ok
    assert_match "$(mount_line /sys)" ' ro,'
}

# The outer one's processes are not the inner one's: there is nothing to show instead.
test_procfs_that_is_partly_masked() {
    [ -e /proc/keys ] || skip "needs /proc/keys"
    nested "$MAPPED"
    edit '.linux.maskedPaths = ["/proc/keys"]'
    run_status 1
    assert_contains "$ERR" \
        "mounts/0 (/proc): cannot mount proc on /proc (a user namespace gets one only where"
    assert_contains "$ERR" EPERM
    [ -z "$(ls "$ROOTFS/state")" ] || fail "state is left"
}

test_procfs_of_the_outer_container_can_be_bound() {
    [ -e /proc/keys ] || skip "needs /proc/keys"
    nested "$MAPPED" 'del(.linux.namespaces[] | select(.type == "pid"))' \
        '.process.args = ["/payload", "cat", "/proc/keys", ",", "pids"]'
    edit '.linux.maskedPaths = ["/proc/keys"]'
    run_ok
    assert_line ppid=1
}

# Queues of the outer container's IPC namespace, which the inner one may not mount itself.
test_mqueue_of_the_outer_container() {
    nested "$MAPPED" 'del(.linux.namespaces[] | select(.type == "ipc"))' \
        '.mounts += [{destination: "/queues", type: "mqueue", source: "mqueue",
            options: ["nosuid", "noexec"]}] | .process.args = ["/payload", "mountinfo"]'
    mount_entry /dev/mqueue mqueue mqueue nosuid noexec nodev
    run_ok
    assert_match "$(mount_line /queues)" ' rw,nosuid,nodev,noexec.* - mqueue mqueue '
}

# The engine is root of a user namespace and shares its network: sysfs belongs to the outer one's.
test_sysfs_of_the_outer_network() {
    nested 'del(.linux.namespaces[] | select(.type == "network"))' \
        '.process.args = ["/payload", "mountinfo"]'
    without_namespace network
    edit '(.mounts[] | select(.destination == "/sys")) |=
        {destination: "/sys", type: "none", source: "/sys", options: ["rbind", "ro"]}'
    edit 'del(.mounts[] | select(.type == "cgroup"))'
    run_ok
    assert_match "$(mount_line /sys)" ' ro,.* - sysfs '
}
