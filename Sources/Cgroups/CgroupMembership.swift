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
        var clone: Int32 = -1
        var tasks: [Int32] = []
        tasks.reserveCapacity(hierarchies.count)
        for hierarchy in hierarchies {
            do throws(CgroupError) {
                let directory = try directory(of: hierarchy, below: below)
                if hierarchy.isUnified {
                    clone = try open(directory, O_PATH | O_DIRECTORY)
                } else {
                    tasks.append(try open(directory + "/tasks", O_WRONLY))
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
        for hierarchy in hierarchies {
            let file = try directory(of: hierarchy, below: below) + "/cgroup.procs"
            do throws(Errno) {
                try Files.writeText(file, String(pid))
            } catch {
                throw CgroupError(
                    "cannot add process \(pid) to cgroup", property: "linux/cgroupsPath",
                    cause: SystemError("write", file, error))
            }
        }
    }

    private static func open(_ path: String, _ flags: Int32) throws(CgroupError) -> Int32 {
        do throws(Errno) {
            return try FileDescriptor.open(path, flags).take()
        } catch {
            throw CgroupError(
                "cannot open cgroup", property: "linux/cgroupsPath",
                cause: SystemError("openat", path, error))
        }
    }

    private static func directory(
        of hierarchy: CgroupHierarchy, below: [CgroupSubpath]
    ) throws(CgroupError) -> String {
        for sub in below {
            let isMeant =
                sub.controllers.isEmpty || sub.controllers.contains { hierarchy.has($0) }
            guard isMeant else { continue }
            let path = try CgroupPath.normalize(sub.path)
            return path == "/" ? hierarchy.directory : hierarchy.directory + path
        }
        return hierarchy.directory
    }
}
