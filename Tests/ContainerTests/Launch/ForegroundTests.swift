import CKernel
import Glibc
import Kernel
import Testing

@testable import Container

@Suite("Foreground", .serialized)
struct ForegroundTests {
    @Test(
        "the program's end is the result",
        arguments: [
            ("exit 7", WaitStatus.exited(7)), ("kill -KILL $$", .signaled(SIGKILL, core: false)),
        ])
    func status(script: String, expected: WaitStatus) throws {
        let foreground = try Foreground(isSubreaper: false)
        let child = try spawnShell(script)
        let status = try foreground.wait(child, nil)
        #expect(status == expected)
    }

    @Test("signals that came before and during the wait reach the program, others do not")
    func signals() throws {
        let pipe = try Pipe()
        let foreground = try Foreground(isSubreaper: false)
        let child = try spawnShell(
            """
            trap 'echo urg' URG; trap 'echo winch' WINCH; trap 'echo usr1' USR1
            trap 'echo term; exit 9' TERM
            echo ready; while :; do sleep 0.05; done
            """, descriptors: [0, pipe.writer.rawValue, 2])
        _ = try Poll.readable(pipe.reader.rawValue)
        for number in [SIGURG, SIGWINCH, SIGCHLD, SIGUSR1] { pthread_kill(pthread_self(), number) }
        // The program ends itself once it has the last one.
        pthread_kill(pthread_self(), SIGTERM)
        let status = try foreground.wait(child, nil)
        let output = pipe.intoReader()
        let text = String(decoding: try output.readAll(), as: UTF8.self)
        #expect(status == .exited(9))
        #expect(text.split(separator: "\n").sorted() == ["ready", "term", "usr1"])
    }

    @Test("a failing call is reported")
    func fails() {
        SyscallRecorder.record { recorder in
            recorder.force("signalfd4", .tooManyOpen)
            let error = #expect(throws: RuntimeError.self) {
                _ = try Foreground(isSubreaper: false)
            }
            #expect(error?.underlying?.errno == .tooManyOpen)
        }
    }
}

@Suite("Terminal relay", .serialized)
struct TerminalRelayTests {
    /// Starts a shell on a new terminal and relays it between two pipes.
    private func relay(
        _ script: String, input: consuming Pipe, output: borrowing Pipe,
        while body: (Int32) throws -> Void = { _ in }
    ) throws -> WaitStatus {
        let foreground = try Foreground(isSubreaper: false)
        let master = try openMaster()
        let peer = try Terminal.openPeer(of: master)
        let number = peer.rawValue
        let child = try spawnShell(script, descriptors: [number, number, number])
        close(peer.take())
        let relay = try TerminalRelay(
            master: master, input: input.reader.rawValue, output: output.writer.rawValue)
        try body(child.pid)
        let status = try foreground.wait(child, relay)
        withExtendedLifetime(relay) {}
        return status
    }

    private func text(_ pipe: consuming Pipe) throws -> String {
        let reader = pipe.intoReader()
        return String(decoding: try reader.readAll(), as: UTF8.self)
    }

    @Test("what is typed reaches the program, and what it says comes back")
    func echoes() throws {
        let input = try Pipe()
        let output = try Pipe()
        try input.writer.writeAll(Array("hello\n".utf8))
        let status = try relay(
            "stty -echo -onlcr; read line; echo \"got $line\"; exit 3", input: input,
            output: output)
        let text = try text(output)
        #expect(status == .exited(3))
        #expect(text.hasSuffix("got hello\n"))
    }

    @Test("the end of input leaves the program its terminal")
    func inputEnds() throws {
        let output = try Pipe()
        let status = try relay(
            "stty -onlcr; sleep 0.2; echo still here", input: closedPipe(), output: output)
        let text = try text(output)
        #expect(status == .exited(0))
        #expect(text == "still here\n")
    }

    @Test("a program that closes its terminal and opens it again is heard")
    func reopens() throws {
        let output = try Pipe()
        let status = try relay(
            "stty -onlcr; t=$(tty); exec 0<&- 1>&- 2>&-; sleep 0.2; exec 1>$t; echo back",
            input: closedPipe(), output: output)
        let text = try text(output)
        #expect(status == .exited(0))
        #expect(text == "back\n")
    }

    @Test("a slow reader loses nothing, even of the last words of an ended program")
    func slowReader() throws {
        let output = try Pipe()
        let file = TemporaryDirectory()
        let reader = try spawnShell(
            "cd \(file.path); sleep 0.3; while dd bs=1000 count=5 of=chunk 2>/dev/null; [ -s chunk ]; "
                + "do cat chunk >> out; sleep 0.01; done",
            descriptors: [output.reader.rawValue, 1, 2])
        let status = try relay(
            "stty -opost; seq 1 30000", input: closedPipe(), output: output)
        #expect(status == .exited(0))
        _ = consume output
        _ = try reader.pidfd.reap()
        let lines = try Files.readText("\(file.path)/out").split(separator: "\n").joined()
        #expect(lines == (1...30_000).map(String.init).joined())
    }

    @Test("a reader that went away stops nothing")
    func noReader() throws {
        let output = try Pipe()
        let gone = try Pipe()
        let closed = gone.writer.rawValue
        let status = try relay(
            "seq 1 100000; exit 4", input: closedPipe(), output: output,
            while: { _ in dup2(closed, output.reader.rawValue) })
        #expect(status == .exited(4))
    }

    @Test("a background process that keeps writing is not waited for")
    func background() throws {
        let output = try Pipe()
        let drain = try spawnShell("cat > /dev/null", descriptors: [output.reader.rawValue, 1, 2])
        let status = try relay(
            "trap '' HUP; yes & exit 5",
            input: closedPipe(), output: output)
        #expect(status == .exited(5))
        _ = consume output
        _ = try drain.pidfd.reap()
    }

    @Test("a signal ends the wait for a reader that does not read")
    func stuckReader() throws {
        let output = try Pipe()
        let waiting = pthread_self()
        let full = output.writer.rawValue
        let status = try relay(
            "head -c 300000 /dev/zero", input: closedPipe(), output: output,
            while: { pid in
                // The program is killed, and then the wait for the reader is ended: not before the
                // program is reaped, because until then a signal is passed on to it.
                try Delayed.run {
                    var entry = pollfd(fd: full, events: Int16(POLLOUT), revents: 0)
                    while poll(&entry, 1, 0) == 1 { usleep(10_000) }
                    kill(pid, SIGKILL)
                    while kill(pid, 0) == 0 { usleep(10_000) }
                    pthread_kill(waiting, SIGTERM)
                }
            })
        #expect(status == .signaled(SIGKILL, core: false))
    }

    /// A pipe without writer, on which a read ends at once.
    private func closedPipe() throws -> Pipe {
        let pipe = try Pipe()
        let null = try FileDescriptor.open("/dev/null", O_RDONLY)
        dup2(null.rawValue, pipe.reader.rawValue)
        return pipe
    }

    @Test("a size of the caller's terminal is passed on")
    func resizes() throws {
        let outer = try openMaster()
        let terminal = try Terminal.openPeer(of: outer)
        try Terminal.setSize(
            outer.rawValue, winsize(ws_row: 12, ws_col: 34, ws_xpixel: 0, ws_ypixel: 0))
        let master = try openMaster()
        let peer = try Terminal.openPeer(of: master)
        let relay = try TerminalRelay(
            master: master, input: terminal.rawValue, output: terminal.rawValue)
        let first = try Terminal.size(peer.rawValue)
        #expect(first.ws_row == 12 && first.ws_col == 34)
        try Terminal.setSize(
            outer.rawValue, winsize(ws_row: 56, ws_col: 78, ws_xpixel: 0, ws_ypixel: 0))
        relay.resize()
        let second = try Terminal.size(peer.rawValue)
        #expect(second.ws_row == 56 && second.ws_col == 78)
    }
}
