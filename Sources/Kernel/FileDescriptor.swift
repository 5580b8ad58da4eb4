package import CKernel
import Glibc

/// An open file descriptor that is closed when it goes out of scope.
///
/// It cannot be copied, so exactly one place owns it. Every function here opens with `O_CLOEXEC`:
/// what a child gets is said explicitly at spawn.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for passing to a system call while this value is alive.
    package let rawValue: Int32

    /// Takes ownership of an open descriptor.
    package init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        _ = Glibc.close(rawValue)
    }

    /// Gives up ownership and returns the number; the caller closes it.
    package consuming func take() -> Int32 {
        let number = rawValue
        discard self
        return number
    }

    /// The number that stands for the current working directory in `*at` calls.
    package static var workingDirectory: Int32 { AT_FDCWD }
}

// MARK: - Opening

extension FileDescriptor {
    /// Opens a path relative to a directory, always with `O_CLOEXEC`.
    ///
    /// For trusted paths only (the host's); what lies under a container's root is resolved by the
    /// init stage. The corresponding C function is `openat`.
    package static func open(
        at directory: Int32 = AT_FDCWD, _ path: String, _ flags: Int32, mode: mode_t = 0
    ) throws(Errno) -> FileDescriptor {
        let number = try Syscall.call("openat") {
            openat(directory, path, flags | O_CLOEXEC, mode)
        }
        return FileDescriptor(owning: number)
    }

    /// Opens a path without a link on it.
    ///
    /// The corresponding C function is `openat2` with `RESOLVE_NO_SYMLINKS`, Linux 5.6.
    ///
    /// - Throws: `ELOOP` when there is one.
    package static func open(withoutLinks path: String, _ flags: Int32) throws(Errno)
        -> FileDescriptor
    {
        let number = try Syscall.call("openat2") {
            ck_openat2(AT_FDCWD, path, flags | O_CLOEXEC, 0, UInt64(CK_RESOLVE_NO_SYMLINKS))
        }
        return FileDescriptor(owning: number)
    }

    /// Opens a path that cannot leave `directory`: no `..`, no absolute or magic link out of it.
    ///
    /// The corresponding C function is `openat2` with `RESOLVE_BENEATH`, Linux 5.6.
    package static func open(
        beneath directory: borrowing FileDescriptor, _ path: String, _ flags: Int32,
        mode: mode_t = 0
    ) throws(Errno) -> FileDescriptor {
        let resolve = UInt64(CK_RESOLVE_BENEATH | CK_RESOLVE_NO_MAGICLINKS)
        let raw = directory.rawValue
        let number = try Syscall.call("openat2") {
            ck_openat2(raw, path, flags | O_CLOEXEC, mode, resolve)
        }
        return FileDescriptor(owning: number)
    }

    /// Opens a path as a process would whose root is `directory`: `..` and links stop there.
    ///
    /// The corresponding C function is `openat2` with `RESOLVE_IN_ROOT`, Linux 5.6.
    package static func open(
        inRoot directory: borrowing FileDescriptor, _ path: String, _ flags: Int32,
        mode: mode_t = 0
    ) throws(Errno) -> FileDescriptor {
        let resolve = UInt64(CK_RESOLVE_IN_ROOT | CK_RESOLVE_NO_MAGICLINKS)
        let raw = directory.rawValue
        var tries = 128
        while true {
            do throws(Errno) {
                let number = try Syscall.call("openat2") {
                    ck_openat2(raw, path, flags | O_CLOEXEC, mode, resolve)
                }
                return FileDescriptor(owning: number)
            } catch .again where tries > 0 {
                // Something was renamed while `..` was resolved.
                tries -= 1
            }
        }
    }

    /// A second descriptor of the same open file, with `FD_CLOEXEC`, numbered from `minimum` up.
    ///
    /// The corresponding C function is `fcntl(F_DUPFD_CLOEXEC)`.
    package borrowing func duplicate(minimum: Int32 = 0) throws(Errno) -> FileDescriptor {
        let raw = rawValue
        let number = try Syscall.call("fcntl") { ck_fcntl(raw, F_DUPFD_CLOEXEC, Int(minimum)) }
        return FileDescriptor(owning: number)
    }
}

// MARK: - Reading and writing

extension FileDescriptor {
    /// Reads from the current position to the end.
    ///
    /// - Parameter limit: the size in bytes beyond which the read fails with `EFBIG`.
    /// - Throws: the error number of `read`, or `EFBIG`.
    package borrowing func readAll(limit: Int = 1 << 24) throws(Errno) -> [UInt8] {
        let raw = rawValue
        var bytes: [UInt8] = []
        var chunk = 16384
        while true {
            let filled = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: chunk))
            let count = try Syscall.call("read") {
                bytes.withUnsafeMutableBytes { buffer in
                    buffer.baseAddress.map { read(raw, $0 + filled, chunk) } ?? 0
                }
            }
            bytes.removeLast(chunk - count)
            if count == 0 { return bytes }
            if bytes.count > limit { throw .fileTooLarge }
            chunk = min(chunk * 2, 1 << 20)
        }
    }

    /// Writes all of `bytes`, in several calls if need be.
    ///
    /// - Throws: the error number of `write`.
    package borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
        let raw = rawValue
        var written = 0
        while written < bytes.count {
            let offset = written
            written += try Syscall.call("write") {
                bytes.withUnsafeBytes { buffer in
                    buffer.baseAddress.map { write(raw, $0 + offset, buffer.count - offset) } ?? 0
                }
            }
        }
    }

    /// Writes a text in exactly one call, as the files of cgroupfs, procfs and sysfs want it.
    ///
    /// - Throws: the error number of `write`; `EIO` when the kernel took only a part.
    package borrowing func writeOnce(_ text: String) throws(Errno) {
        let raw = rawValue
        var text = text
        let count = try Syscall.call("write") {
            text.withUTF8 { write(raw, $0.baseAddress, $0.count) }
        }
        if count != text.utf8.count { throw Errno(EIO) }
    }
}
