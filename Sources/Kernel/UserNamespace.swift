internal import CKernel
import Glibc

/// User namespaces that exist for their id mappings alone, as `mount_setattr` wants them.
package enum UserNamespace {
    /// Makes a user namespace with these maps and returns a descriptor that keeps it.
    ///
    /// - Parameters:
    ///   - uidMap: lines as of `/proc/PID/uid_map`: first id inside, first id outside, count.
    ///   - gidMap: the same for groups.
    /// - Throws: `SystemError`; `EPERM` without the right to map these ids.
    package static func create(
        uidMap: String, gidMap: String, procFS: borrowing ProcFS
    ) throws(SystemError) -> FileDescriptor {
        var number: Int32 = -1
        let pid = ck_clone_user_namespace(&number)
        if pid < 0 { throw SystemError("clone3", "CLONE_NEWUSER", Errno(-pid)) }
        let pidfd = Pidfd(owning: number)
        let result: Result<Int32, SystemError>
        do throws(SystemError) {
            try procFS.write(pid, "uid_map", uidMap)
            try procFS.write(pid, "gid_map", gidMap)
            result = .success(try procFS.openNamespace(pid, "user").take())
        } catch {
            result = .failure(error)
        }
        try? pidfd.signal(SIGKILL)
        _ = try? pidfd.reap()
        return FileDescriptor(owning: try result.get())
    }
}
