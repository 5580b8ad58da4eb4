import Glibc
import Kernel

/// Handing a container's cgroup over to the container (runtime-spec 1.3.0, config-linux, "Cgroup
/// ownership").
enum V2Delegation {
    /// What the kernel names in `/sys/kernel/cgroup/delegate` where it lacks that file (Linux 4.15).
    private static let usual = [
        "cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "memory.oom.group",
        "memory.reclaim",
    ]

    /// Gives the directory and the files that a delegatee may write to an owner; files that the
    /// kernel lacks are no error.
    static func give(
        _ directory: String, to owner: UInt32, list: String = "/sys/kernel/cgroup/delegate"
    ) throws(CgroupError) {
        try change(directory, owner)
        let names = CgroupFile.text(list).map { text in
            text.split(separator: "\n").map(String.init)
        }
        // Names come from the kernel; one with a slash would be no file of this cgroup.
        for name in names ?? usual where !name.utf8.contains(UInt8(ascii: "/")) {
            try change(directory + "/" + name, owner)
        }
    }

    private static func change(_ path: String, _ owner: UInt32) throws(CgroupError) {
        do throws(Errno) {
            try Syscall.call("chown") { lchown(path, owner, gid_t.max) }
        } catch .noEntry {
            return
        } catch {
            throw CgroupError(
                "cannot hand the cgroup over to uid \(owner)", property: "linux/cgroupsPath",
                cause: SystemError("chown", path, error))
        }
    }
}
