internal import CKernel
import Glibc

/// Files without a name, in memory.
package enum Memfd {
    /// A file with these contents that nobody can change any more, its offset at the start.
    ///
    /// Sealed against writing, growing, shrinking, further sealing and, where the kernel can
    /// (Linux 6.3), execution.
    ///
    /// - Throws: `SystemError` of `memfd_create`, `write` or `fcntl`.
    package static func sealed(
        _ name: String, _ bytes: [UInt8]
    ) throws(SystemError) -> FileDescriptor {
        let file = try create(name, Flag.noExecuteSeal)
        do throws(Errno) { try file.pwriteAll(bytes) } catch {
            throw SystemError("pwrite64", name, error)
        }
        try seal(file, name)
        return file
    }

    /// A file with these contents, its offset at the start, that its readers may change.
    ///
    /// - Throws: `SystemError` of `memfd_create` or `write`.
    package static func unsealed(
        _ name: String, _ bytes: [UInt8]
    ) throws(SystemError) -> FileDescriptor {
        let file = try create(name, Flag.noExecuteSeal)
        do throws(Errno) { try file.pwriteAll(bytes) } catch {
            throw SystemError("pwrite64", name, error)
        }
        return file
    }

    /// An empty file that may be executed once it has contents; to be sealed by `seal`.
    ///
    /// Since Linux 6.3 the wish must be said (`MFD_EXEC`), or `vm.memfd_noexec` may refuse it.
    package static func executable(_ name: String) throws(SystemError) -> FileDescriptor {
        try create(name, Flag.execute)
    }

    /// Forbids every further change.
    package static func seal(
        _ file: borrowing FileDescriptor, _ name: String
    ) throws(SystemError) {
        let raw = file.rawValue
        do throws(Errno) {
            try Syscall.call("fcntl") { ck_fcntl(raw, Self.addSeals, Self.allSeals) }
        } catch {
            throw SystemError("fcntl", "F_ADD_SEALS \(name)", error)
        }
    }

    /// Whether no content of a file can change.
    ///
    /// False for what is not a memfd.
    package static func isSealed(_ file: borrowing FileDescriptor) -> Bool {
        let seals = ck_fcntl(file.rawValue, Self.getSeals, 0)
        return seals >= 0 && Int(seals) & Self.contentSeals == Self.contentSeals
    }

    private enum Flag {
        static let closeOnExec: UInt32 = 1
        static let allowSealing: UInt32 = 2
        static let noExecuteSeal: UInt32 = 8
        static let execute: UInt32 = 0x10
    }

    private static var addSeals: Int32 { 1033 }
    private static var getSeals: Int32 { 1034 }
    /// `F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE`.
    private static var contentSeals: Int { 2 | 4 | 8 }
    /// `contentSeals | F_SEAL_SEAL`.
    private static var allSeals: Int { contentSeals | 1 }

    private static func create(
        _ name: String, _ kind: UInt32
    ) throws(SystemError) -> FileDescriptor {
        let flags = Flag.closeOnExec | Flag.allowSealing
        do throws(Errno) {
            let number: Int32
            do throws(Errno) {
                number = try Syscall.call("memfd_create") { ck_memfd_create(name, flags | kind) }
            } catch .invalid {
                // Before Linux 6.3 neither flag exists and every memfd may be executed.
                number = try Syscall.call("memfd_create") { ck_memfd_create(name, flags) }
            }
            return FileDescriptor(owning: number)
        } catch {
            throw SystemError("memfd_create", name, error)
        }
    }
}

extension FileDescriptor {
    /// Writes all of `bytes` from the start of the file and leaves the offset where it is.
    package borrowing func pwriteAll(_ bytes: [UInt8]) throws(Errno) {
        let raw = rawValue
        var written = 0
        while written < bytes.count {
            let offset = written
            written += try Syscall.call("pwrite64") {
                bytes.withUnsafeBytes { buffer in
                    buffer.baseAddress.map {
                        pwrite(raw, $0 + offset, buffer.count - offset, off_t(offset))
                    } ?? 0
                }
            }
        }
    }
}
