internal import CKernel
import Glibc

/// A process, held by a descriptor: it cannot turn into another one when the number is reused.
package struct Pidfd: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// The number, for `poll` and for passing on.
    package var rawValue: Int32 { file.rawValue }

    /// Takes ownership of a descriptor that `clone3` or a peer gave.
    package init(owning rawValue: Int32) {
        file = FileDescriptor(owning: rawValue)
    }

    /// Opens the process that has this number now.
    ///
    /// Whether it is the right one is for `ProcessIdentity.open` to say.
    ///
    /// The corresponding C function is `pidfd_open`, Linux 5.3.
    package static func open(_ pid: Int32) throws(Errno) -> Pidfd {
        Pidfd(owning: try Syscall.call("pidfd_open") { ck_pidfd_open(pid, 0) })
    }

    /// Sends a signal; 0 only checks.
    ///
    /// The corresponding C function is `pidfd_send_signal`.
    ///
    /// - Throws: `ESRCH` when the process is gone (a zombie takes signals silently).
    package borrowing func signal(_ number: Int32) throws(Errno) {
        let raw = rawValue
        try Syscall.call("pidfd_send_signal") { ck_pidfd_send_signal(raw, number) }
    }

    /// Sends a signal through a descriptor that somebody else owns.
    package static func signal(_ descriptor: Int32, _ number: Int32) throws(Errno) {
        try Syscall.call("pidfd_send_signal") { ck_pidfd_send_signal(descriptor, number) }
    }

    /// Waits until the process has exited, as a zombie or for good.
    ///
    /// - Returns: false when the deadline passed first.
    package borrowing func waitExited(until deadline: Deadline = .never) throws(Errno) -> Bool {
        try Poll.readable(rawValue, until: deadline)
    }

    /// Whether the process has exited.
    ///
    /// Does not wait.
    package borrowing func hasExited() throws(Errno) -> Bool {
        try waitExited(until: .now)
    }

    /// Waits for the process, a child of this one, and reaps it.
    ///
    /// The corresponding C function is `waitid(P_PIDFD)`, Linux 5.4.
    ///
    /// - Throws: `ECHILD` when it is no child, or reaped already.
    package borrowing func reap() throws(Errno) -> WaitStatus {
        let raw = UInt32(rawValue)
        var code: Int32 = 0
        var status: Int32 = 0
        while true {
            try Syscall.call("waitid") {
                ck_waitid(Self.waitByPidfd, raw, Int32(WEXITED), &code, &status)
            }
            if let result = WaitStatus(code: code, status: status) { return result }
        }
    }

    /// `P_PIDFD` of `waitid(2)`.
    private static var waitByPidfd: Int32 { 3 }

    /// Gives up ownership and returns the number; the caller closes it.
    package consuming func take() -> Int32 { file.take() }
}

/// Reaping children of whom nothing else is known.
package enum Children {
    /// Reaps one child that has exited, without waiting.
    ///
    /// - Returns: `nil` when no child has exited, or there is none.
    package static func reapAny() throws(Errno) -> (pid: Int32, status: WaitStatus)? {
        var code: Int32 = 0
        var status: Int32 = 0
        do throws(Errno) {
            let pid = try Syscall.call("waitid") {
                ck_waitid(Int32(P_ALL.rawValue), 0, WEXITED | WNOHANG, &code, &status)
            }
            guard pid != 0, let result = WaitStatus(code: code, status: status) else { return nil }
            return (pid, result)
        } catch .noChild {
            return nil
        }
    }
}
