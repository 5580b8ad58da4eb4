internal import Cgroups
internal import Kernel
package import OCISpec

/// What a configuration must fulfil as a whole: a flat list of small pure checks.
///
/// Each looks at one rule, knows nothing of the others and only notes what it finds.
package enum Validation {
    /// One rule.
    package typealias Check = @Sendable (Spec, Blueprint, inout Diagnostics) -> Void

    /// All rules, in the order in which their errors are reported.
    package static let checks: [Check] = [
        ociVersion, root, process, cwd, user, umask, rlimits, oomScore, noArguments,
        mountNamespace, joinedMounts, uts, userNamespace, timeOffsets, sysctl, protectedPaths,
        propagation, terminal, scheduler, ioPriority, affinity, memoryPolicy, securityModules,
        mountData, idmaps, netDevices, personality, blockIO, hooks, annotations, descriptors,
    ]

    static let ociVersion: Check = { spec, _, out in
        guard let version = SemanticVersion(spec.ociVersion) else {
            out.error(
                "ociVersion",
                "expected a version such as 1.3.0 (SemVer 2.0.0), found \"\(spec.ociVersion)\"")
            return
        }
        // The major version promises compatibility; a new one promises nothing.
        if version.major != "1" {
            out.error("ociVersion", "version \"\(spec.ociVersion)\" is not supported: expected 1.x")
        }
    }

    static let root: Check = { spec, _, out in
        if spec.root == nil { out.error("root", "root is required") }
        if spec.root?.path.isEmpty ?? false { out.error("root/path", "path is empty") }
    }

    static let process: Check = { spec, _, out in
        if spec.process == nil { out.error("process", "process is required") }
    }

    static let noArguments: Check = { spec, blueprint, out in
        guard spec.process != nil else { return }
        if blueprint.process.arguments.isEmpty {
            out.error("process/args", "args must not be empty")
        } else if blueprint.process.arguments[0].isEmpty {
            // Engines make status 127 of these words.
            out.error("process/args/0", "exec: \"\": executable file not found in $PATH")
        }
    }

    static let cwd: Check = { spec, _, out in
        guard let process = spec.process else { return }
        if !PathText.isAbsolute(process.cwd) {
            out.error("process/cwd", "cwd must be an absolute path, found \"\(process.cwd)\"")
        }
    }

    static let user: Check = { _, blueprint, out in
        // (uid_t)-1 means "leave as it is" to setresuid(2).
        let process = blueprint.process
        if process.uid == .max { out.error("process/user/uid", "uid 4294967295 is not a user") }
        if process.gid == .max { out.error("process/user/gid", "gid 4294967295 is not a group") }
        // NGROUPS_MAX of setgroups(2).
        if process.groups.count > 65_536 {
            out.error(
                "process/user/additionalGids",
                "\(process.groups.count) groups are more than the kernel's 65536")
        }
        for (index, gid) in process.groups.enumerated() where gid == .max {
            out.error("process/user/additionalGids/\(index)", "gid 4294967295 is not a group")
        }
    }

    static let umask: Check = { _, blueprint, out in
        if let umask = blueprint.process.umask, umask > 0o777 {
            out.error("process/user/umask", "umask \(umask) is beyond 0777 (511)")
        }
    }

    static let rlimits: Check = { _, blueprint, out in
        var seen: [RlimitType] = []
        for (index, limit) in blueprint.process.rlimits.enumerated() {
            if seen.contains(limit.type) {
                out.error("process/rlimits/\(index)", "\(limit.type.rawValue) is given twice")
            }
            seen.append(limit.type)
            if limit.soft > limit.hard {
                out.error(
                    "process/rlimits/\(index)/soft",
                    "soft limit \(limit.soft) is above hard \(limit.hard)",
                    label: limit.type.rawValue)
            }
        }
    }

    static let oomScore: Check = { _, blueprint, out in
        if let score = blueprint.process.oomScoreAdj, !(-1000...1000).contains(score) {
            out.error("process/oomScoreAdj", "\(score) is not within -1000 and 1000")
        }
    }

    static let mountNamespace: Check = { _, blueprint, out in
        if !blueprint.namespaces.separates(.mount) {
            out.error(
                "linux/namespaces",
                "a mount namespace is required: without one the container's mounts would be the host's"
            )
        }
    }

    static let joinedMounts: Check = { spec, blueprint, out in
        guard blueprint.joinsMounts else { return }
        let given: [(String, Bool)] = [
            ("mounts", !blueprint.mounts.isEmpty),
            ("root/readonly", blueprint.isRootReadOnly),
            ("linux/devices", !(spec.linux?.devices ?? []).isEmpty),
            ("linux/rootfsPropagation", blueprint.rootfsPropagation != nil),
            ("linux/readonlyPaths", !blueprint.readonlyPaths.isEmpty),
            ("linux/maskedPaths", !blueprint.maskedPaths.isEmpty),
        ]
        for (location, isGiven) in given where isGiven {
            out.error(
                location,
                "impossible in a mount namespace that is joined: its other processes would be changed"
            )
        }
    }

    static let uts: Check = { _, blueprint, out in
        guard !blueprint.namespaces.separates(.uts) else { return }
        if blueprint.hostname != nil {
            out.error("hostname", "unable to set hostname without a private UTS namespace")
        }
        if blueprint.domainname != nil {
            out.error("domainname", "unable to set domainname without a private UTS namespace")
        }
    }

    static let userNamespace: Check = { _, blueprint, out in
        let hasMappings = !blueprint.uidMappings.isEmpty || !blueprint.gidMappings.isEmpty
        if !blueprint.namespaces.separates(.user) {
            if hasMappings {
                out.error("linux/uidMappings", "id mappings need a user namespace")
            }
            if blueprint.facts.isRootless {
                out.error("linux/namespaces", "rootless container requires a user namespace")
            }
            return
        }
        if blueprint.namespaces.makes(.user) {
            if blueprint.uidMappings.isEmpty {
                out.error("linux/uidMappings", "a new user namespace needs uid mappings")
            }
            if blueprint.gidMappings.isEmpty {
                out.error("linux/gidMappings", "a new user namespace needs gid mappings")
            }
        } else {
            // One that is joined has its mappings: they may be said again, whole.
            guard hasMappings else { return }
            if blueprint.uidMappings.isEmpty || blueprint.gidMappings.isEmpty {
                out.error(
                    "linux/uidMappings", "uidMappings and gidMappings must be given both or neither"
                )
                return
            }
        }
        IDMappingRules.check(blueprint.uidMappings, "linux/uidMappings", &out)
        IDMappingRules.check(blueprint.gidMappings, "linux/gidMappings", &out)
        IDMappingRules.checkProcess(blueprint, &out)
    }

    static let timeOffsets: Check = { _, blueprint, out in
        guard blueprint.timeOffsets != nil else { return }
        if !blueprint.namespaces.makes(.time) {
            out.error("linux/timeOffsets", "time offsets need a new time namespace")
        }
    }

    static let sysctl: Check = { _, blueprint, out in
        SysctlRules.check(blueprint.sysctl, blueprint.namespaces, &out)
    }

    static let protectedPaths: Check = { _, blueprint, out in
        let lists = [
            ("linux/maskedPaths", blueprint.maskedPaths),
            ("linux/readonlyPaths", blueprint.readonlyPaths),
        ]
        for (location, paths) in lists {
            for (index, path) in paths.enumerated() where !PathText.isAbsolute(path) {
                out.error("\(location)/\(index)", "path is not absolute: \(path)")
            }
        }
    }

    static let propagation: Check = { _, blueprint, out in
        guard blueprint.options.avoidsPivot else { return }
        switch blueprint.rootfsPropagation {
        case .private, .rprivate:
            out.error(
                "linux/rootfsPropagation", "private propagation is impossible with --no-pivot")
        default: break
        }
    }

    static let terminal: Check = { _, blueprint, out in
        let options = blueprint.options
        let detaches = options.mode == .create || options.isDetached
        let location = "process/terminal"
        if blueprint.process.hasTerminal, detaches, options.consoleSocket == nil {
            out.error(
                location, "cannot allocate tty if apus will detach without setting console socket",
                code: .invalidRequest)
        }
        if options.consoleSocket != nil, !(blueprint.process.hasTerminal && detaches) {
            out.error(
                location, "cannot use console socket if apus will not detach or allocate tty",
                code: .invalidRequest)
        }
        if let size = blueprint.process.consoleSize, size.height > 65535 || size.width > 65535 {
            out.error("process/consoleSize", "height and width are at most 65535")
        }
    }

    static let scheduler: Check = { _, blueprint, out in
        guard let scheduler = blueprint.process.scheduler else { return }
        SchedulingRules.check(scheduler, &out)
    }

    static let ioPriority: Check = { _, blueprint, out in
        guard let priority = blueprint.process.ioPriority?.priority else { return }
        if !(0...7).contains(priority) {
            out.error("process/ioPriority/priority", "\(priority) is not within 0 and 7")
        }
    }

    static let affinity: Check = { _, blueprint, out in
        let lists = [
            ("initial", blueprint.process.initialAffinity),
            ("final", blueprint.process.finalAffinity),
        ]
        for (name, list) in lists {
            guard let list, CPUAffinity(list: list) == nil else { continue }
            out.error(
                "process/execCPUAffinity/\(name)",
                "expected processors such as 0-3,7, found \"\(list)\"")
        }
    }

    static let memoryPolicy: Check = { _, blueprint, out in
        guard let policy = blueprint.memoryPolicy else { return }
        MemoryPolicyRules.check(policy, &out)
    }

    static let securityModules: Check = { _, blueprint, out in
        let process = blueprint.process
        let facts = blueprint.facts
        if process.apparmorProfile != nil, !facts.hasAppArmor {
            out.error("process/apparmorProfile", "AppArmor is not enabled on this host")
        }
        if process.selinuxLabel != nil, !facts.hasSELinux {
            out.error("process/selinuxLabel", "SELinux is not enabled on this host")
        }
        if let label = blueprint.mountLabel {
            if !facts.hasSELinux {
                out.error("linux/mountLabel", "SELinux is not enabled on this host")
            }
            if label.utf8.contains(UInt8(ascii: "\"")) {
                out.error("linux/mountLabel", "a label has no quotation marks: \(label)")
            }
        }
    }

    static let mountData: Check = { _, blueprint, out in
        for mount in blueprint.mounts {
            guard let size = MountPlanner.mountCallData(mount, blueprint)?.utf8.count, size > 4095
            else { continue }
            out.error(
                mount.location + "/options",
                "\(size) bytes are too many: with an option of more than 255 bytes or a remount, the "
                    + "kernel takes 4095 for all of them", label: mount.destination)
        }
    }

    static let idmaps: Check = { _, blueprint, out in
        for mount in blueprint.mounts where mount.isIDMapped {
            if blueprint.facts.isRootless {
                out.error(
                    mount.location,
                    "id-mapped mounts need rights over the file system, which an "
                        + "ordinary user does not have", label: mount.destination)
            }
            if mount.uidMappings.isEmpty, !blueprint.hasUserNamespace {
                out.error(
                    mount.location,
                    "idmap without mappings needs a user namespace of the "
                        + "container's own", label: mount.destination)
            }
        }
    }

    static let netDevices: Check = { _, blueprint, out in
        guard !blueprint.netDevices.isEmpty else { return }
        NetDeviceRules.check(blueprint, &out)
    }

    static let hooks: Check = { _, blueprint, out in
        for (name, hooks) in blueprint.hooks.byKind {
            for (index, hook) in hooks.enumerated() {
                let location = "hooks/\(name)/\(index)"
                if !PathText.isAbsolute(hook.path) {
                    out.error(location + "/path", "path is not absolute: \(hook.path)")
                }
                if let timeout = hook.timeout, timeout <= 0 {
                    out.error(
                        location + "/timeout", "timeout must be greater than zero", label: hook.path
                    )
                }
            }
        }
    }

    static let personality: Check = { _, blueprint, out in
        // The specification names no flag yet (config-linux, "Personality").
        if let flag = blueprint.personality?.flags?.first {
            out.error("linux/personality/flags", "unknown flag \"\(flag)\": none is defined")
        }
    }

    static let blockIO: Check = { _, blueprint, out in
        // 0 is how Go programs spell "not set".
        let weight = blueprint.resources.blockIO.weight ?? 0
        if weight != 0, !(10...1000).contains(weight) {
            out.error("linux/resources/blockIO/weight", "\(weight) is not within 10 and 1000")
        }
    }

    static let annotations: Check = { _, blueprint, out in
        for (index, entry) in blueprint.annotations.enumerated() where entry.key.isEmpty {
            out.error("annotations", "key \(index) is empty")
        }
        Annotation.check(blueprint, &out)
        SubgroupRules.check(blueprint, &out)
    }

    static let descriptors: Check = { _, blueprint, out in
        let count = blueprint.options.preservedFDs + blueprint.facts.listenFDs
        if count < 0 || count > blueprint.facts.inheritedFDs {
            out.error(
                "",
                "--preserve-fds and LISTEN_FDS ask for \(count) descriptors, the caller has "
                    + "\(blueprint.facts.inheritedFDs) open from 3", code: .invalidRequest)
        }
    }
}

extension Hooks {
    /// All hooks with the names of their kinds, in the order in which they run.
    package var byKind: [(String, [Hook])] {
        [
            ("prestart", prestart ?? []), ("createRuntime", createRuntime ?? []),
            ("createContainer", createContainer ?? []), ("startContainer", startContainer ?? []),
            ("poststart", poststart ?? []), ("poststop", poststop ?? []),
        ]
    }
}
