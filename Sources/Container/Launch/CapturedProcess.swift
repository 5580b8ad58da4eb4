import Glibc
internal import Kernel

/// A program of the host that runs to its end while its output is collected.
///
/// The output is drained while waiting, so a talkative program never blocks, and only the end of it
/// is kept. Children of the program that keep its output open are not waited for.
struct CapturedProcess {
    /// How it ended; `nil` when it was killed: the deadline passed, or the launch was interrupted.
    var status: WaitStatus?
    /// Whether it was killed because somebody asked for the end of the launch.
    var isInterrupted = false
    /// The end of standard output and standard error, in the order of writing.
    var output: [UInt8]

    /// How much of the output is kept: enough for a few lines of an error message.
    static var outputLimit: Int { 4096 }

    /// Runs a program.
    ///
    /// Its descriptors 0, 1 and 2 are set here.
    ///
    /// - Parameters:
    ///   - input: what the program reads on standard input.
    ///   - output: where its standard output goes, or -1 to collect it.
    ///   - errors: where its standard error goes, or -1 to collect it.
    ///   - interruption: a descriptor that ends the program when it is readable, or -1.
    /// - Throws: `SystemError` when the program cannot be started.
    static func run(
        _ request: SpawnRequest, input: [UInt8], output: Int32 = -1, errors: Int32 = -1,
        until deadline: Deadline, interruption: Int32 = -1
    ) throws(SystemError) -> CapturedProcess {
        // A file instead of a pipe: a program that does not read it is in nobody's way.
        let input = try Memfd.unsealed("stdin", input)
        var failing = "pipe2"
        do throws(Errno) {
            let pipe = try Pipe()
            try Stream.setNonBlocking(pipe.reader)
            var request = request
            let writer = pipe.writer.rawValue
            request.descriptors = [
                input.rawValue, output < 0 ? writer : output, errors < 0 ? writer : errors,
            ]
            failing = "execve"
            let child = try request.spawn()
            failing = "waitid"
            let reader = pipe.intoReader()
            do throws(Errno) {
                return try wait(child, reader, deadline, interruption)
            } catch {
                // Nobody else knows of it.
                ProcessTree.kill(child)
                _ = try? child.pidfd.reap()
                throw error
            }
        } catch {
            throw SystemError(failing, request.path, error)
        }
    }

    private static func wait(
        _ child: borrowing ChildProcess, _ output: borrowing FileDescriptor, _ deadline: Deadline,
        _ interruption: Int32
    ) throws(Errno) -> CapturedProcess {
        var tail = OutputTail(limit: outputLimit)
        var entries = [
            pollfd(fd: child.pidfd.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
        ]
        var isKilled = false
        var isInterrupted = false
        while entries[0].revents == 0 {
            let ready = try Poll.wait(&entries, until: isKilled ? .never : deadline)
            if entries[2].revents != 0 { isInterrupted = true }
            if !isKilled, ready == 0 || isInterrupted {
                isKilled = true
                entries[2].fd = -1
                ProcessTree.kill(child)
                continue
            }
            if entries[1].revents != 0, try tail.read(entries[1].fd) == 0 { entries[1].fd = -1 }
        }
        let status = try child.pidfd.reap()
        // What is in the pipe by now is the program's; what comes later is not waited for. The
        // bound is against a child of it that writes without end.
        var left = 64
        while left > 0, entries[1].fd >= 0, let count = try tail.read(entries[1].fd), count > 0 {
            left -= 1
        }
        return CapturedProcess(
            status: isKilled ? nil : status, isInterrupted: isInterrupted, output: tail.bytes)
    }

    /// How it ended and its last line, as the end of an error message.
    var summary: String {
        var text = status?.description ?? "killed because its time is over"
        let last = OutputTail.lastLines(output)
        if !last.isEmpty { text += ": \(last)" }
        return text
    }
}

/// The last bytes of a stream.
struct OutputTail {
    /// How many bytes are kept.
    let limit: Int
    private(set) var bytes: [UInt8] = []

    /// An empty tail.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes what is there.
    ///
    /// Returns 0 at the end of the stream, `nil` when nothing is there now.
    mutating func read(_ descriptor: Int32) throws(Errno) -> Int? {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: limit))
        let count: Int?
        do throws(Errno) {
            count = try Stream.read(descriptor, into: &bytes, from: start)
        } catch {
            bytes.removeLast(limit)
            throw error
        }
        bytes.removeLast(limit - (count ?? 0))
        if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
        return count
    }

    /// The text without blanks around it, on one line, at most 1024 bytes from the end.
    static func lastLines(_ bytes: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: bytes.suffix(1024), as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": text += "\n"
            case "\t": text += " "
            default:
                if scalar.value >= 0x20 && scalar.value != 0x7f {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        let lines = text.split(separator: "\n").filter { !$0.allSatisfy { $0 == " " } }
        return lines.joined(separator: "; ")
    }
}
