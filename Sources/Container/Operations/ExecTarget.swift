import Glibc
package import Kernel
internal import OCISpec

/// The container that a process joins: facts of its first process, for the plan.
package struct ExecTarget: Equatable, Sendable {
    /// The container's first process.
    package var process: ProcessIdentity
    /// CLONE_NEW* mask of the namespaces that are not ours already.
    package var namespaces: UInt64
    /// Whether the container has a session keyring of its own.
    package var hasKeyring: Bool

    /// States the facts.
    package init(process: ProcessIdentity, namespaces: UInt64, hasKeyring: Bool) {
        self.process = process
        self.namespaces = namespaces
        self.hasKeyring = hasKeyring
    }
}

extension ExecTarget {
    /// All types, as `/proc/PID/ns` has them.
    private static let types: [NamespaceType] = [
        .user, .mount, .uts, .ipc, .pid, .network, .cgroup, .time,
    ]

    /// Which namespaces of a process differ from ours: joining our own user namespace is an error
    /// (setns(2)), and joining any other of ours does nothing.
    ///
    /// - Throws: the error number of `fstatat`: `ENOENT` when the process is gone, `EACCES` when
    ///   it is somebody else's.
    package static func foreignNamespaces(_ pid: Int32) throws(Errno) -> UInt64 {
        let ours = try directory("/proc/self/ns")
        let theirs = try directory("/proc/\(pid)/ns")
        var mask: UInt64 = 0
        for type in types {
            let name = type.kernelName
            // A kernel without that type has nothing to join.
            guard Files.exists(at: ours.rawValue, name) else { continue }
            let own = try Files.status(at: ours.rawValue, name)
            let other = try Files.status(at: theirs.rawValue, name)
            if own.st_ino != other.st_ino || own.st_dev != other.st_dev { mask |= type.cloneFlag }
        }
        return mask
    }

    private static func directory(_ path: String) throws(Errno) -> FileDescriptor {
        try FileDescriptor.open(path, O_PATH | O_DIRECTORY)
    }
}
