import Glibc
import Kernel

/// Whether the caller may put a process of its own into a version 2 cgroup.
enum CgroupReach {
    /// cgroups(7), "Delegation containment": the writer needs the right to write `cgroup.procs` of
    /// the common ancestor of where a process is and where it goes.
    static func canEnter(
        _ hierarchies: [CgroupHierarchy], membership: String = "/proc/self/cgroup"
    ) -> Bool {
        guard let hierarchy = hierarchies.first(where: { $0.isUnified }),
            let own = try? OwnCgroups.read(membership).first(where: { $0.isUnified })
        else { return true }
        let ancestor = commonAncestor(own.path, hierarchy.path)
        let directory = CgroupPath.join(hierarchy.mountPoint, ancestor)
        return access(directory + "/cgroup.procs", W_OK) == 0
    }

    static func commonAncestor(_ one: String, _ other: String) -> String {
        let others = CgroupPath.prefixes(other)
        var result = "/"
        for (index, prefix) in CgroupPath.prefixes(one).enumerated() {
            guard index < others.count, others[index] == prefix else { break }
            result = prefix
        }
        return result
    }
}
