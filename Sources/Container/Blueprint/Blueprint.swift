package import Cgroups
internal import Kernel
package import OCISpec

/// A container as it will be: validated, every default decided, nothing left to guess.
///
/// Made from what the configuration says (`Spec`), what the caller asks for (`LaunchOptions`) and
/// what this host is (`HostFacts`). The planner reads nothing else.
package struct Blueprint: Equatable, Sendable {
    package var options: LaunchOptions
    package var facts: HostFacts
    package var ociVersion: String
    /// The absolute path of the root file system on the host.
    package var rootPath: String
    package var isRootReadOnly: Bool
    package var namespaces: NamespaceSet
    package var uidMappings: [IDMapping]
    package var gidMappings: [IDMapping]
    package var timeOffsets: TimeOffsets?
    package var hostname: String?
    package var domainname: String?
    package var mounts: [MountBlueprint]
    package var devices: [DeviceBlueprint]
    package var netDevices: [NetDevice]
    /// The group of resctrl, or nil to leave resctrl alone.
    package var resctrl: ResctrlBlueprint?
    package var sysctl: [StringEntry]
    package var process: ProcessBlueprint
    package var hooks: Hooks
    package var annotations: [StringEntry]
    package var resources: CgroupResources
    package var cgroupsPath: String?
    package var maskedPaths: [String]
    package var readonlyPaths: [String]
    package var rootfsPropagation: RootfsPropagation?
    package var personality: Personality?
    package var memoryPolicy: MemoryPolicy?
    /// The SELinux label of new file systems.
    package var mountLabel: String?
    package var seccomp: SeccompProfile?

    /// Whether the container's ids are not the host's.
    package var hasUserNamespace: Bool { namespaces.separates(.user) }

    /// Whether the container lives among the mounts of other processes.
    ///
    /// Its root is a directory there, and nothing is mounted: it would appear, and a pivot would take
    /// the root away, for all of them.
    package var joinsMounts: Bool { namespaces.joins(.mount) }

    /// Validates a configuration.
    ///
    /// All errors and warnings go to `diagnostics`; the result must not be used when there are
    /// errors.
    package init(
        _ spec: Spec, options: LaunchOptions, facts: HostFacts,
        _ diagnostics: inout Diagnostics
    ) {
        let linux = spec.linux ?? Linux()
        self.options = options
        self.facts = facts
        ociVersion = spec.ociVersion
        rootPath = PathText.normalize(
            PathText.absolute(spec.root?.path ?? "rootfs", from: options.bundle))
        isRootReadOnly = spec.root?.readonly ?? false
        namespaces = NamespaceSet(linux.namespaces ?? [], &diagnostics)
        uidMappings = linux.uidMappings ?? []
        gidMappings = linux.gidMappings ?? []
        timeOffsets = linux.timeOffsets
        hostname = spec.hostname.flatMap { $0.isEmpty ? nil : $0 }
        domainname = spec.domainname.flatMap { $0.isEmpty ? nil : $0 }
        mounts = []
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            mounts.append(MountBlueprint(mount, index: index, bundle: options.bundle, &diagnostics))
        }
        devices = DeviceBlueprint.all(linux.devices ?? [], mounts, &diagnostics)
        netDevices = linux.netDevices ?? []
        resctrl = linux.intelRdt.map { ResctrlBlueprint($0, id: options.id, &diagnostics) }
        sysctl = linux.sysctl ?? []
        process = ProcessBlueprint(
            spec.process ?? Process(cwd: "/"), facts: facts, isStrict: options.isStrict,
            &diagnostics)
        hooks = spec.hooks ?? Hooks()
        annotations = spec.annotations ?? []
        resources = linux.resources.map { CgroupResources($0, &diagnostics) } ?? CgroupResources()
        resources.readZeroLimits(as: spec.ociVersion)
        cgroupsPath = linux.cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }
        maskedPaths = linux.maskedPaths ?? []
        readonlyPaths = linux.readonlyPaths ?? []
        rootfsPropagation = linux.rootfsPropagation
        personality = linux.personality
        memoryPolicy = linux.memoryPolicy
        mountLabel = linux.mountLabel.flatMap { $0.isEmpty ? nil : $0 }
        let annotations = annotations
        let receiver = Annotation.seccompReceiver.value(in: annotations) ?? facts.seccompReceiver
        seccomp = linux.seccomp.map { seccomp in
            var profile = SeccompProfile(seccomp, receiver: receiver, &diagnostics)
            profile.refusesUnknownNames = Annotation.failUnknownSyscall.isOn(in: annotations)
            return profile
        }
        if let text = Annotation.seccompFilter.value(in: annotations) {
            seccomp = SeccompProfile(
                compiled: text, flagsOf: seccomp, at: Annotation.seccompFilter.location,
                &diagnostics)
        }
        if joinsMounts, self.options.notifyDirectory != nil {
            diagnostics.warning(
                "NOTIFY_SOCKET", "not passed on: nothing is mounted in a joined mount namespace")
            self.options.notifyDirectory = nil
        }
        bindRefusedMounts()
        showVersion1(&diagnostics)
        for check in Validation.checks { check(spec, self, &diagnostics) }
    }

    /// Shows systemd's hierarchy of version 1 to a container on a host of version 2, for older
    /// versions of systemd, where an annotation says so.
    private mutating func showVersion1(_ out: inout Diagnostics) {
        guard let place = annotation(.forceVersion1) else { return }
        let location = Annotation.forceVersion1.location
        let destination = PathText.normalize(place)
        guard let index = mounts.firstIndex(where: { $0.destination == destination }) else {
            out.warning(location, "without effect: no mount has this destination")
            return
        }
        if !namespaces.separates(.cgroup) {
            out.error(location, "a cgroup namespace is needed, or the host's groups are shown")
        }
        mounts.replaceSubrange(index...index, with: mounts[index].version1())
    }

    /// A user namespace may mount sysfs and procfs only for a network or PID namespace that it
    /// owns.
    ///
    /// Where the container shares the host's, the host's mount is bound, as both peers do; sysfs
    /// read-only with all below it.
    private mutating func bindRefusedMounts() {
        guard namespaces.separates(.user) else { return }
        for index in mounts.indices {
            switch mounts[index].kind {
            case .filesystem("sysfs", _) where !namespaces.makes(.network):
                mounts[index].options.recursive.apply(MOUNT_ATTR_RDONLY, on: true)
                mounts[index].bind("/sys")
            case .filesystem("proc", _) where !namespaces.makes(.pid):
                mounts[index].bind("/proc")
            default: break
            }
        }
    }
}
