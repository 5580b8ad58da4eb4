internal import CKernel
import Glibc

/// The procfs of the runtime's own pid namespace, proven to be one: the only way to write below
/// `/proc`.
///
/// A file is reached from a handle on the root of procfs by `openat2` without leaving that mount
/// (`RESOLVE_NO_XDEV`) and without following any link, so what somebody mounted over a part of
/// `/proc` is an error instead of a redirected write (CVE-2019-16884, CVE-2025-52881). Where
/// `openat2` is missing (before Linux 5.6) the handle is a private, detached mount that nobody else
/// can mount on. The private mount is not the first choice, because its removal waits for an RCU
/// grace period.
package struct ProcFS: ~Copyable, Sendable {
    private let root: FileDescriptor
    /// Whether the handle is a detached mount of this process alone.
    package let isPrivate: Bool

    /// Opens the handle.
    ///
    /// - Throws: `SystemError`; `EXDEV` when `/proc` is no procfs.
    package static func open() throws(SystemError) -> ProcFS {
        do throws(SystemError) {
            return try openMounted("/proc")
        } catch {
            if let detached = try? openPrivate() { return detached }
            throw error
        }
    }

    /// Opens and checks a mounted procfs.
    static func openMounted(_ path: String) throws(SystemError) -> ProcFS {
        do throws(Errno) {
            let root = try FileDescriptor.open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
            try verify(root)
            // Fails where openat2 or its flags are missing.
            _ = try openBeneath(root, "stat", O_PATH)
            return ProcFS(root: root, isPrivate: false)
        } catch {
            throw SystemError("openat2", path, error)
        }
    }

    /// Mounts a procfs that only this process sees; the directories of processes alone where the
    /// kernel can (`subset=pid`, Linux 5.8).
    static func openPrivate() throws(SystemError) -> ProcFS {
        do throws(Errno) {
            let context = FileDescriptor(
                owning: try Syscall.call("fsopen") { ck_fsopen("proc", 1) })
            let raw = context.rawValue
            _ = ck_fsconfig(raw, MountContext.setString, "subset", "pid", 0)
            try Syscall.call("fsconfig") { ck_fsconfig(raw, MountContext.create, nil, nil, 0) }
            let attributes = UInt32(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
            let root = FileDescriptor(
                owning: try Syscall.call("fsmount") { ck_fsmount(raw, 1, attributes) })
            try verify(root)
            return ProcFS(root: root, isPrivate: true)
        } catch {
            throw SystemError("fsmount", "proc", error)
        }
    }

    /// The root of a procfs has a magic number and the inode number 1.
    private static func verify(_ root: borrowing FileDescriptor) throws(Errno) {
        guard try Files.fileSystemMagic(of: root) == PROC_SUPER_MAGIC,
            try Files.status(of: root).st_ino == 1
        else { throw .crossDevice }
    }

    private static func openBeneath(
        _ root: borrowing FileDescriptor, _ path: String, _ flags: Int32
    ) throws(Errno) -> FileDescriptor {
        let raw = root.rawValue
        let resolve = UInt64(
            CK_RESOLVE_BENEATH | CK_RESOLVE_NO_XDEV | CK_RESOLVE_NO_MAGICLINKS
                | CK_RESOLVE_NO_SYMLINKS)
        let number = try Syscall.call("openat2") {
            ck_openat2(raw, path, flags | O_CLOEXEC, 0, resolve)
        }
        return FileDescriptor(owning: number)
    }
}

extension ProcFS {
    /// Opens a file of a process, such as `uid_map`.
    ///
    /// - Throws: `SystemError` with the path; `EXDEV` when something is mounted over it.
    package borrowing func open(
        _ pid: Int32, _ file: String, _ flags: Int32
    ) throws(SystemError) -> FileDescriptor {
        let path = "\(pid)/\(file)"
        do throws(Errno) {
            guard isPrivate else { return try Self.openBeneath(root, path, flags) }
            return try FileDescriptor.open(at: root.rawValue, path, flags | O_NOFOLLOW)
        } catch {
            throw SystemError("openat2", "/proc/\(path)", error)
        }
    }

    /// Writes a text in one call to a file of a process, such as `oom_score_adj`.
    ///
    /// - Throws: `SystemError` with the path.
    package borrowing func write(
        _ pid: Int32, _ file: String, _ text: String
    ) throws(SystemError) {
        let opened = try open(pid, file, O_WRONLY)
        do throws(Errno) { try opened.writeOnce(text) } catch {
            throw SystemError("write", "/proc/\(pid)/\(file)", error)
        }
    }

    /// Reads a small file of a process.
    ///
    /// - Throws: `SystemError` with the path.
    package borrowing func read(_ pid: Int32, _ file: String) throws(SystemError) -> String {
        let opened = try open(pid, file, O_RDONLY)
        do throws(Errno) {
            return String(decoding: try opened.readAll(limit: 1 << 20), as: UTF8.self)
        } catch {
            throw SystemError("read", "/proc/\(pid)/\(file)", error)
        }
    }

    /// Opens a namespace of a process, such as `user` (namespaces(7)).
    ///
    /// The last step is a magic link, which only its directory's identity vouches for.
    ///
    /// - Throws: `SystemError` with the path.
    package borrowing func openNamespace(
        _ pid: Int32, _ name: String
    ) throws(SystemError) -> FileDescriptor {
        let directory = try open(pid, "ns", O_PATH | O_DIRECTORY)
        do throws(Errno) {
            let file = try FileDescriptor.open(at: directory.rawValue, name, O_RDONLY)
            guard try Files.fileSystemMagic(of: file) == NSFS_MAGIC else { throw .crossDevice }
            return file
        } catch {
            throw SystemError("openat", "/proc/\(pid)/ns/\(name)", error)
        }
    }
}
