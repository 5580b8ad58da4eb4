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

    /// Sets an extended attribute of the open file.
    ///
    /// The corresponding C function is `fsetxattr`.
    package borrowing func setAttribute(_ name: String, _ value: String) throws(Errno) {
        let raw = rawValue
        try Syscall.call("fsetxattr") {
            value.withCString { ck_fsetxattr(raw, name, $0, value.utf8.count) }
        }
    }

    /// Removes an extended attribute of the open file.
    ///
    /// The corresponding C function is `fremovexattr`.
    package borrowing func removeAttribute(_ name: String) throws(Errno) {
        let raw = rawValue
        try Syscall.call("fremovexattr") { ck_fremovexattr(raw, name) }
    }
}
