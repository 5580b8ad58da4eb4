internal import Kernel

/// Plans the socket that the program tells through that it is ready (`NOTIFY_SOCKET`).
enum NotifyPlanner {
    /// Makes the socket's directory and clones it as a mount tree, where the parent may do that.
    ///
    /// - Returns: the slot of the tree.
    static func openTree(_ blueprint: Blueprint, _ plan: inout Plan) -> PlanOp.Slot? {
        guard let directory = blueprint.options.notifyDirectory else { return nil }
        plan.host(.makeNotifyDirectory, "NOTIFY_SOCKET")
        guard !blueprint.facts.isRootless else { return nil }
        let slot = plan.newSlot()
        plan.host(
            .openTree(
                HostStep.Tree(
                    slot: slot, source: directory, isRecursive: false, attributes: attributes,
                    propagations: [MS_PRIVATE])),
            "NOTIFY_SOCKET", label: NotifySocket.mountPoint)
        return slot
    }

    /// Mounts the directory, after and over the mounts of the configuration. A socket can be sent
    /// to on a read-only mount.
    static func mount(_ slot: PlanOp.Slot?, _ blueprint: Blueprint, _ plan: inout Plan) {
        guard let directory = blueprint.options.notifyDirectory else { return }
        var bind = PlanOp.Bind(
            slot: slot, source: directory, target: PathText.inRoot(NotifySocket.mountPoint))
        if slot == nil { bind.attributes = attributes }
        plan.add(.bind(bind), "NOTIFY_SOCKET", label: NotifySocket.mountPoint)
    }

    private static var attributes: MountOptions.Attributes {
        MountOptions.Attributes(
            set: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
    }
}
