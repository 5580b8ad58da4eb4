import Glibc
internal import Kernel

/// Plans device nodes and the symbolic links of `/dev`.
enum DevicePlanner {
    /// Slots of the host's nodes, in the order of the blueprint's devices.
    typealias Trees = [PlanOp.Slot?]

    /// Whether the container's `/dev` is the host's or another container's: nothing is made in it
    /// then.
    private static func isHostDev(_ blueprint: Blueprint) -> Bool {
        if blueprint.joinsMounts { return true }
        let top = blueprint.mounts.last { $0.destination == "/dev" && !$0.options.isRemount }
        if case .bind = top?.kind { return true }
        return false
    }

    /// mknod(2) of a device is refused in a user namespace, and without CAP_MKNOD: the host's node is
    /// bound then.
    private static func bindsNodes(_ blueprint: Blueprint) -> Bool {
        blueprint.hasUserNamespace || blueprint.facts.isInUserNamespace
            || !blueprint.facts.canMakeNodes
    }

    /// Clones the host's device nodes where they must be bound.
    static func openTrees(_ blueprint: Blueprint, _ plan: inout Plan) -> Trees {
        guard bindsNodes(blueprint), !isHostDev(blueprint), !blueprint.facts.isRootless
        else { return [] }
        return blueprint.devices.map { device in
            guard device.mode & S_IFMT != S_IFIFO else { return nil }
            let slot = plan.newSlot()
            plan.host(
                .openTree(
                    HostStep.Tree(
                        slot: slot, source: device.path, isRecursive: false,
                        // As a peer of the host's /dev it would pass on what is mounted over it.
                        propagations: [MS_PRIVATE])),
                device.location, label: device.path)
            return slot
        }
    }

    /// Makes the nodes and links.
    static func nodes(_ blueprint: Blueprint, _ trees: Trees, _ plan: inout Plan) {
        guard !isHostDev(blueprint) else { return }
        for (index, device) in blueprint.devices.enumerated() {
            let path = PathText.inRoot(device.path)
            if bindsNodes(blueprint) && device.mode & S_IFMT != S_IFIFO {
                let slot = index < trees.count ? trees[index] : nil
                plan.add(
                    .bind(PlanOp.Bind(slot: slot, source: device.path, target: path)),
                    device.location, label: device.path)
            } else {
                plan.add(
                    .mknod(
                        path: path, mode: device.mode, device: device.number, uid: device.uid,
                        gid: device.gid),
                    device.location, label: device.path)
            }
        }
        links(&plan)
    }

    private static func links(_ plan: inout Plan) {
        let origin = "linux/devices (default)"
        let links = [
            ("/proc/self/fd", "dev/fd"), ("/proc/self/fd/0", "dev/stdin"),
            ("/proc/self/fd/1", "dev/stdout"), ("/proc/self/fd/2", "dev/stderr"),
            ("/proc/kcore", "dev/core"),
        ]
        for (text, path) in links {
            plan.add(.symlink(text: text, path: path), origin, label: "/" + path)
        }
        // The container's own devpts, whatever the image has there.
        plan.add(.unlink(path: "dev/ptmx"), origin, label: "/dev/ptmx", flags: .ignoreMissing)
        plan.add(.symlink(text: "pts/ptmx", path: "dev/ptmx"), origin, label: "/dev/ptmx")
    }
}
