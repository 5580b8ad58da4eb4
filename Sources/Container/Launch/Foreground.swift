internal import CKernel
import Glibc
package import Kernel

/// A foreground `run` or `exec`: signals go to the program, the terminal is passed through, and the
/// program's end is this process's end.
///
/// Made before the container, so that no signal is lost: from then on signals wait until `wait`
/// forwards them. Without a terminal the program has the caller's own descriptors and nothing is
/// copied.
package struct Foreground: ~Copyable {
    private let signals: SignalDescriptor
    private let isSubreaper: Bool

    /// Takes over the signals of this process.
    ///
    /// - Parameter isSubreaper: whether orphans of the container become children of this process,
    ///   which reaps them (`PR_SET_CHILD_SUBREAPER`).
    /// - Throws: `system`.
    package init(isSubreaper: Bool) throws(RuntimeError) {
        do throws(Errno) {
            if isSubreaper {
                try Syscall.call("prctl") { ck_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }
            }
            // A reader of our output that went away is an error of a write, not a signal.
            _ = signal(SIGPIPE, SIG_IGN)
            signals = try SignalDescriptor()
            self.isSubreaper = isSubreaper
        } catch {
            throw RuntimeError(
                .system, "cannot take over signals", underlying: SystemError("signalfd4", "", error)
            )
        }
    }

    /// Passes signals and terminal on until the program has ended and its output is written.
    ///
    /// - Parameters:
    ///   - child: the program, a child of this process; reaped here.
    ///   - terminal: the copying between its pseudo-terminal and ours, or `nil`.
    ///   - notify: where it tells that it is ready, or `nil`. The service manager goes on watching
    ///     this process, which ends with the program.
    /// - Returns: how it ended.
    /// - Throws: `system`.
    package consuming func wait(
        _ child: borrowing ChildProcess, _ terminal: TerminalRelay?, _ notify: NotifySocket? = nil
    ) throws(RuntimeError) -> WaitStatus {
        do throws(Errno) {
            let status = try relay(child, terminal, notify)
            try terminal?.finish(signals)
            return status
        } catch {
            throw RuntimeError(
                .system, "cannot wait for the container's program",
                underlying: SystemError("poll", "", error))
        }
    }

    private borrowing func relay(
        _ child: borrowing ChildProcess, _ terminal: TerminalRelay?, _ notify: NotifySocket?
    ) throws(Errno) -> WaitStatus {
        let nothing = pollfd(fd: -1, events: 0, revents: 0)
        var entries = [
            pollfd(fd: signals.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.pidfd.rawValue, events: Int16(POLLIN), revents: 0),
            nothing, nothing, nothing,
            pollfd(fd: notify?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            terminal?.arm(&entries, from: 2)
            _ = try Poll.wait(&entries)
            if entries[5].revents != 0, let notify, try notify.takeReady() {
                entries[5].fd = -1
                // A manager that went away is no reason to stop the program.
                try? notify.announce(pid: getpid())
            }
            if entries[0].revents != 0, let status = try handleSignals(child, terminal) {
                return status
            }
            try terminal?.transfer(entries, from: 2)
            if entries[1].revents != 0 { return try child.pidfd.reap() }
        }
    }

    /// Handles all pending signals.
    ///
    /// Returns how the program ended if it was among the reaped.
    private borrowing func handleSignals(
        _ child: borrowing ChildProcess, _ terminal: TerminalRelay?
    ) throws(Errno) -> WaitStatus? {
        var status: WaitStatus?
        while let number = try signals.next() {
            switch number {
            case SIGCHLD:
                // Orphans, and the program when it is the one. Without them nothing but the program
                // is a child here, and its own descriptor says when it ends.
                while isSubreaper, let reaped = try Children.reapAny() {
                    if reaped.pid == child.pid { status = reaped.status }
                }
            case SIGWINCH: terminal?.resize()
            case SIGURG: continue
            default:
                // A program that is gone already is noticed by its descriptor.
                try? child.pidfd.signal(number)
            }
        }
        return status
    }
}
