internal import Kernel
internal import OCISpec

/// Turns a Blueprint whose process is that of an `exec` into a Plan.
///
/// Pure, as `Planner`.
/// The same operations as for a container's own process, in the same order, less everything that
/// makes a container.
package enum ExecPlanner {
    /// The plan for a process that joins a container.
    package static func plan(_ blueprint: Blueprint, _ target: ExecTarget) -> Plan {
        var plan = Plan()
        plan.payloadFDs = blueprint.options.preservedFDs + blueprint.facts.listenFDs
        plan.isTraced = blueprint.options.isTraced
        let process = blueprint.process

        // The host holds the container's first process and starts ours in the container's cgroup.
        SeccompPlanner.compile(blueprint, &plan)
        let slot = plan.newSlot()
        plan.host(.openProcess(slot: slot, target.process), "state.json")
        // A container in a joined mount namespace has a root directory of its own there.
        let root = blueprint.joinsMounts ? plan.newSlot() : nil
        if let root { plan.host(.openRoot(slot: root, target.process), "root/path") }
        if let list = process.initialAffinity {
            plan.host(.spawnAffinity(list), "process/execCPUAffinity/initial")
        }
        plan.host(.spawn(cloneFlags: 0), "linux/cgroupsPath")
        if let group = blueprint.resctrl { plan.host(.enterResctrl(group), "linux/intelRdt") }
        if let score = process.oomScoreAdj {
            plan.host(.oomScoreAdj(score), "process/oomScoreAdj")
        }
        if let list = process.finalAffinity {
            plan.host(.affinity(list), "process/execCPUAffinity/final")
        }

        // Inside: all namespaces at once. A joined mount namespace brings its root along.
        if target.namespaces != 0 {
            plan.add(.setns(slot: slot, flags: target.namespaces), "linux/namespaces")
        }
        if let root { plan.add(.chroot(slot: root, path: ""), "root/path") }
        if target.namespaces & CLONE_NEWUSER != 0 {
            plan.add(blueprint.becomeRoot, "linux/uidMappings")
        }
        // Only children enter a PID namespace (pid_namespaces(7)).
        if target.namespaces & CLONE_NEWPID != 0 { plan.add(.fork, "linux/namespaces") }
        plan.add(.setsid, "init")
        if target.hasKeyring { ProcessPlanner.keyring(blueprint, &plan) }
        ProcessPlanner.terminal(blueprint, bindsConsole: false, &plan)

        // The program, as for a container's own; its directory is not made.
        ProcessPlanner.settle(blueprint, &plan)
        plan.add(.sync(.ready), "init")
        ProcessPlanner.hostLimits(blueprint, &plan)
        if let path = blueprint.options.pidFile { plan.host(.pidFile(path), "--pid-file") }
        if let socket = blueprint.options.pidfdSocket {
            plan.host(.sendPidfd(socket: socket), "--pidfd-socket")
        }
        ProcessPlanner.credentials(blueprint, &plan)
        SeccompPlanner.afterCredentials(blueprint, &plan)
        SeccompPlanner.awaitListener(blueprint, &plan)
        plan.add(.closeFDs, "init")
        SeccompPlanner.beforeExec(blueprint, &plan)
        plan.add(
            .exec(
                arguments: process.arguments, environment: ProcessPlanner.environment(blueprint)),
            "process/args", label: process.arguments.first ?? "")
        return plan
    }
}
