/// What only Linux has (`/linux`).
package struct Linux: Sendable, Equatable {
    /// User id mappings of a new user namespace.
    package var uidMappings: [IDMapping]?
    /// Group id mappings of a new user namespace.
    package var gidMappings: [IDMapping]?
    /// Kernel parameters, in the order of the document.
    package var sysctl: [StringEntry]?
    /// Limits and device rules of the cgroup.
    package var resources: Resources?
    /// The cgroup: a path, or `slice:prefix:name` with systemd.
    package var cgroupsPath: String?
    /// Namespaces to create or join; an absent type is inherited.
    package var namespaces: [Namespace]?
    /// Device nodes to create.
    package var devices: [Device]?
    /// Network devices moved into the container, in document order.
    package var netDevices: [NetDevice]?
    /// The system call filter.
    package var seccomp: Seccomp?
    /// Mount propagation of the root.
    package var rootfsPropagation: RootfsPropagation?
    /// Paths made unreadable inside.
    package var maskedPaths: [String]?
    /// Paths made read-only inside.
    package var readonlyPaths: [String]?
    /// The SELinux label of the mounts.
    package var mountLabel: String?
    /// Cache and memory bandwidth allocation.
    package var intelRdt: IntelRdt?
    /// NUMA memory policy (set_mempolicy(2)).
    package var memoryPolicy: MemoryPolicy?
    /// Execution domain (personality(2)).
    package var personality: Personality?
    /// Clock offsets of a new time namespace.
    package var timeOffsets: TimeOffsets?

    /// Creates a value; what is not given is absent.
    package init(
        uidMappings: [IDMapping]? = nil, gidMappings: [IDMapping]? = nil,
        sysctl: [StringEntry]? = nil, resources: Resources? = nil, cgroupsPath: String? = nil,
        namespaces: [Namespace]? = nil, devices: [Device]? = nil, netDevices: [NetDevice]? = nil,
        seccomp: Seccomp? = nil, rootfsPropagation: RootfsPropagation? = nil,
        maskedPaths: [String]? = nil, readonlyPaths: [String]? = nil, mountLabel: String? = nil,
        intelRdt: IntelRdt? = nil, memoryPolicy: MemoryPolicy? = nil,
        personality: Personality? = nil, timeOffsets: TimeOffsets? = nil
    ) {
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
        self.sysctl = sysctl
        self.resources = resources
        self.cgroupsPath = cgroupsPath
        self.namespaces = namespaces
        self.devices = devices
        self.netDevices = netDevices
        self.seccomp = seccomp
        self.rootfsPropagation = rootfsPropagation
        self.maskedPaths = maskedPaths
        self.readonlyPaths = readonlyPaths
        self.mountLabel = mountLabel
        self.intelRdt = intelRdt
        self.memoryPolicy = memoryPolicy
        self.personality = personality
        self.timeOffsets = timeOffsets
    }
}

extension Linux: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        uidMappings = object.objects("uidMappings")
        gidMappings = object.objects("gidMappings")
        sysctl = object.stringEntries("sysctl")
        resources = object.object("resources")
        cgroupsPath = object.string("cgroupsPath")
        namespaces = object.objects("namespaces")
        devices = object.objects("devices")
        netDevices = object.entries("netDevices")
        seccomp = object.object("seccomp")
        rootfsPropagation = object.keyword("rootfsPropagation")
        maskedPaths = object.strings("maskedPaths")
        readonlyPaths = object.strings("readonlyPaths")
        mountLabel = object.string("mountLabel")
        intelRdt = object.object("intelRdt")
        memoryPolicy = object.object("memoryPolicy")
        personality = object.object("personality")
        timeOffsets = object.object("timeOffsets")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("uidMappings", uidMappings)
        writer.member("gidMappings", gidMappings)
        writer.member("sysctl", sysctl)
        writer.member("resources", resources)
        writer.member("cgroupsPath", cgroupsPath)
        writer.member("namespaces", namespaces)
        writer.member("devices", devices)
        writer.member("netDevices", netDevices)
        writer.member("seccomp", seccomp)
        writer.member("rootfsPropagation", rootfsPropagation)
        writer.member("maskedPaths", maskedPaths)
        writer.member("readonlyPaths", readonlyPaths)
        writer.member("mountLabel", mountLabel)
        writer.member("intelRdt", intelRdt)
        writer.member("memoryPolicy", memoryPolicy)
        writer.member("personality", personality)
        writer.member("timeOffsets", timeOffsets)
    }
}

/// Mount propagation of the root (mount_namespaces(7)).
///
/// The schema names the first four; engines send the recursive forms too.
package enum RootfsPropagation: String, Sendable, CaseIterable {
    case `private`
    case shared
    case slave
    case unbindable
    case rprivate
    case rshared
    case rslave
    case runbindable
}

/// NUMA memory policy (`/linux/memoryPolicy`, set_mempolicy(2)).
package struct MemoryPolicy: Sendable, Equatable {
    /// The policy.
    package var mode: MemoryPolicyMode
    /// The list of nodes, such as `0-1,3`.
    package var nodes: String?
    /// Mode flags.
    package var flags: [MemoryPolicyFlag]?

    /// Creates a value; what is not given is absent.
    package init(mode: MemoryPolicyMode, nodes: String? = nil, flags: [MemoryPolicyFlag]? = nil) {
        self.mode = mode
        self.nodes = nodes
        self.flags = flags
    }
}

extension MemoryPolicy: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        mode = object.requiredKeyword("mode", placeholder: .default)
        nodes = object.string("nodes")
        flags = object.keywords("flags")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("mode", mode)
        writer.member("nodes", nodes)
        writer.member("flags", flags)
    }
}

/// Policies of set_mempolicy(2).
package enum MemoryPolicyMode: String, Sendable, CaseIterable {
    case `default` = "MPOL_DEFAULT"
    case bind = "MPOL_BIND"
    case interleave = "MPOL_INTERLEAVE"
    case weightedInterleave = "MPOL_WEIGHTED_INTERLEAVE"
    case preferred = "MPOL_PREFERRED"
    case preferredMany = "MPOL_PREFERRED_MANY"
    case local = "MPOL_LOCAL"
}

/// Mode flags of set_mempolicy(2).
package enum MemoryPolicyFlag: String, Sendable, CaseIterable {
    case numaBalancing = "MPOL_F_NUMA_BALANCING"
    case relativeNodes = "MPOL_F_RELATIVE_NODES"
    case staticNodes = "MPOL_F_STATIC_NODES"
}

/// Execution domain (`/linux/personality`, personality(2)).
package struct Personality: Sendable, Equatable {
    /// The domain.
    package var domain: PersonalityDomain
    /// Flags; the specification defines none yet.
    package var flags: [String]?

    /// Creates a value; what is not given is absent.
    package init(domain: PersonalityDomain, flags: [String]? = nil) {
        self.domain = domain
        self.flags = flags
    }
}

extension Personality: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        domain = object.requiredKeyword("domain", placeholder: .linux)
        flags = object.strings("flags")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("domain", domain)
        writer.member("flags", flags)
    }
}

/// Execution domains (personality(2)).
package enum PersonalityDomain: String, Sendable, CaseIterable {
    case linux = "LINUX"
    case linux32 = "LINUX32"
}
