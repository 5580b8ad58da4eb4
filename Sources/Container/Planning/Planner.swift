package import Cgroups
internal import Kernel
internal import OCISpec

/// Turns a Blueprint into a Plan.
///
/// Pure: reads nothing but its arguments.
///
/// The order of everything stands here, top to bottom. It is the consensus of the field's runtimes
/// (architecture, "Order of the rootfs"); where a line must not move, it says why.
package enum Planner {
    /// The cgroup as far as the plan needs it.
    package struct Cgroup {
        package var record: CgroupRecord
        package var plan: CgroupPlan

        /// Names where the cgroup is and what is written there.
        package init(record: CgroupRecord, plan: CgroupPlan) {
            self.record = record
            self.plan = plan
        }
    }

    /// The plan for `create` and `run`.
    package static func plan(_ blueprint: Blueprint, cgroup: Cgroup) -> Plan {
        var plan = Plan()
        plan.payloadFDs = blueprint.options.preservedFDs + blueprint.facts.listenFDs
        plan.isTraced = blueprint.options.isTraced

        // The host prepares what needs no process.
        plan.host(.cgroup(cgroup.plan.steps), "linux/cgroupsPath")
        SeccompPlanner.compile(blueprint, &plan)
        let joined = NamespacePlanner.openJoined(blueprint, &plan)
        let root = RootPlanner.openRoot(blueprint, &plan)
        let trees = MountPlanner.openTrees(blueprint, cgroup.record, &plan)
        let devices = DevicePlanner.openTrees(blueprint, &plan)
        let notify = NotifyPlanner.openTree(blueprint, &plan)
        let hookOutputs = HookPlanner.openOutputs(blueprint, &plan)
        if let group = blueprint.resctrl { plan.host(.makeResctrl(group), "linux/intelRdt") }
        let fifo = blueprint.options.mode == .create ? plan.newSlot() : nil
        if let fifo { plan.host(.makeFifo(slot: fifo), "exec.fifo") }
        plan.host(.spawn(cloneFlags: NamespacePlanner.cloneFlags(blueprint)), "linux/namespaces")
        // Before the first fork inside: children inherit the group.
        if let group = blueprint.resctrl { plan.host(.enterResctrl(group), "linux/intelRdt") }
        if let score = blueprint.process.oomScoreAdj {
            plan.host(.oomScoreAdj(score), "process/oomScoreAdj")
        }

        // Inside: namespaces, then the root, still with the host's mounts in sight.
        NamespacePlanner.enter(blueprint, joined, &plan)
        plan.add(.setsid, "init")
        if !blueprint.options.keepsKeyring { ProcessPlanner.keyring(blueprint, &plan) }
        if blueprint.namespaces.makes(.network) { plan.add(.loopback, "linux/namespaces") }
        RootPlanner.attach(root, blueprint, &plan)
        MountPlanner.mounts(blueprint, cgroup.record, trees, &plan)
        NotifyPlanner.mount(notify, blueprint, &plan)
        DevicePlanner.nodes(blueprint, devices, &plan)
        if !blueprint.options.isStrict { plan.add(.umask(ProcessBlueprint.engineUmask), "init") }
        HookPlanner.runtimeHooks(blueprint, &plan)
        HookPlanner.containerHooks(blueprint, "createContainer", hookOutputs, &plan)

        // The container's root becomes "/".
        RootPlanner.enter(blueprint, &plan)
        ProcessPlanner.terminal(blueprint, bindsConsole: !blueprint.joinsMounts, &plan)
        ProcessPlanner.workingDirectory(blueprint, &plan)
        LateReadOnly(blueprint.mounts).apply(.end, &plan)
        if blueprint.isRootReadOnly {
            plan.add(
                .setAttributes(target: ".", .readOnly, propagation: 0, isRecursive: false),
                "root/readonly")
        }

        // Kernel objects. Sysctls come before /proc/sys turns read-only.
        if let hostname = blueprint.hostname { plan.add(.hostname(hostname), "hostname") }
        if let domainname = blueprint.domainname { plan.add(.domainname(domainname), "domainname") }
        for entry in blueprint.sysctl {
            plan.add(
                .sysctl(path: SysctlRules.path(entry.key), value: entry.value),
                SysctlRules.location(entry.key))
        }
        RootPlanner.protectPaths(blueprint, &plan)
        RootPlanner.propagation(blueprint, &plan)

        // The program: everything that can fail for a reason in the configuration fails before
        // `ready`, so that it fails at create.
        ProcessPlanner.settle(blueprint, &plan)
        plan.add(.sync(.ready), "init")
        // The cgroup namespace is there: its root stays the cgroup above.
        if let name = blueprint.annotation(.delegateCgroup) {
            plan.host(.handOverCgroup(name), Annotation.delegateCgroup.location)
        }
        ProcessPlanner.hostLimits(blueprint, &plan)
        plan.host(.publish, "state.json")
        if let socket = blueprint.options.pidfdSocket {
            plan.host(.sendPidfd(socket: socket), "--pidfd-socket")
        }
        if let socket = blueprint.annotation(.pidfdReceiver) {
            plan.host(.sendPidfd(socket: socket), Annotation.pidfdReceiver.location)
        }
        ProcessPlanner.credentials(blueprint, &plan)
        SeccompPlanner.afterCredentials(blueprint, &plan)
        if let fifo {
            plan.add(.waitStart(slot: fifo), "exec.fifo")
        } else {
            plan.add(.sync(.start), "init")
        }
        HookPlanner.containerHooks(blueprint, "startContainer", hookOutputs, &plan)
        plan.add(.closeFDs, "init")
        SeccompPlanner.beforeExec(blueprint, &plan)
        plan.add(
            .exec(
                arguments: blueprint.process.arguments,
                environment: ProcessPlanner.environment(blueprint)),
            "process/args", label: blueprint.process.arguments.first ?? "")
        if let hooks = blueprint.hooks.poststart, !hooks.isEmpty {
            plan.host(.runHooks(.poststart, hooks), "hooks/poststart")
        }
        return plan
    }
}

extension MountOptions.Attributes {
    /// Read-only and nothing else.
    static let readOnly = MountOptions.Attributes(set: MOUNT_ATTR_RDONLY)
}
