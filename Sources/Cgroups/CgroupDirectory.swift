import Glibc
import Kernel

/// The directories of a hierarchy: making, emptying and removing them.
enum CgroupDirectory {
    /// Makes a cgroup and its missing parents.
    ///
    /// - Parameter made: every directory that this call made, outermost first, is appended.
    /// - Returns: false when the cgroup was there already.
    static func make(
        _ hierarchy: CgroupHierarchy, made: inout [String]
    ) throws(SystemError) -> Bool {
        let directory = hierarchy.directory
        // Somebody who removes an empty parent between two of these calls makes the next one fail:
        // a few more tries, each with progress of theirs, tell that from a hierarchy that is gone.
        var attempts = 4
        while true {
            do throws(Errno) {
                try Files.makeDirectory(directory, mode: 0o755)
                made.append(directory)
                return true
            } catch .exists {
                return false
            } catch .noEntry where attempts > 0 {
                attempts -= 1
                try makeParents(of: hierarchy, made: &made)
            } catch {
                throw SystemError("mkdir", directory, error)
            }
        }
    }

    private static func makeParents(
        of hierarchy: CgroupHierarchy, made: inout [String]
    ) throws(SystemError) {
        for prefix in CgroupPath.prefixes(CgroupPath.parent(hierarchy.path)) where prefix != "/" {
            let directory = hierarchy.mountPoint + prefix
            do throws(Errno) {
                try Files.makeDirectory(directory, mode: 0o755)
                made.append(directory)
            } catch .exists {
                continue
            } catch .noEntry {
                return  // A parent vanished; the caller starts again.
            } catch {
                throw SystemError("mkdir", directory, error)
            }
        }
    }

    /// The names of the cgroups directly below; empty when the cgroup is gone.
    static func children(_ directory: String) -> [String] {
        // In kernfs, as in most file systems, each directory below is one more link to this one.
        guard let status = try? Files.status(directory), status.st_nlink != 2 else { return [] }
        guard let names = try? Files.list(directory) else { return [] }
        // All else in there are control files, whose names have a dot; a cgroup's may have one too.
        return names.filter { name in
            guard let status = try? Files.status(directory + "/" + name, followLink: false) else {
                return false
            }
            return status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// The processes in a cgroup, in the order of the kernel; empty when it is gone.
    static func processes(_ directory: String, recursive: Bool) throws(SystemError) -> [Int32] {
        let file = directory + "/cgroup.procs"
        var pids: [Int32] = []
        do throws(Errno) {
            let text = try Files.readText(file, limit: 1 << 26)
            for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
                // Processes of other pid namespaces than ours read as 0.
                if let pid = Int32(Substring(line)), pid > 0 { pids.append(pid) }
            }
        } catch .noEntry {
            return []
        } catch .noDevice {
            return []  // Removed between open and read.
        } catch .notSupported {
            // A threaded version 2 cgroup lists threads only; its processes are the parent's.
        } catch {
            throw SystemError("read", file, error)
        }
        if recursive {
            for name in children(directory) {
                pids += try processes(directory + "/" + name, recursive: true)
            }
        }
        return pids
    }

    /// Removes a cgroup with everything below it; success when it is gone already.
    ///
    /// - Parameter waitForChange: waits until processes may have left, and returns false when the
    ///   deadline has passed.
    static func remove(
        _ directory: String, waitForChange: (String) -> Bool
    ) throws(SystemError) {
        while true {
            do throws(Errno) {
                try Files.removeDirectory(directory)
                return
            } catch .noEntry {
                return
            } catch .busy {
                // Busy are processes or cgroups below: the ones to wait for, the others to remove.
                let names = children(directory)
                if names.isEmpty {
                    if !waitForChange(directory) { throw SystemError("rmdir", directory, .busy) }
                    continue
                }
                for name in names {
                    try remove(directory + "/" + name, waitForChange: waitForChange)
                }
            } catch {
                throw SystemError("rmdir", directory, error)
            }
        }
    }

    /// Removes directories made a moment ago, the last first, leaving those that others use.
    ///
    /// - Parameter waitForChange: as for `remove`, for cgroups that killed processes may still be
    ///   leaving.
    static func undo(
        _ made: [String], _ hierarchies: [CgroupHierarchy],
        waitForChange: (CgroupHierarchy, String) -> Bool
    ) {
        for directory in made.reversed() {
            if let hierarchy = hierarchies.first(where: { $0.directory == directory }) {
                try? remove(directory) { waitForChange(hierarchy, $0) }
            } else {
                _ = try? Files.removeDirectory(directory)
            }
        }
    }
}
