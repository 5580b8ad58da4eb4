internal import Kernel
internal import OCISpec

/// Plans the root mount itself and what protects parts of it.
enum RootPlanner {
    /// Clones the root file system into a detached tree.
    ///
    /// Without the rights for that (rootless) the init stage does it, inside its user namespace.
    static func openRoot(_ blueprint: Blueprint, _ plan: inout Plan) -> PlanOp.Slot? {
        guard !blueprint.facts.isRootless, !blueprint.joinsMounts else { return nil }
        let slot = plan.newSlot()
        plan.host(
            .openTree(
                HostStep.Tree(
                    slot: slot, source: blueprint.rootPath, isRecursive: true,
                    propagations: [basePropagation(blueprint) | MS_REC])),
            "root/path", label: blueprint.rootPath)
        return slot
    }

    /// Attaches the root file system, cut off from the host, where the container's mounts go.
    ///
    /// A mount namespace that is joined belongs to other processes too: nothing in it is changed.
    static func attach(_ slot: PlanOp.Slot?, _ blueprint: Blueprint, _ plan: inout Plan) {
        guard !blueprint.joinsMounts else { return }
        plan.add(.propagation(MS_REC | MS_SLAVE), "linux/rootfsPropagation")
        plan.add(
            .rootfs(slot: slot, path: blueprint.rootPath, isRecursive: true), "root/path",
            label: blueprint.rootPath)
    }

    /// Makes it the root directory.
    static func enter(_ blueprint: Blueprint, _ plan: inout Plan) {
        if blueprint.joinsMounts {
            plan.add(
                .chroot(slot: nil, path: PathText.inRoot(blueprint.rootPath)), "root/path",
                label: blueprint.rootPath)
        } else {
            plan.add(blueprint.options.avoidsPivot ? .moveRoot : .pivot, "root/path")
        }
    }

    /// What a tree from the host is made before any option of its own: it receives mounts from the
    /// host unless the whole root is private, and never sends any.
    static func basePropagation(_ blueprint: Blueprint) -> UInt64 {
        switch blueprint.rootfsPropagation {
        case .private, .rprivate: MS_PRIVATE
        default: MS_SLAVE
        }
    }

    /// Applies `linux.rootfsPropagation` to the finished root: after `unbindable` nothing in it could
    /// be protected any more.
    static func propagation(_ blueprint: Blueprint, _ plan: inout Plan) {
        guard let propagation = blueprint.rootfsPropagation else { return }
        plan.add(.propagation(propagation.mountFlags), "linux/rootfsPropagation")
    }

    /// Read-only paths, then masked ones: a mask may lie inside a read-only path.
    static func protectPaths(_ blueprint: Blueprint, _ plan: inout Plan) {
        for (index, path) in blueprint.readonlyPaths.enumerated() {
            plan.add(
                .readonlyPath(PathText.inRoot(path)), "linux/readonlyPaths/\(index)", label: path,
                flags: .ignoreMissing)
        }
        for (index, path) in blueprint.maskedPaths.enumerated() {
            plan.add(
                .maskPath(PathText.inRoot(path), mountLabel: blueprint.mountLabel ?? ""),
                "linux/maskedPaths/\(index)", label: path,
                flags: .ignoreMissing)
        }
    }
}

extension RootfsPropagation {
    /// The flags of `mount(2)`.
    var mountFlags: UInt64 {
        switch self {
        case .private: MS_PRIVATE
        case .shared: MS_SHARED
        case .slave: MS_SLAVE
        case .unbindable: MS_UNBINDABLE
        case .rprivate: MS_PRIVATE | MS_REC
        case .rshared: MS_SHARED | MS_REC
        case .rslave: MS_SLAVE | MS_REC
        case .runbindable: MS_UNBINDABLE | MS_REC
        }
    }
}
