internal import Kernel
internal import OCISpec

/// Plans what is shown instead of a file system that the kernel does not mount.
///
/// In a user namespace it makes a sysfs only where a whole one is in sight already, and what belongs
/// to a namespace only for who owns that one. Whether it does is not known before it is tried. The
/// host's mount stands in then, as for the peers, and a sysfs read-only with all below it.
///
/// A refused procfs has no substitute: the host's would show other processes than the container's.
enum RefusedMount {
    /// Whether the kernel may refuse at all.
    static func isPossible(_ blueprint: Blueprint) -> Bool {
        blueprint.hasUserNamespace || blueprint.facts.isInUserNamespace
    }

    /// The host's mount that stands in for a file system, or nil where a refusal is an error.
    static func substitute(_ type: String, _ blueprint: Blueprint) -> String? {
        guard isPossible(blueprint) else { return nil }
        switch type {
        case "sysfs": return "/sys"
        // Its label would be changed for the host.
        case "mqueue" where !blueprint.namespaces.makes(.ipc) && blueprint.mountLabel == nil:
            return "/dev/mqueue"
        default: return nil
        }
    }

    /// Binds what stands in for the mount that was planned last.
    static func bind(
        _ source: String, _ mount: MountBlueprint, isReadOnly: Bool, _ plan: inout Plan
    ) {
        let target = PathText.inRoot(mount.destination)
        plan.add(
            .bind(PlanOp.Bind(source: source, target: target, isRecursive: true)), mount.location,
            label: mount.destination, flags: .instead)
        // The mode of access times is the host's, and locked.
        var attributes = mount.options.attributes.set & ~MOUNT_ATTR__ATIME
        if isReadOnly { attributes |= MOUNT_ATTR_RDONLY }
        guard attributes != 0 else { return }
        plan.add(
            .setAttributes(
                target: target, MountOptions.Attributes(set: attributes), propagation: 0,
                isRecursive: true),
            mount.location, label: mount.destination, flags: .instead)
    }
}
