internal import Cgroups
internal import Kernel

/// Plans changes of the mounts of a container that exists.
///
/// Pure, as `Planner`.
///
/// The init stage joins the container as for `exec`, with the rights of its root user, and resolves
/// every path below its root.
package enum ExistingMounts {
    /// Makes the mounts of a blueprint, nearly as they would have been made at creation.
    ///
    /// Processes of the container watch: a mount is read-only before it is in sight, and nothing of
    /// the container's stands in for what the kernel refuses, as the host's would have at creation.
    static func add(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord, _ target: ExecTarget
    ) -> Plan {
        var plan = Plan()
        let trees = MountPlanner.openTrees(blueprint, cgroup, isCreation: false, &plan)
        join(target, blueprint, &plan)
        MountPlanner.mounts(blueprint, cgroup, trees, isCreation: false, &plan)
        plan.dropSubstitutes()
        plan.add(.done, "init")
        return plan
    }

    /// Takes away what is mounted at the destinations, the last one first.
    static func remove(_ blueprint: Blueprint, _ target: ExecTarget) -> Plan {
        var plan = Plan()
        join(target, blueprint, &plan)
        for mount in blueprint.mounts.reversed() {
            plan.add(
                .unmount(path: PathText.inRoot(mount.destination)), mount.location,
                label: mount.destination)
        }
        plan.add(.done, "init")
        return plan
    }

    private static func join(
        _ target: ExecTarget, _ blueprint: Blueprint, _ plan: inout Plan
    ) {
        let slot = plan.newSlot()
        plan.host(.openProcess(slot: slot, target.process), "state.json")
        plan.host(.spawn(cloneFlags: 0), "linux/cgroupsPath")
        if target.namespaces != 0 {
            plan.add(.setns(slot: slot, flags: target.namespaces), "linux/namespaces")
        }
        if target.namespaces & CLONE_NEWUSER != 0 {
            plan.add(blueprint.becomeRoot, "linux/uidMappings")
        }
        // A procfs shows the PID namespace of who mounts it, and only children enter one.
        if target.namespaces & CLONE_NEWPID != 0 { plan.add(.fork, "linux/namespaces") }
    }
}
