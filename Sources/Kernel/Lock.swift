import Glibc

/// Advisory locks of whole files and directories, which end with their last descriptor: a process
/// that dies holds none.
///
/// The corresponding C function is `flock`.
package enum Lock {
    /// Who else may hold the lock.
    package enum Mode: Sendable {
        /// Other shared holders.
        case shared
        /// Nobody.
        case exclusive
    }

    /// Takes the lock, waiting for its holders.
    package static func acquire(
        _ file: borrowing FileDescriptor, _ mode: Mode
    ) throws(Errno) {
        let raw = file.rawValue
        try Syscall.call("flock") { flock(raw, mode == .shared ? LOCK_SH : LOCK_EX) }
    }

    /// Takes the lock unless somebody holds it.
    ///
    /// - Returns: whether it was taken.
    package static func tryAcquire(
        _ file: borrowing FileDescriptor, _ mode: Mode
    ) throws(Errno) -> Bool {
        let raw = file.rawValue
        do throws(Errno) {
            try Syscall.call("flock") {
                flock(raw, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB)
            }
            return true
        } catch .again {
            return false
        }
    }

    /// Gives the lock back while the file stays open.
    package static func release(_ file: borrowing FileDescriptor) throws(Errno) {
        let raw = file.rawValue
        try Syscall.call("flock") { flock(raw, LOCK_UN) }
    }
}
