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

    /// How often `acquire(until:)` asks, in milliseconds.
    private static var interval: Int64 { 10 }

    /// Takes the lock, waiting for its holders until the deadline.
    ///
    /// The kernel has no `flock` with a limit, and the signal that could break one off would be the
    /// whole process's, so it is asked again and again. For a lock that strangers can hold.
    ///
    /// - Returns: whether it was taken.
    package static func acquire(
        _ file: borrowing FileDescriptor, _ mode: Mode, until deadline: Deadline
    ) throws(Errno) -> Bool {
        while try !tryAcquire(file, mode) {
            if deadline.hasPassed { return false }
            var nothing: [pollfd] = []
            _ = try Poll.wait(&nothing, until: .after(milliseconds: interval))
        }
        return true
    }

    /// Whether a process of this PID namespace holds the exclusive lock (proc(5), `/proc/locks`).
    package static func isHeld(
        _ file: borrowing FileDescriptor, by pid: Int32
    ) throws(Errno) -> Bool {
        let inode = ":\(try Files.status(of: file).st_ino)"
        for line in try Files.readText("/proc/locks").split(separator: "\n") {
            // `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`; an arrow is before those that wait.
            let words = line.split(separator: " ")
            guard words.count > 5, words[1] == "FLOCK", words[3] == "WRITE" else { continue }
            if words[4] == String(pid), words[5].hasSuffix(inode) { return true }
        }
        return false
    }

    /// Gives the lock back while the file stays open.
    package static func release(_ file: borrowing FileDescriptor) throws(Errno) {
        let raw = file.rawValue
        try Syscall.call("flock") { flock(raw, LOCK_UN) }
    }
}
