import Glibc
import Kernel

/// Ways into the cgroups of a record, for one process.
enum CgroupMembership {
    /// The cgroups to enter: the container's, or where its version 2 one takes no processes, the
    /// neighbour's.
    ///
    /// A cgroup that has handed controllers down holds no processes itself (the kernel's "no internal
    /// processes" rule), and a clone into it would fail with `EBUSY`.
    static func places(
        _ hierarchies: [CgroupHierarchy], neighbour: Int32?
    ) -> [CgroupHierarchy] {
        guard let neighbour, let index = hierarchies.lastIndex(where: \.isUnified) else {
            return hierarchies
        }
        let own = hierarchies[index]
        let file = own.directory + "/cgroup.subtree_control"
        guard let handedDown = CgroupFile.words(file), !handedDown.isEmpty,
            let lines = try? OwnCgroups.read("/proc/\(neighbour)/cgroup"),
            let path = lines.first(where: \.isUnified)?.path, path.hasPrefix(own.path + "/")
        else { return hierarchies }
        var places = hierarchies
        places[index].path = path
        return places
    }

    /// Opens a `tasks` file for each version 1 hierarchy, and the version 2 directory.
    static func openEntrances(
        _ hierarchies: [CgroupHierarchy], below: [CgroupSubpath]
    ) throws(CgroupError) -> CgroupEntrances {
        try refuseUnknown(below, hierarchies)
        var clone: Int32 = -1
        var tasks: [Int32] = []
        tasks.reserveCapacity(hierarchies.count)
        for hierarchy in hierarchies {
            do throws(CgroupError) {
                if hierarchy.isUnified {
                    clone = try open(hierarchy, below, nil, O_PATH | O_DIRECTORY)
                } else {
                    tasks.append(try open(hierarchy, below, "tasks", O_WRONLY))
                }
            } catch {
                // Closes those that are open already.
                _ = CgroupEntrances(cloneDirectory: clone, tasks: tasks)
                throw error
            }
        }
        return CgroupEntrances(cloneDirectory: clone, tasks: tasks)
    }

    /// Writes a process into every hierarchy.
    static func attach(
        _ pid: Int32, _ hierarchies: [CgroupHierarchy], below: [CgroupSubpath]
    ) throws(CgroupError) {
        try refuseUnknown(below, hierarchies)
        for hierarchy in hierarchies {
            let name = "cgroup.procs"
            let file = FileDescriptor(owning: try open(hierarchy, below, name, O_WRONLY))
            do throws(Errno) {
                try file.writeOnce(String(pid))
            } catch {
                throw CgroupError(
                    "cannot add process \(pid) to cgroup", property: "linux/cgroupsPath",
                    cause: SystemError("write", hierarchy.directory + "/" + name, error))
            }
        }
    }

    /// Opens the cgroup to enter, or a file of it.
    ///
    /// A path below the container's cgroup comes from a user: it is opened from a descriptor of that
    /// cgroup, which it cannot leave (`RESOLVE_BENEATH`).
    private static func open(
        _ hierarchy: CgroupHierarchy, _ below: [CgroupSubpath], _ file: String?, _ flags: Int32
    ) throws(CgroupError) -> Int32 {
        let inside = try subpath(below, hierarchy)
        let directory = hierarchy.directory
        let suffix = file.map { "/" + $0 } ?? ""
        do throws(Errno) {
            guard let inside else {
                return try FileDescriptor.open(directory + suffix, flags).take()
            }
            let top = try FileDescriptor.open(directory, O_PATH | O_DIRECTORY)
            return try FileDescriptor.open(beneath: top, inside + suffix, flags).take()
        } catch {
            let place = directory + (inside.map { "/" + $0 } ?? "") + suffix
            throw CgroupError(
                "cannot open cgroup", property: "linux/cgroupsPath",
                cause: SystemError("openat", place, error))
        }
    }

    /// A name that no hierarchy has is a slip of whoever asked.
    private static func refuseUnknown(
        _ below: [CgroupSubpath], _ hierarchies: [CgroupHierarchy]
    ) throws(CgroupError) {
        for controller in below.flatMap(\.controllers)
        where !hierarchies.contains(where: { $0.has(controller) }) {
            throw CgroupError(
                "the container has no cgroup of a controller \"\(controller)\"",
                property: "linux/cgroupsPath")
        }
    }

    /// The path below the container's cgroup that is meant for a hierarchy, the last one that is;
    /// `nil` for none.
    private static func subpath(
        _ below: [CgroupSubpath], _ hierarchy: CgroupHierarchy
    ) throws(CgroupError) -> String? {
        for sub in below.reversed()
        where sub.controllers.isEmpty || sub.controllers.contains(where: { hierarchy.has($0) }) {
            let path = try CgroupPath.normalize(sub.path)
            return path == "/" ? nil : String(path.dropFirst())
        }
        return nil
    }
}
