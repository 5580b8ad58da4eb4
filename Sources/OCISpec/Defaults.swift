/// The configuration that `spec` prints: a shell in a terminal, in the rootfs directory of a bundle.
package enum Defaults {
    /// Facts about the caller that the configuration depends on.
    package struct Facts: Sendable {
        /// Whether `/sys/fs/cgroup` is a cgroup v2 mount, which has a namespace of its own.
        package var hasUnifiedCgroup: Bool
        /// The caller's effective user id.
        package var euid: UInt32
        /// The caller's effective group id.
        package var egid: UInt32

        /// Creates the facts.
        package init(hasUnifiedCgroup: Bool, euid: UInt32, egid: UInt32) {
            self.hasUnifiedCgroup = hasUnifiedCgroup
            self.euid = euid
            self.egid = egid
        }
    }

    /// The version of the specification that this runtime implements.
    package static let ociVersion = "1.3.0"

    /// The text of a new `config.json`: indented by tabs, with a newline at its end.
    package static func document(rootless: Bool, _ facts: Facts) -> [UInt8] {
        let spec = rootless ? rootlessSpec(facts) : spec(facts)
        return spec.json(.tabs) + [UInt8(ascii: "\n")]
    }

    /// The configuration for root.
    package static func spec(_ facts: Facts) -> Spec {
        Spec(
            ociVersion: ociVersion, process: process, root: Root(path: "rootfs", readonly: true),
            hostname: "apus", mounts: mounts,
            linux: Linux(
                resources: Resources(devices: [DeviceRule(allow: false, access: "rwm")]),
                namespaces: namespaces(facts),
                maskedPaths: maskedPaths, readonlyPaths: readonlyPaths))
    }

    /// The configuration for a caller without privileges.
    ///
    /// The user namespace maps the caller alone; the host's network is shared, because a new
    /// network namespace would have no way out, and with it `/sys`, which cannot be mounted anew.
    package static func rootlessSpec(_ facts: Facts) -> Spec {
        var spec = spec(facts)
        spec.mounts = mounts.map(rootlessMount)
        var namespaces = namespaces(facts).filter { $0.type != .network }
        namespaces.append(Namespace(type: .user))
        spec.linux?.namespaces = namespaces
        spec.linux?.uidMappings = [IDMapping(containerID: 0, hostID: facts.euid, size: 1)]
        spec.linux?.gidMappings = [IDMapping(containerID: 0, hostID: facts.egid, size: 1)]
        spec.linux?.resources = nil
        return spec
    }

    private static var process: Process {
        let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
        return Process(
            terminal: true, user: User(uid: 0, gid: 0), args: ["sh"],
            env: [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
            ],
            cwd: "/",
            capabilities: Capabilities(
                bounding: capabilities, effective: capabilities, permitted: capabilities),
            rlimits: [Rlimit(type: .nofile, soft: 1024, hard: 1024)], noNewPrivileges: true)
    }

    private static func namespaces(_ facts: Facts) -> [Namespace] {
        var types: [NamespaceType] = [.pid, .network, .ipc, .uts, .mount]
        if facts.hasUnifiedCgroup { types.append(.cgroup) }
        return types.map { Namespace(type: $0) }
    }

    private static var mounts: [Mount] {
        [
            Mount(destination: "/proc", type: "proc", source: "proc"),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: [
                    "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5",
                ]),
            Mount(
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            Mount(
                destination: "/dev/mqueue", type: "mqueue", source: "mqueue",
                options: ["nosuid", "noexec", "nodev"]),
            Mount(
                destination: "/sys", type: "sysfs", source: "sysfs",
                options: ["nosuid", "noexec", "nodev", "ro"]),
            Mount(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
        ]
    }

    /// A mount without what needs the host's ids: `/sys` comes from the host, and a group other
    /// than the caller's is not mapped.
    private static func rootlessMount(_ mount: Mount) -> Mount {
        if mount.destination == "/sys" {
            return Mount(
                destination: "/sys", type: "none", source: "/sys",
                options: ["rbind", "nosuid", "noexec", "nodev", "ro"])
        }
        var mount = mount
        mount.options = mount.options?.filter { !$0.hasPrefix("gid=") && !$0.hasPrefix("uid=") }
        return mount
    }

    private static var maskedPaths: [String] {
        [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
            "/sys/firmware",
        ]
    }

    private static var readonlyPaths: [String] {
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
    }
}
