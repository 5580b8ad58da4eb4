package import CInit
import Glibc
package import Kernel

/// The side of `start` of the barrier that a created container waits at.
///
/// Init opens `exec.fifo` for writing, which blocks until somebody reads, writes one byte, and keeps
/// its end until exec closes it. A second byte says that nothing but exec is left; without it the
/// end is that of a process that was killed. A message of the init protocol before the end says that
/// exec, or a hook before it, failed.
package struct ExecFifo: ~Copyable {
    /// What became of a container that was let go.
    package enum Outcome {
        /// Its program was executed.
        case executed
        /// An operation before its program failed, or exec.
        case failed(sync_message)
        /// Something killed init before the program.
        case killed
    }

    private let fifo: FileDescriptor

    /// Opens the fifo of a container, which lets its init go on.
    ///
    /// - Throws: `wrongState` when there is none: the container was started already.
    package init(in directory: borrowing StateDirectory) throws(RuntimeError) {
        do throws(Errno) {
            let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW
            let name = StateDirectory.fifoName
            let file = try FileDescriptor.open(at: directory.rawValue, name, flags)
            guard try Files.status(of: file).st_mode & S_IFMT == S_IFIFO else { throw .invalid }
            fifo = file
        } catch .noEntry {
            throw RuntimeError(.wrongState, "cannot start an already running container")
        } catch {
            throw RuntimeError(
                .system, "cannot open the container's start barrier",
                underlying: SystemError("openat", StateDirectory.fifoName, error))
        }
    }

    /// Waits for init to arrive, ends the state `created`, and waits until the program is executed.
    ///
    /// The fifo is removed before its byte is taken: whoever is killed in between leaves a container
    /// that runs and is called `running`. With it goes the lock of the directory: nobody else can
    /// start the container any more, and hooks before its program may take as long as they like
    /// while `delete --force` is not kept waiting.
    ///
    /// - Throws: `wrongState` when init is dead, or when another `start` was faster; `system` for
    ///   what is no message.
    package consuming func wait(
        for process: borrowing Pidfd, in directory: borrowing StateDirectory
    ) throws(RuntimeError) -> Outcome {
        let arrival: Arrival
        do throws(Errno) { arrival = try waitForArrival(process) } catch {
            throw failure("poll", error)
        }
        switch arrival {
        case .dead:
            throw RuntimeError(.wrongState, "cannot start a container that has stopped")
        case .taken:
            throw RuntimeError(.wrongState, "cannot start an already running container")
        case .waiting: break
        }
        try directory.removeFifo()
        try directory.unlock()
        let bytes: [UInt8]
        do throws(Errno) { bytes = try readToEnd() } catch {
            throw failure("read", error)
        }
        return try Self.outcome(bytes)
    }

    private enum Arrival { case waiting, taken, dead }

    private borrowing func waitForArrival(
        _ process: borrowing Pidfd
    ) throws(Errno) -> Arrival {
        var entries = [
            pollfd(fd: fifo.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        _ = try Poll.wait(&entries)
        if entries[0].revents & Int16(POLLIN) != 0 { return .waiting }
        // A writer came and went, and its byte is gone.
        if entries[0].revents != 0, entries[1].revents == 0 { return .taken }
        return .dead
    }

    /// Everything until the last writer closes its end, which is at exec or at death.
    private borrowing func readToEnd() throws(Errno) -> [UInt8] {
        let limit = 2 + MemoryLayout<sync_message>.size
        var tail = OutputTail(limit: limit + 1)
        var entries = [pollfd(fd: fifo.rawValue, events: Int16(POLLIN), revents: 0)]
        while true {
            _ = try Poll.wait(&entries)
            if try tail.read(fifo.rawValue) == 0 { return tail.bytes }
        }
    }

    /// The byte of the barrier, perhaps the one before exec, perhaps a message.
    private static func outcome(_ bytes: [UInt8]) throws(RuntimeError) -> Outcome {
        let size = MemoryLayout<sync_message>.size
        switch bytes.count {
        case 0: throw RuntimeError(.wrongState, "cannot start an already running container")
        case 1: return .killed
        case 2: return .executed
        case 1 + size, 2 + size:
            var message = sync_message()
            withUnsafeMutableBytes(of: &message) { $0.copyBytes(from: bytes.suffix(size)) }
            if message.magic == SYNC_MAGIC { return .failed(message) }
        default: break
        }
        throw RuntimeError(.system, "init left \(bytes.count) bytes that are no message")
    }

    private borrowing func failure(_ call: String, _ error: Errno) -> RuntimeError {
        RuntimeError(
            .system, "cannot wait for the container's program",
            underlying: SystemError(call, StateDirectory.fifoName, error))
    }
}
