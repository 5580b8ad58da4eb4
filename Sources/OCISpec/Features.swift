/// What this runtime can do, as `features` prints it.
///
/// An absent member means unknown, not no.
package struct Features: Sendable, Equatable {
    /// The oldest version of the specification that is accepted.
    package var ociVersionMin: String
    /// The newest version of the specification that is accepted.
    package var ociVersionMax: String
    /// The hook points.
    package var hooks: [String]?
    /// The mount options known to the runtime, sorted.
    package var mountOptions: [String]?
    /// What only Linux has.
    package var linux: LinuxFeatures?
    /// Facts outside the specification.
    package var annotations: [StringEntry]?
    /// Annotations (or prefixes, with a full stop at the end) that change what the runtime does.
    package var potentiallyUnsafeConfigAnnotations: [String]?

    /// Creates a value; what is not given is absent.
    package init(
        ociVersionMin: String, ociVersionMax: String, hooks: [String]? = nil,
        mountOptions: [String]? = nil, linux: LinuxFeatures? = nil,
        annotations: [StringEntry]? = nil, potentiallyUnsafeConfigAnnotations: [String]? = nil
    ) {
        self.ociVersionMin = ociVersionMin
        self.ociVersionMax = ociVersionMax
        self.hooks = hooks
        self.mountOptions = mountOptions
        self.linux = linux
        self.annotations = annotations
        self.potentiallyUnsafeConfigAnnotations = potentiallyUnsafeConfigAnnotations
    }
}

extension Features: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        ociVersionMin = object.requiredString("ociVersionMin")
        ociVersionMax = object.requiredString("ociVersionMax")
        hooks = object.strings("hooks")
        mountOptions = object.strings("mountOptions")
        linux = object.object("linux")
        annotations = object.stringEntries("annotations")
        potentiallyUnsafeConfigAnnotations = object.strings("potentiallyUnsafeConfigAnnotations")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("ociVersionMin", ociVersionMin)
        writer.member("ociVersionMax", ociVersionMax)
        writer.member("hooks", hooks)
        writer.member("mountOptions", mountOptions)
        writer.member("linux", linux)
        writer.member("annotations", annotations)
        writer.member("potentiallyUnsafeConfigAnnotations", potentiallyUnsafeConfigAnnotations)
    }
}

/// What only Linux has (`/linux` of the features).
package struct LinuxFeatures: Sendable, Equatable {
    /// The types of namespaces.
    package var namespaces: [NamespaceType]?
    /// The capabilities.
    package var capabilities: [String]?
    /// Control groups.
    package var cgroup: CgroupFeatures?
    /// System call filters.
    package var seccomp: SeccompFeatures?
    /// AppArmor.
    package var apparmor: EnabledFeature?
    /// SELinux.
    package var selinux: EnabledFeature?
    /// Cache and memory bandwidth allocation.
    package var intelRdt: IntelRdtFeatures?
    /// NUMA memory policy.
    package var memoryPolicy: MemoryPolicyFeatures?
    /// Kinds of mounts.
    package var mountExtensions: MountExtensions?
    /// Network devices moved into the container.
    package var netDevices: EnabledFeature?

    /// Creates a value; what is not given is absent.
    package init(
        namespaces: [NamespaceType]? = nil, capabilities: [String]? = nil,
        cgroup: CgroupFeatures? = nil, seccomp: SeccompFeatures? = nil,
        apparmor: EnabledFeature? = nil, selinux: EnabledFeature? = nil,
        intelRdt: IntelRdtFeatures? = nil, memoryPolicy: MemoryPolicyFeatures? = nil,
        mountExtensions: MountExtensions? = nil, netDevices: EnabledFeature? = nil
    ) {
        self.namespaces = namespaces
        self.capabilities = capabilities
        self.cgroup = cgroup
        self.seccomp = seccomp
        self.apparmor = apparmor
        self.selinux = selinux
        self.intelRdt = intelRdt
        self.memoryPolicy = memoryPolicy
        self.mountExtensions = mountExtensions
        self.netDevices = netDevices
    }
}

extension LinuxFeatures: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        namespaces = object.keywords("namespaces")
        capabilities = object.strings("capabilities")
        cgroup = object.object("cgroup")
        seccomp = object.object("seccomp")
        apparmor = object.object("apparmor")
        selinux = object.object("selinux")
        intelRdt = object.object("intelRdt")
        memoryPolicy = object.object("memoryPolicy")
        mountExtensions = object.object("mountExtensions")
        netDevices = object.object("netDevices")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("namespaces", namespaces)
        writer.member("capabilities", capabilities)
        writer.member("cgroup", cgroup)
        writer.member("seccomp", seccomp)
        writer.member("apparmor", apparmor)
        writer.member("selinux", selinux)
        writer.member("intelRdt", intelRdt)
        writer.member("memoryPolicy", memoryPolicy)
        writer.member("mountExtensions", mountExtensions)
        writer.member("netDevices", netDevices)
    }
}

/// Control groups.
package struct CgroupFeatures: Sendable, Equatable {
    /// cgroup v1.
    package var v1: Bool?
    /// cgroup v2.
    package var v2: Bool?
    /// Scopes of the system's systemd.
    package var systemd: Bool?
    /// Scopes of a user's systemd.
    package var systemdUser: Bool?
    /// The rdma controller.
    package var rdma: Bool?

    /// Creates a value; what is not given is absent.
    package init(
        v1: Bool? = nil, v2: Bool? = nil, systemd: Bool? = nil, systemdUser: Bool? = nil,
        rdma: Bool? = nil
    ) {
        self.v1 = v1
        self.v2 = v2
        self.systemd = systemd
        self.systemdUser = systemdUser
        self.rdma = rdma
    }
}

extension CgroupFeatures: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        v1 = object.bool("v1")
        v2 = object.bool("v2")
        systemd = object.bool("systemd")
        systemdUser = object.bool("systemdUser")
        rdma = object.bool("rdma")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("v1", v1)
        writer.member("v2", v2)
        writer.member("systemd", systemd)
        writer.member("systemdUser", systemdUser)
        writer.member("rdma", rdma)
    }
}

/// System call filters.
package struct SeccompFeatures: Sendable, Equatable {
    /// Whether there is support at all.
    package var enabled: Bool?
    /// The actions.
    package var actions: [SeccompAction]?
    /// The comparisons.
    package var operators: [SeccompOperator]?
    /// The architectures.
    package var archs: [SeccompArchitecture]?
    /// The flags that the runtime knows.
    package var knownFlags: [SeccompFlag]?
    /// The flags that the kernel and libseccomp take.
    package var supportedFlags: [SeccompFlag]?

    /// Creates a value; what is not given is absent.
    package init(
        enabled: Bool? = nil, actions: [SeccompAction]? = nil, operators: [SeccompOperator]? = nil,
        archs: [SeccompArchitecture]? = nil, knownFlags: [SeccompFlag]? = nil,
        supportedFlags: [SeccompFlag]? = nil
    ) {
        self.enabled = enabled
        self.actions = actions
        self.operators = operators
        self.archs = archs
        self.knownFlags = knownFlags
        self.supportedFlags = supportedFlags
    }
}

extension SeccompFeatures: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        enabled = object.bool("enabled")
        actions = object.keywords("actions")
        operators = object.keywords("operators")
        archs = object.keywords("archs")
        knownFlags = object.keywords("knownFlags")
        supportedFlags = object.keywords("supportedFlags")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("enabled", enabled)
        writer.member("actions", actions)
        writer.member("operators", operators)
        writer.member("archs", archs)
        writer.member("knownFlags", knownFlags)
        writer.member("supportedFlags", supportedFlags)
    }
}

/// A feature that is there or not.
package struct EnabledFeature: Sendable, Equatable {
    /// Whether the runtime was built with it.
    package var enabled: Bool?

    /// Creates a value; what is not given is absent.
    package init(enabled: Bool? = nil) {
        self.enabled = enabled
    }
}

extension EnabledFeature: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        enabled = object.bool("enabled")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("enabled", enabled)
    }
}

/// Cache and memory bandwidth allocation.
package struct IntelRdtFeatures: Sendable, Equatable {
    /// Whether the runtime was built with it.
    package var enabled: Bool?
    /// Whether `schemata` is honoured.
    package var schemata: Bool?
    /// Whether `enableMonitoring` is honoured.
    package var monitoring: Bool?

    /// Creates a value; what is not given is absent.
    package init(enabled: Bool? = nil, schemata: Bool? = nil, monitoring: Bool? = nil) {
        self.enabled = enabled
        self.schemata = schemata
        self.monitoring = monitoring
    }
}

extension IntelRdtFeatures: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        enabled = object.bool("enabled")
        schemata = object.bool("schemata")
        monitoring = object.bool("monitoring")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("enabled", enabled)
        writer.member("schemata", schemata)
        writer.member("monitoring", monitoring)
    }
}

/// NUMA memory policy.
package struct MemoryPolicyFeatures: Sendable, Equatable {
    /// The policies.
    package var modes: [MemoryPolicyMode]?
    /// The mode flags.
    package var flags: [MemoryPolicyFlag]?

    /// Creates a value; what is not given is absent.
    package init(modes: [MemoryPolicyMode]? = nil, flags: [MemoryPolicyFlag]? = nil) {
        self.modes = modes
        self.flags = flags
    }
}

extension MemoryPolicyFeatures: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        modes = object.keywords("modes")
        flags = object.keywords("flags")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("modes", modes)
        writer.member("flags", flags)
    }
}

/// Kinds of mounts.
package struct MountExtensions: Sendable, Equatable {
    /// Idmapped mounts.
    package var idmap: EnabledFeature?

    /// Creates a value; what is not given is absent.
    package init(idmap: EnabledFeature? = nil) {
        self.idmap = idmap
    }
}

extension MountExtensions: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        idmap = object.object("idmap")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("idmap", idmap)
    }
}
