internal import OCISpec

/// Plans what concerns the program: terminal, limits, credentials, environment.
enum ProcessPlanner {
    /// A session keyring of the container's own, which its root may see and change
    /// (session-keyring(7)); otherwise it would share the caller's keys.
    static func keyring(_ blueprint: Blueprint, _ plan: inout Plan) {
        // SELinux labels keys with their maker's label, which the program may not even search.
        let label = blueprint.process.selinuxLabel
        if let label {
            plan.add(.label(file: "keycreate", text: label), "process/selinuxLabel")
        }
        // KEY_USR_SEARCH, as engines' policies expect it for the joined keyring.
        plan.add(.keyring(name: "_ses." + blueprint.options.id, permissions: 0x80000), "init")
        if label != nil {
            plan.add(.label(file: "keycreate", text: "\n"), "process/selinuxLabel")
        }
    }

    /// Gives the program its terminal, or the container's own /dev/null where stdio is the host's.
    ///
    /// - Parameter bindsConsole: whether it is also the container's `/dev/console`.
    static func terminal(
        _ blueprint: Blueprint, bindsConsole: Bool = true, _ plan: inout Plan
    ) {
        let process = blueprint.process
        guard process.hasTerminal else {
            // Where the configuration has something else in its place the host's stays.
            let path = "/dev/null"
            let hasOther = blueprint.devices.contains { $0.path == path && !$0.isNull }
            if !hasOther && !DeviceBlueprint.isBound(path, blueprint.mounts) {
                plan.add(.stdioNull, "process/terminal")
            }
            return
        }
        let size = process.consoleSize
        plan.add(
            .console(
                rows: UInt32(clamping: size?.height ?? 0),
                columns: UInt32(clamping: size?.width ?? 0), owner: process.uid,
                bindsConsole: bindsConsole,
                isRelayed: blueprint.options.consoleSocket == nil),
            "process/terminal")
        if let socket = blueprint.options.consoleSocket {
            plan.host(.sendConsole(socket: socket), "--console-socket")
        }
    }

    /// Makes the program's directory where it is missing, as long as the root can be written to.
    static func workingDirectory(_ blueprint: Blueprint, _ plan: inout Plan) {
        let path = PathText.inRoot(blueprint.process.cwd)
        guard path != ".", !blueprint.joinsMounts else { return }
        plan.add(
            .mkdir(path: path, mode: 0o755), "process/cwd", label: blueprint.process.cwd)
    }

    /// Settles everything about the program that can be wrong, with full rights.
    static func settle(_ blueprint: Blueprint, _ plan: inout Plan) {
        let process = blueprint.process
        // A program like ./run is found from here.
        plan.add(.chdir(path: process.cwd, putsOffAccess: true), "process/cwd", label: process.cwd)
        if let personality = blueprint.personality {
            plan.add(.personality(personality.value), "linux/personality")
        }
        if let policy = blueprint.memoryPolicy.map(MemoryPolicyValue.init) {
            plan.add(
                .mempolicy(mode: policy.mode, nodes: policy.nodes, maxNode: policy.maxNode),
                "linux/memoryPolicy")
        }
        labels(process, &plan)
        if process.value(of: "HOME") == nil {
            plan.add(.home(uid: process.uid), "process/env")
        }
        plan.add(
            .resolveExec(
                program: process.arguments.first ?? "",
                searchPath: process.value(of: "PATH") ?? ProcessBlueprint.defaultSearchPath),
            "process/args", label: process.arguments.first ?? "")
    }

    /// The labels that the program gets when it is executed (apparmor(7), selinux(8)).
    ///
    /// The files are those of the module itself, whichever comes first on this host (Linux 5.8).
    private static func labels(_ process: ProcessBlueprint, _ plan: inout Plan) {
        if let profile = process.apparmorProfile {
            plan.add(
                .label(file: "apparmor/exec", text: "exec " + profile), "process/apparmorProfile")
        }
        if let label = process.selinuxLabel {
            plan.add(.label(file: "exec", text: label), "process/selinuxLabel")
        }
    }

    /// What the parent sets on the process from outside.
    static func hostLimits(_ blueprint: Blueprint, _ plan: inout Plan) {
        let process = blueprint.process
        for (index, limit) in process.rlimits.enumerated() {
            plan.host(.rlimit(limit), "process/rlimits/\(index)", label: limit.type.rawValue)
        }
        if let scheduler = process.scheduler {
            plan.host(.scheduler(scheduler), "process/scheduler")
        }
        if let priority = process.ioPriority {
            plan.host(.ioPriority(priority), "process/ioPriority")
        }
    }

    /// Becomes the program's user.
    ///
    /// The bounding set needs CAP_SETPCAP and goes first. Where root's rights did not reach the
    /// directory (root squash), it is entered with the user's.
    static func credentials(_ blueprint: Blueprint, _ plan: inout Plan) {
        let process = blueprint.process
        let capabilities = process.capabilities
        if let umask = process.umask { plan.add(.umask(umask), "process/user/umask") }
        if process.noNewPrivileges { plan.add(.noNewPrivs, "process/noNewPrivileges") }
        SeccompPlanner.beforeCredentials(blueprint, &plan)
        plan.add(.bounding(capabilities?.bounding ?? 0), "process/capabilities/bounding")
        plan.add(.stdioOwner(uid: process.uid), "process/user/uid")
        groups(blueprint, &plan)
        plan.add(.setgid(process.gid), "process/user/gid")
        plan.add(.setuid(process.uid), "process/user/uid")
        plan.add(
            .capset(
                effective: capabilities?.effective ?? 0, permitted: capabilities?.permitted ?? 0,
                inheritable: capabilities?.inheritable ?? 0),
            "process/capabilities")
        // Ambient capabilities are best effort for the field's runtimes; a set that the kernel
        // refuses (by securebits) is reported and left out.
        plan.add(.ambient(capabilities?.ambient ?? 0), "process/capabilities/ambient", flags: .warn)
        plan.add(.chdir(path: process.cwd, putsOffAccess: false), "process/cwd", label: process.cwd)
    }

    private static func groups(_ blueprint: Blueprint, _ plan: inout Plan) {
        let process = blueprint.process
        // Where setgroups(2) is denied (rootless, CVE-2014-8989) there are none to set.
        let facts = blueprint.facts
        if facts.isRootless || facts.deniesSetgroups, process.groups.isEmpty { return }
        if blueprint.hasAnnotation(.keepOriginalGroups) { return }
        plan.add(.setgroups(process.groups), "process/user/additionalGids")
    }

    /// The program's environment, with the variables that the runtime owes it.
    static func environment(_ blueprint: Blueprint) -> [String] {
        var environment = blueprint.process.environment
        if blueprint.facts.listenFDs > 0 {
            environment.removeAll { entry in
                entry.utf8.starts(with: "LISTEN_FDS=".utf8)
                    || entry.utf8.starts(with: "LISTEN_PID=".utf8)
            }
            environment.append("LISTEN_FDS=\(blueprint.facts.listenFDs)")
            environment.append("LISTEN_PID=1")
        }
        if blueprint.options.notifyDirectory != nil {
            environment.removeAll { $0.utf8.starts(with: "NOTIFY_SOCKET=".utf8) }
            environment.append("NOTIFY_SOCKET=" + NotifySocket.innerPath)
        }
        return environment
    }
}

extension Personality {
    /// The value of `personality(2)`.
    var value: UInt64 {
        switch domain {
        case .linux: 0
        case .linux32: 8
        }
    }
}
