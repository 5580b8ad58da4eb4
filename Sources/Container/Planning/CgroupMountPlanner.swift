internal import Cgroups
internal import Kernel
internal import OCISpec

/// Plans mounts of type `cgroup`: what the container sees of its own cgroups.
///
/// With a cgroup namespace the kernel shows the container's part of each hierarchy; without one the
/// container's own directories are bound. Version 1 has a tmpfs with one mount for each hierarchy.
enum CgroupMountPlanner {
    /// Nothing in a hierarchy is a program or a device; what is asked for besides is added.
    private static func attributes(_ mount: MountBlueprint) -> UInt64 {
        let fixed = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC
        let given = mount.options.attributes.set & ~MOUNT_ATTR_RDONLY
        return fixed | given | (mount.options.isReadOnly ? MOUNT_ATTR_RDONLY : 0)
    }

    /// Clones the container's own directories, for a container in the host's cgroup namespace.
    static func openTrees(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ plan: inout Plan
    ) -> [PlanOp.Slot] {
        shown(cgroup).map { hierarchy in
            let slot = plan.newSlot()
            plan.host(
                .openTree(
                    HostStep.Tree(
                        slot: slot, source: hierarchy.directory, isRecursive: false,
                        attributes: MountOptions.Attributes(set: attributes(mount)),
                        propagations: [MS_PRIVATE])),
                mount.location, label: mount.destination)
            return slot
        }
    }

    /// Mounts the container's view.
    static func mount(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ slots: [PlanOp.Slot],
        _ blueprint: Blueprint, _ plan: inout Plan
    ) {
        if slots.isEmpty, !blueprint.namespaces.makes(.cgroup) {
            hostsTree(mount, &plan)
        } else if cgroup.layout == .unified {
            unified(mount, cgroup, slots.first, blueprint, &plan)
        } else {
            hierarchies(mount, cgroup, slots, blueprint, &plan)
        }
    }

    /// Without privileges one can neither mount a hierarchy in the host's cgroup namespace nor be sure
    /// of a cgroup to show: the container sees the host's tree, and none of it can be written
    /// (CVE-2023-25809).
    private static func hostsTree(_ mount: MountBlueprint, _ plan: inout Plan) {
        let target = PathText.inRoot(mount.destination)
        let attributes = MountOptions.Attributes(set: attributes(mount) | MOUNT_ATTR_RDONLY)
        plan.add(
            .bind(PlanOp.Bind(source: "/sys/fs/cgroup", target: target, isRecursive: true)),
            mount.location, label: mount.destination)
        plan.add(
            .setAttributes(target: target, attributes, propagation: 0, isRecursive: true),
            mount.location, label: mount.destination)
    }

    private static func unified(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ slot: PlanOp.Slot?,
        _ blueprint: Blueprint, _ plan: inout Plan
    ) {
        let target = PathText.inRoot(mount.destination)
        if let slot {
            plan.add(
                .bind(PlanOp.Bind(slot: slot, source: "cgroup", target: target)), mount.location,
                label: mount.destination)
            return
        }
        plan.add(
            .mount(
                PlanOp.NewMount(
                    type: "cgroup2", source: "cgroup", target: target,
                    options: mount.options.data,
                    attributes: mount.options.attributes.set & ~MOUNT_ATTR_RDONLY,
                    propagation: mount.options.propagation)),
            mount.location, label: mount.destination,
            flags: RefusedMount.isPossible(blueprint) ? .refusable : [])
        guard RefusedMount.isPossible(blueprint) else { return }
        // Of its own directory the container may change what the options let it, of the host's
        // nothing (CVE-2023-25809).
        let own = MountPlanner.hasCertainCgroup(blueprint) ? cgroup.hierarchies.first : nil
        RefusedMount.bind(
            own?.directory ?? "/sys/fs/cgroup", mount, isReadOnly: own == nil, &plan)
    }

    private static func hierarchies(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ slots: [PlanOp.Slot],
        _ blueprint: Blueprint, _ plan: inout Plan
    ) {
        let target = PathText.inRoot(mount.destination)
        plan.add(
            .mount(
                PlanOp.NewMount(
                    type: "tmpfs", source: "tmpfs", target: target,
                    options: ["mode=755"] + MountLabel.options(blueprint, type: "tmpfs"),
                    attributes: attributes(mount) & ~MOUNT_ATTR_RDONLY,
                    propagation: mount.options.propagation)),
            mount.location, label: mount.destination)
        for (index, hierarchy) in shown(cgroup).enumerated() {
            let name = hierarchy.mountName
            let place = target + "/" + name
            if index < slots.count {
                plan.add(
                    .bind(
                        PlanOp.Bind(slot: slots[index], source: hierarchy.directory, target: place)),
                    mount.location, label: mount.destination)
            } else {
                plan.add(
                    .mount(
                        PlanOp.NewMount(
                            type: "cgroup", source: "cgroup", target: place,
                            options: hierarchy.mountOptions, attributes: attributes(mount))),
                    mount.location, label: mount.destination)
            }
            for controller in name.split(separator: ",") where controller.count < name.count {
                plan.add(
                    .symlink(text: name, path: target + "/" + String(controller)),
                    mount.location, label: mount.destination)
            }
        }
    }

    /// The binds of the container's own directories that stand for a mount, for a container in the
    /// host's cgroup namespace.
    static func binds(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ blueprint: Blueprint
    ) -> [(target: String, source: String)] {
        guard !blueprint.namespaces.makes(.cgroup) else { return [] }
        return shown(cgroup).map { hierarchy in
            let target = mount.destination
            return cgroup.layout == .unified
                ? (target, hierarchy.directory)
                : (target + "/" + hierarchy.mountName, hierarchy.directory)
        }
    }

    /// The hierarchies of version 1.
    ///
    /// On a hybrid machine the unified half is not shown: it would offer a container controllers
    /// that the host uses through version 1.
    private static func shown(_ cgroup: CgroupRecord) -> [CgroupHierarchy] {
        cgroup.layout == .unified
            ? cgroup.hierarchies : cgroup.hierarchies.filter { !$0.isUnified }
    }
}

extension CgroupHierarchy {
    /// The name of the mount's directory: `cpu,cpuacct`, `systemd`.
    var mountName: String {
        String(mountPoint.split(separator: "/").last ?? "cgroup")
    }

    /// The options that make the kernel mount this hierarchy: its controllers, or the name of one
    /// without (cgroups(7)).
    var mountOptions: [String] {
        let names = controllers.split(separator: ",").map(String.init)
        return names.contains { $0.hasPrefix("name=") } ? ["none"] + names : names
    }
}
