internal import CKernel
import Glibc

/// An error number of a system call.
///
/// The bottom of every error chain: functions that make one system call throw it and nothing else.
package struct Errno: Error, Equatable, Hashable, Sendable {
    /// The positive number, such as 2 for `ENOENT`.
    package let rawValue: Int32

    /// Wraps a positive error number.
    package init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The number that the last failing call of this thread left behind.
    package static var current: Errno { Errno(errno) }

    /// The symbolic name, such as `ENOENT`; `E<number>` when libc knows none.
    ///
    /// The corresponding C function is `strerrorname_np`.
    package var name: String {
        guard let name = ck_errno_name(rawValue) else { return "E\(rawValue)" }
        return String(cString: name)
    }

    /// The text, in lower case as Go programs print it, because engines match on it.
    ///
    /// The corresponding C function is `strerrordesc_np`.
    package var text: String {
        guard let text = ck_errno_text(rawValue) else { return "unknown error \(rawValue)" }
        return String(cString: text).lowercased()
    }
}

extension Errno: CustomStringConvertible {
    /// Name and text: `ENOENT: no such file or directory`.
    package var description: String { "\(name): \(text)" }
}

extension Errno {
    package static let accessDenied = Errno(EACCES)
    package static let again = Errno(EAGAIN)
    package static let badDescriptor = Errno(EBADF)
    package static let busy = Errno(EBUSY)
    package static let exists = Errno(EEXIST)
    package static let fileTooLarge = Errno(EFBIG)
    package static let illegalSeek = Errno(ESPIPE)
    package static let interrupted = Errno(EINTR)
    package static let invalid = Errno(EINVAL)
    package static let isDirectory = Errno(EISDIR)
    package static let loop = Errno(ELOOP)
    package static let nameTooLong = Errno(ENAMETOOLONG)
    package static let noChild = Errno(ECHILD)
    package static let noDevice = Errno(ENODEV)
    package static let noEntry = Errno(ENOENT)
    package static let noMemory = Errno(ENOMEM)
    package static let noProcess = Errno(ESRCH)
    package static let noSpace = Errno(ENOSPC)
    package static let noSystemCall = Errno(ENOSYS)
    package static let notDirectory = Errno(ENOTDIR)
    package static let notEmpty = Errno(ENOTEMPTY)
    package static let notPermitted = Errno(EPERM)
    package static let notSupported = Errno(EOPNOTSUPP)
    package static let outOfRange = Errno(ERANGE)
    package static let pipe = Errno(EPIPE)
    package static let readOnly = Errno(EROFS)
    package static let timedOut = Errno(ETIMEDOUT)
    package static let tooBig = Errno(E2BIG)
    package static let tooManyOpen = Errno(EMFILE)
    package static let crossDevice = Errno(EXDEV)
}
