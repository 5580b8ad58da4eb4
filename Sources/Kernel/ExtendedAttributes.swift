internal import CKernel
import Glibc

extension FileDescriptor {
    /// An extended attribute of the open file, such as `trusted.name`.
    ///
    /// The corresponding C function is `fgetxattr`.
    ///
    /// - Throws: `ENODATA` when there is none, `ERANGE` for one beyond the limit.
    package borrowing func attribute(_ name: String, limit: Int = 4096) throws(Errno) -> [UInt8] {
        let raw = rawValue
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try Syscall.call("fgetxattr") {
            bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { ck_fgetxattr(raw, name, $0, buffer.count) } ?? 0
            }
        }
        bytes.removeLast(limit - count)
        return bytes
    }

    /// Gives the open file an extended attribute that it does not have.
    ///
    /// The corresponding C function is `fsetxattr` with `XATTR_CREATE`.
    ///
    /// - Throws: `EEXIST` when it has one of that name: of several that try, one succeeds.
    package borrowing func addAttribute(_ name: String, _ value: String) throws(Errno) {
        let raw = rawValue
        try Syscall.call("fsetxattr") {
            value.withCString { ck_fsetxattr(raw, name, $0, value.utf8.count, Self.create) }
        }
    }

    /// `XATTR_CREATE` of `linux/xattr.h`.
    private static var create: Int32 { 1 }

    /// Removes an extended attribute of the open file.
    ///
    /// The corresponding C function is `fremovexattr`.
    package borrowing func removeAttribute(_ name: String) throws(Errno) {
        let raw = rawValue
        try Syscall.call("fremovexattr") { ck_fremovexattr(raw, name) }
    }
}
