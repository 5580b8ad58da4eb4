internal import OCISpec

/// Plans `linux.mountLabel`: the SELinux label of every file in a new file system.
enum MountLabel {
    /// The option of the mount call, or nothing where the kernel has no such label.
    ///
    /// - Parameter isQuoted: whether the options are one text for `mount(2)`, where a comma inside a
    ///   label would end it.
    static func options(
        _ blueprint: Blueprint, type: String, isQuoted: Bool = false, besides given: [String] = []
    ) -> [String] {
        guard let label = blueprint.mountLabel, !unlabelled.contains(type),
            !given.contains(where: { $0.hasPrefix("context=") })
        else { return [] }
        return [isQuoted ? "context=\"\(label)\"" : "context=" + label]
    }

    /// File systems whose files the policy labels one by one; a message queue takes no option in a
    /// user namespace and gets its label afterwards.
    private static let unlabelled = ["proc", "sysfs", "cgroup", "cgroup2", "mqueue"]

    /// Labels what could not be labelled at the mount.
    static func relabel(
        _ blueprint: Blueprint, _ mount: MountBlueprint, type: String, _ plan: inout Plan
    ) {
        guard let label = blueprint.mountLabel, type == "mqueue" else { return }
        plan.add(
            .relabel(path: PathText.inRoot(mount.destination), label: label), "linux/mountLabel",
            label: mount.destination)
    }
}
