/// What the annotations for cgroups below a unit may say.
enum SubgroupRules {
    /// Notes names that are none, and a cgroup to hand over that is below nothing.
    static func check(_ blueprint: Blueprint, _ out: inout Diagnostics) {
        let subgroup = blueprint.annotation(.systemdSubgroup) ?? ""
        // Nothing is a value too: no such cgroup.
        if !subgroup.isEmpty { checkName(subgroup, .systemdSubgroup, &out) }
        guard let delegate = blueprint.annotation(.delegateCgroup) else { return }
        checkName(delegate, .delegateCgroup, &out)
        if subgroup.isEmpty {
            out.error(
                Annotation.delegateCgroup.location, "needs \(Annotation.systemdSubgroup.rawValue)")
        }
    }

    /// One component of a path, in the characters that the kernel takes for a cgroup.
    private static func checkName(
        _ name: String, _ annotation: Annotation, _ out: inout Diagnostics
    ) {
        let isSound =
            !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
        if !isSound { out.error(annotation.location, "\"\(name)\" is no name of a cgroup") }
    }
}
