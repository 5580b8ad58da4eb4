internal import CKernel
package import Glibc

/// Commands of `fsconfig(2)`, as in `linux/mount.h`.
package enum MountContext {
    package static let setFlag: UInt32 = 0
    package static let setString: UInt32 = 1
    package static let setFd: UInt32 = 5
    package static let create: UInt32 = 6
}

/// A detached copy of mounts of the host: it is in no mount namespace, and nobody sees it but the
/// holder of the descriptor.
package struct MountTree: ~Copyable, Sendable {
    private let tree: FileDescriptor

    /// The number, for `move_mount` and for passing to the init stage.
    package var rawValue: Int32 { tree.rawValue }

    /// Takes ownership of a descriptor of `open_tree` or `fsmount`.
    package init(owning rawValue: Int32) {
        tree = FileDescriptor(owning: rawValue)
    }

    /// Copies the mount at a path of the host, or the part of it below the path.
    ///
    /// The corresponding C function is `open_tree` with `OPEN_TREE_CLONE`, Linux 5.2.
    ///
    /// - Parameters:
    ///   - directory: what a relative path starts from.
    ///   - recursive: whether the mounts below come along (`AT_RECURSIVE`).
    ///   - followLink: whether a symbolic link at the end of the path is followed.
    /// - Throws: `EINVAL` for a mount that is unbindable or of another mount namespace.
    package static func clone(
        at directory: Int32 = AT_FDCWD, _ path: String, recursive: Bool, followLink: Bool = true
    ) throws(Errno) -> MountTree {
        var flags = UInt32(CK_OPEN_TREE_CLONE) | UInt32(O_CLOEXEC) | AT_EMPTY_PATH
        if recursive { flags |= AT_RECURSIVE }
        if !followLink { flags |= UInt32(AT_SYMLINK_NOFOLLOW) }
        let number = try Syscall.call("open_tree") { ck_open_tree(directory, path, flags) }
        return MountTree(owning: number)
    }

    /// Opens the place at a path of the host, without copying anything: as `O_PATH`, but what is
    /// mounted on demand is there.
    ///
    /// The corresponding C function is `open_tree`, Linux 5.2.
    package static func open(_ path: String) throws(Errno) -> FileDescriptor {
        FileDescriptor(
            owning: try Syscall.call("open_tree") {
                ck_open_tree(AT_FDCWD, path, UInt32(O_CLOEXEC))
            })
    }

    /// Changes attributes of the copy before anybody sees it.
    ///
    /// The corresponding C function is `mount_setattr`, Linux 5.12.
    ///
    /// - Parameters:
    ///   - set: `MOUNT_ATTR_*` to set.
    ///   - clear: `MOUNT_ATTR_*` to clear; `MOUNT_ATTR__ATIME` whenever an atime mode is set.
    ///   - propagation: `MS_SHARED`, `MS_SLAVE`, `MS_PRIVATE`, `MS_UNBINDABLE` or 0.
    ///   - recursive: whether the mounts below change too.
    package borrowing func setAttributes(
        set: UInt64 = 0, clear: UInt64 = 0, propagation: UInt64 = 0, recursive: Bool = false
    ) throws(Errno) {
        let raw = rawValue
        let flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)
        try Syscall.call("mount_setattr") {
            ck_mount_setattr(raw, "", flags, set, clear, propagation, -1)
        }
    }

    /// Shows the files of the copy with other owners: ids as the user namespace maps them.
    ///
    /// Linux 5.12; which file systems can is a matter of the kernel's version.
    ///
    /// - Throws: `EINVAL` when the file system cannot, `EPERM` when it is mapped already.
    package borrowing func mapIDs(
        _ userNamespace: borrowing FileDescriptor, recursive: Bool = false
    ) throws(Errno) {
        let raw = rawValue
        let map = userNamespace.rawValue
        let flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)
        try Syscall.call("mount_setattr") {
            ck_mount_setattr(raw, "", flags, MOUNT_ATTR_IDMAP, 0, 0, map)
        }
    }

    /// What `stat` says of the root of the copy.
    package borrowing func status() throws(Errno) -> stat {
        try Files.status(of: tree)
    }

    /// Gives up ownership and returns the number; the caller closes it.
    package consuming func take() -> Int32 { tree.take() }
}
