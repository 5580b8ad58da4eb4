internal import Cgroups
internal import Kernel
internal import OCISpec

/// Plans mounts of type `cgroup`: what the container sees of its own cgroups.
///
/// With a cgroup namespace the kernel shows the container's part of each hierarchy; without one the
/// container's own directories are bound. Version 1 has a tmpfs with one mount for each hierarchy; what is
/// of type `cgroup2` shows the version 2 hierarchy there too.
enum CgroupMountPlanner {
    /// Nothing in a hierarchy is a program or a device; what is asked for besides is added.
    private static func attributes(_ mount: MountBlueprint) -> UInt64 {
        let fixed = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC
        let given = mount.options.attributes.set & ~MOUNT_ATTR_RDONLY
        return fixed | given | (mount.options.isReadOnly ? MOUNT_ATTR_RDONLY : 0)
    }

    /// The cgroups that mounts show.
    ///
    /// Those of a container that has none are the caller's, which it sees and does not change: the
    /// mounts, and what remounts them, become read-only.
    ///
    /// - Throws: when the host has none that could be shown.
    static func view(
        _ blueprint: inout Blueprint, _ manager: any CgroupManager
    ) throws(CgroupError) -> CgroupRecord {
        let record = manager.record
        let places = blueprint.mounts.filter(\.kind.isCgroup).map(\.destination)
        guard record.driver == .disabled, !places.isEmpty else { return record }
        for index in blueprint.mounts.indices {
            let mount = blueprint.mounts[index]
            if mount.kind.isCgroup || mount.options.isRemount && places.contains(mount.destination)
            {
                blueprint.mounts[index].options.makeReadOnly()
            }
        }
        return try manager.view
    }

    /// Refuses what cannot be shown, and options that nothing heeds.
    ///
    /// All that is bound, and every hierarchy of version 1, has the host's options. Those of a mount of
    /// version 2 the kernel looks at.
    static func check(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord, _ diagnostics: inout Diagnostics
    ) {
        for mount in blueprint.mounts where mount.kind.isCgroup {
            let isUnified = showsUnified(mount, cgroup)
            let makesMount = isUnified && blueprint.namespaces.makes(.cgroup)
            if isUnified, shown(mount, cgroup).isEmpty, !makesMount || cgroup.layout == .v1 {
                diagnostics.error(
                    mount.location + "/type", "the host has no hierarchy of cgroup version 2",
                    label: mount.destination)
            }
            if !makesMount, let unknown = mount.options.data.first {
                diagnostics.error(
                    mount.location + "/options",
                    "option \"\(unknown)\" has no effect on these cgroups", label: mount.destination
                )
            }
        }
    }

    /// Whether a mount is one of version 2.
    private static func showsUnified(_ mount: MountBlueprint, _ cgroup: CgroupRecord) -> Bool {
        cgroup.layout == .unified || mount.kind == .cgroup(isUnified: true)
    }

    /// Clones the container's own directories, for a container in the host's cgroup namespace.
    static func openTrees(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ plan: inout Plan
    ) -> [PlanOp.Slot] {
        shown(mount, cgroup).map { hierarchy in
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
            hostsTree(mount, cgroup, &plan)
        } else if showsUnified(mount, cgroup) {
            unified(mount, cgroup, slots.first, blueprint, &plan)
        } else {
            hierarchies(mount, cgroup, slots, blueprint, &plan)
        }
    }

    /// Without privileges one can neither mount a hierarchy in the host's cgroup namespace nor be sure
    /// of a cgroup to show: the container sees the host's tree, and none of it can be written
    /// (CVE-2023-25809).
    private static func hostsTree(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord, _ plan: inout Plan
    ) {
        let target = PathText.inRoot(mount.destination)
        let attributes = MountOptions.Attributes(set: attributes(mount) | MOUNT_ATTR_RDONLY)
        plan.add(
            .bind(
                PlanOp.Bind(
                    source: hostsPath(mount, cgroup), target: target, isRecursive: true)),
            mount.location, label: mount.destination)
        plan.add(
            .setAttributes(target: target, attributes, propagation: 0, isRecursive: true),
            mount.location, label: mount.destination)
    }

    /// Where the host has what a mount shows.
    private static func hostsPath(_ mount: MountBlueprint, _ cgroup: CgroupRecord) -> String {
        let isPart = cgroup.layout != .unified && showsUnified(mount, cgroup)
        return (isPart ? shown(mount, cgroup).first?.mountPoint : nil) ?? "/sys/fs/cgroup"
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
        let own =
            MountPlanner.hasCertainCgroup(blueprint) ? shown(mount, cgroup).first : nil
        RefusedMount.bind(
            own?.directory ?? hostsPath(mount, cgroup), mount, isReadOnly: own == nil, &plan)
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
        for (index, hierarchy) in shown(mount, cgroup).enumerated() {
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
        return shown(mount, cgroup).map { hierarchy in
            let target = mount.destination
            return showsUnified(mount, cgroup)
                ? (target, hierarchy.directory)
                : (target + "/" + hierarchy.mountName, hierarchy.directory)
        }
    }

    /// The hierarchies of the version that a mount shows.
    ///
    /// On a hybrid machine the unified half is not shown with the others: it would offer a container
    /// controllers that the host uses through version 1.
    private static func shown(
        _ mount: MountBlueprint, _ cgroup: CgroupRecord
    ) -> [CgroupHierarchy] {
        let isUnified = showsUnified(mount, cgroup)
        return cgroup.hierarchies.filter { $0.isUnified == isUnified }
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
