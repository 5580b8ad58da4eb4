internal import Kernel
package import OCISpec

/// One entry of `mounts`, with paths made absolute and options sorted.
package struct MountBlueprint: Equatable, Sendable {
    /// What is mounted.
    package enum Kind: Equatable, Sendable {
        /// A host path, absolute.
        case bind(source: String)
        /// A new file system.
        case filesystem(type: String, source: String)
        /// The container's own cgroups, in the host's layout; or those of version 2 alone.
        case cgroup(isUnified: Bool)

        /// Whether cgroups are shown, of whatever version.
        var isCgroup: Bool {
            if case .cgroup = self { return true }
            return false
        }
    }

    /// Index in `mounts`.
    package var index: Int
    package var kind: Kind
    /// The destination, absolute and normalized.
    package var destination: String
    package var options: MountOptions
    package var uidMappings: [IDMapping]
    package var gidMappings: [IDMapping]

    /// The config location, such as `mounts/3`.
    package var location: String { "mounts/\(index)" }

    /// Whether the owners of its files are shown through a mapping.
    package var isIDMapped: Bool { options.idmap != .no || !uidMappings.isEmpty }

    /// Sorts one mount; what makes no sense is noted as an error.
    package init(_ mount: Mount, index: Int, bundle: String, _ diagnostics: inout Diagnostics) {
        self.index = index
        destination = PathText.normalize(mount.destination)
        options = MountOptions(mount.options ?? [])
        uidMappings = mount.uidMappings ?? []
        gidMappings = mount.gidMappings ?? []
        let type = mount.type ?? ""
        // Not in the specification. The name is that of the option for one mount alone, and no more
        // of the host is shown than was asked for.
        if type == "bind", options.bind == .no { options.bind = .single }
        if options.bind != .no && !options.isRemount {
            kind = .bind(source: PathText.absolute(mount.source ?? "", from: bundle))
        } else if type == "cgroup" || type == "cgroup2" {
            kind = .cgroup(isUnified: type == "cgroup2")
        } else {
            kind = .filesystem(type: type, source: mount.source ?? type)
            if options.refusesACL, Self.withLists.contains(type) { options.data.append("noacl") }
        }
        check(mount, &diagnostics)
    }

    /// Makes it a bind of a host's tree; options for a file system have no meaning then.
    mutating func bind(_ source: String) {
        kind = .bind(source: source)
        options.bind = .recursive
        options.data = []
        options.superblock = []
        options.legacy = 0
    }

    /// A tmpfs with systemd's hierarchy of version 1 in it, as cgroups of that version are mounted.
    func version1() -> [MountBlueprint] {
        var top = self
        top.options.bind = .no
        top.options.legacy = 0
        top.kind = .filesystem(type: "tmpfs", source: "cgroup")
        top.options.data = ["size=1m", "mode=755"]
        var hierarchy = top
        hierarchy.kind = .filesystem(type: "cgroup", source: "cgroup")
        hierarchy.destination = destination + "/systemd"
        hierarchy.options.data = ["none", "name=systemd", "xattr"]
        // The hierarchy is the host's, and so are its options.
        hierarchy.options.superblock = []
        return [top, hierarchy]
    }

    /// File systems that keep access control lists unless they are told not to.
    private static var withLists: [String] { ["btrfs", "ext2", "ext3", "ext4", "f2fs"] }

    /// Options of a bind mount by which Podman's users tell Podman whether to fill a new volume; it
    /// leaves them in the configuration.
    private static var engines: [String] { ["copy", "nocopy"] }

    private func check(_ mount: Mount, _ diagnostics: inout Diagnostics) {
        let label = mount.destination
        if destination == "/" {
            diagnostics.error(location + "/destination", "cannot mount over the root", label: label)
        }
        if !PathText.isAbsolute(mount.destination) {
            diagnostics.warning(
                location + "/destination", "\(mount.destination) is not absolute, taken from /")
        }
        if case .bind = kind {
            if mount.source ?? "" == "" {
                diagnostics.error(location + "/source", "a bind mount needs a source", label: label)
            }
            for option in options.data where !Self.engines.contains(option) {
                diagnostics.error(
                    location + "/options", "unknown bind mount option \"\(option)\"", label: label)
                break
            }
        }
        if case .filesystem(let type, _) = kind, type.isEmpty, !options.isRemount {
            diagnostics.error(
                location + "/type", "a type is needed where neither bind nor rbind is an option",
                label: label)
        }
        checkPseudoTargets(label, &diagnostics)
        checkCopyUp(label, &diagnostics)
        checkMappings(label, &diagnostics)
    }

    /// What may lie over a file of /proc: the list that lxcfs and engines use.
    ///
    /// Anything else would show the container a /proc that is not the kernel's (CVE-2019-16884).
    private static let coverableProcFiles = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
        "/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ]

    private func checkPseudoTargets(_ label: String, _ diagnostics: inout Diagnostics) {
        if destination == "/proc" {
            if case .filesystem("proc", _) = kind { return }
            if case .bind(let source) = kind, PathText.normalize(source) == "/proc" { return }
            diagnostics.error(location, "only procfs can be mounted on /proc", label: label)
        } else if PathText.isBelow(destination, "/proc"),
            !Self.coverableProcFiles.contains(destination)
        {
            if case .bind(let source) = kind, PathText.isBelow(source, "/proc") { return }
            diagnostics.error(
                location, "this place below /proc cannot be mounted over", label: label)
        }
    }

    private func checkCopyUp(_ label: String, _ diagnostics: inout Diagnostics) {
        guard options.copiesUp else { return }
        if case .filesystem("tmpfs", _) = kind { return }
        diagnostics.error(location + "/options", "tmpcopyup is for tmpfs only", label: label)
    }

    private func checkMappings(_ label: String, _ diagnostics: inout Diagnostics) {
        if uidMappings.isEmpty != gidMappings.isEmpty {
            diagnostics.error(
                location, "uidMappings and gidMappings must be given both or neither", label: label)
        }
        guard isIDMapped || !gidMappings.isEmpty else { return }
        IDMappingRules.check(uidMappings, location + "/uidMappings", &diagnostics)
        IDMappingRules.check(gidMappings, location + "/gidMappings", &diagnostics)
        if case .bind = kind { return }
        diagnostics.error(location, "id mapping is for bind mounts only", label: label)
    }
}
