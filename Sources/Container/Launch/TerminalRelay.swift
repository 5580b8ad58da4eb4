import Glibc
package import Kernel

/// Copies between the caller's standard streams and the pseudo-terminal of a program.
///
/// One direction holds at most one chunk, which is written before the next is read: a slow reader
/// slows the program down and loses nothing. A reader that goes away stops nothing; its part of the
/// output is dropped.
package final class TerminalRelay {
    private let master: FileDescriptor
    /// The program's side of the terminal, never used: as long as it is open, a program that closes
    /// its terminal and opens it again does not end the conversation.
    private let peer: FileDescriptor?
    private let rawMode: RawMode?
    private let input: Int32
    private let output: Int32
    private var inputIsOpen = true
    private var masterIsOpen = true
    private var toProgram = Chunk()
    private var fromProgram = Chunk()

    /// Takes over a master.
    ///
    /// Input goes to raw mode when it is a terminal, until the relay is gone.
    ///
    /// - Parameters:
    ///   - master: owned by this process alone; made non-blocking.
    ///   - input: what the user types, by default standard input.
    ///   - output: where the program's output goes, by default standard output.
    /// - Throws: `system`.
    package init(
        master: consuming FileDescriptor, input: Int32 = STDIN_FILENO,
        output: Int32 = STDOUT_FILENO
    ) throws(RuntimeError) {
        do throws(Errno) {
            try Stream.setNonBlocking(master)
            peer = try? Terminal.openPeer(of: master)
            rawMode = Terminal.isTerminal(input) ? try RawMode(input) : nil
        } catch {
            throw RuntimeError(
                .system, "cannot set up the terminal", underlying: SystemError("ioctl", "", error))
        }
        self.master = master
        self.input = input
        self.output = output
        resize()
    }

    /// Gives the program's terminal the size of the caller's, if that is one.
    package func resize() {
        for descriptor in [input, output, STDERR_FILENO] where Terminal.isTerminal(descriptor) {
            if let size = try? Terminal.size(descriptor) {
                try? Terminal.setSize(master.rawValue, size)
            }
            return
        }
    }

    /// Says what to wait for: input, master and output, in this order, from an index on.
    func arm(_ entries: inout [pollfd], from first: Int) {
        let wantsInput = inputIsOpen && masterIsOpen && toProgram.isEmpty
        entries[first].fd = wantsInput ? input : -1
        entries[first].events = Int16(POLLIN)
        var events = 0
        if masterIsOpen && fromProgram.isEmpty { events |= Int(POLLIN) }
        if masterIsOpen && !toProgram.isEmpty { events |= Int(POLLOUT) }
        entries[first + 1].fd = events != 0 ? master.rawValue : -1
        entries[first + 1].events = Int16(events)
        entries[first + 2].fd = fromProgram.isEmpty ? -1 : output
        entries[first + 2].events = Int16(POLLOUT)
    }

    /// Moves what the entries say is ready.
    func transfer(_ entries: [pollfd], from first: Int) throws(Errno) {
        if entries[first].revents != 0 { readInput() }
        let events = entries[first + 1].revents
        if events & Int16(POLLOUT) != 0 { writeMaster() }
        if events & ~Int16(POLLOUT) != 0 { readMaster() }
        if entries[first + 2].revents != 0 { writeOutput() }
    }

    /// Writes out what an ended program left in its terminal.
    ///
    /// Its bytes are all there: the kernel moves them over before it says that nothing is ready.
    /// Other processes may still write; they are not waited for. A signal ends waiting for a reader
    /// that does not read.
    func finish(_ signals: borrowing SignalDescriptor) throws(Errno) {
        toProgram = Chunk()
        // More than a pseudo-terminal holds.
        var left = 1 << 20
        while true {
            while !fromProgram.isEmpty {
                guard try waitForReader(signals) else { return }
                writeOutput()
            }
            guard masterIsOpen, left > 0, try Poll.readable(master.rawValue, until: .now) else {
                return
            }
            readMaster()
            left -= fromProgram.count
        }
    }

    /// Waits until output takes bytes.
    ///
    /// Returns false when a signal came that asks to end.
    private func waitForReader(_ signals: borrowing SignalDescriptor) throws(Errno) -> Bool {
        var entries = [
            pollfd(fd: output, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: signals.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        _ = try Poll.wait(&entries)
        while entries[1].revents != 0, let number = try signals.next() {
            switch number {
            case SIGCHLD, SIGWINCH, SIGURG, SIGCONT: continue
            default: return false
            }
        }
        return true
    }
}

// MARK: - One step each

extension TerminalRelay {
    private func readInput() {
        do throws(Errno) {
            guard let count = try toProgram.fill(from: input) else { return }
            // The end of input does not close the terminal: the program may still write.
            if count == 0 { inputIsOpen = false }
        } catch {
            inputIsOpen = false
        }
    }

    private func writeMaster() {
        do throws(Errno) { try toProgram.empty(into: master.rawValue) } catch {
            toProgram = Chunk()
            inputIsOpen = false
        }
    }

    private func readMaster() {
        guard fromProgram.isEmpty else { return }
        do throws(Errno) {
            if try fromProgram.fill(from: master.rawValue) == 0 { masterIsOpen = false }
        } catch {
            // EIO: nobody has the other side open.
            masterIsOpen = false
        }
    }

    private func writeOutput() {
        do throws(Errno) { try fromProgram.empty(into: output) } catch {
            fromProgram = Chunk()
        }
    }
}

/// Bytes on their way, at most `PIPE_BUF`: a pipe that is ready to be written takes so many at once,
/// even when it blocks.
private struct Chunk {
    private static var size: Int { 4096 }

    private var bytes: [UInt8] = []
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Reads once.
    ///
    /// Returns 0 at the end, `nil` when nothing is there now.
    mutating func fill(from descriptor: Int32) throws(Errno) -> Int? {
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Self.size) }
        let got = try Stream.read(descriptor, into: &bytes)
        start = 0
        count = got ?? 0
        return got
    }

    /// Writes once and keeps what was not taken.
    mutating func empty(into descriptor: Int32) throws(Errno) {
        let taken = try Stream.write(descriptor, bytes, start..<(start + count)) ?? 0
        start += taken
        count -= taken
    }
}
