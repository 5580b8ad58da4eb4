import Glibc
import Kernel
import Testing

@testable import CLI

@Suite struct LogLineTests {
    static let moment = "2026-01-02T03:04:05.000000006Z"

    @Test(arguments: [
        ("plain", "plain"), ("a \"b\"", #"a \"b\""#), (#"C:\x"#, #"C:\\x"#),
        ("two\nlines\tand\r", #"two\nlines\tand\r"#),
        ("\u{0}\u{1B}[0m\u{7F}", #"\u0000\u001b[0m\u007f"#),
        ("käse 🐦", "käse 🐦"), ("e\u{301}", "e\u{301}"), ("\r\n", #"\r\n"#), ("", ""),
    ])
    func jsonIsEscaped(message: String, escaped: String) {
        #expect(
            LogLine.json(.error, message, Self.moment)
                == "{\"level\":\"error\",\"msg\":\"\(escaped)\","
                + "\"time\":\"2026-01-02T03:04:05.000000006Z\"}\n")
        #expect(
            LogLine.text(.warning, message, Self.moment)
                == "time=\"2026-01-02T03:04:05.000000006Z\" level=warning msg=\"\(escaped)\"\n")
    }

    @Test func terminalsAreNotReprogrammed() {
        #expect(
            LogLine.terminal(.error, "no \u{1B}[31m\u{7F}\u{9B}x\n\ty")
                == "apus: no \\x1b[31m\\x7f\\x9bx\n\ty\n")
        #expect(LogLine.terminal(.warning, "x") == "apus: warning: x\n")
        #expect(LogLine.terminal(.debug, "x") == "apus: debug: x\n")
    }
}

@Suite struct LogTests {
    private func options(
        _ sink: LogOptions.Sink, _ format: LogOptions.Format = .json, _ level: LogLevel = .error
    ) -> LogOptions {
        LogOptions(sink: sink, format: format, level: level)
    }

    @Test func aFailureIsOneObjectInTheFileAndASentenceOnStandardError() throws {
        let scratch = try Scratch()
        let errors = try scratch.file("stderr")
        let log = try Log(
            options(.file(path: scratch.path + "/log")), errors: errors.rawValue)
        log.debug("nothing")
        log.warning("nothing")
        log.error("it \"failed\"")
        let text = try scratch.text("log")
        #expect(text.hasPrefix(#"{"level":"error","msg":"it \"failed\"","time":""#))
        #expect(text.hasSuffix("\"}\n"))
        #expect(text.split(separator: "\n").count == 1)
        #expect(try scratch.text("stderr") == "apus: it \"failed\"\n")
    }

    @Test func linesAreAppended() throws {
        let scratch = try Scratch()
        try scratch.write("log", "before\n")
        let errors = try scratch.file("stderr")
        for level in [LogLevel.error, .debug] {
            let log = try Log(
                options(.file(path: scratch.path + "/log"), .text, level), errors: errors.rawValue)
            log.debug("detail")
            log.warning("careful")
            log.error("failed")
        }
        let lines = try scratch.text("log").split(separator: "\n").map { line in
            line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        }
        #expect(
            lines == [
                "before", "level=error msg=\"failed\"", "level=debug msg=\"detail\"",
                "level=warning msg=\"careful\"", "level=error msg=\"failed\"",
            ])
        #expect(try scratch.text("stderr") == "apus: failed\napus: failed\n")
    }

    @Test func theFileIsReadableByOthersAndNotInherited() throws {
        let scratch = try Scratch()
        let previous = umask(0)
        let log = try Log(options(.file(path: scratch.path + "/log")))
        umask(previous)
        log.debug("keeps the log open")
        let status = try Files.status(scratch.path + "/log")
        #expect(status.st_mode & 0o7777 == 0o644)
        var inherited = 0
        for name in try Files.list("/proc/self/fd") {
            guard let target = try? Files.readLink("/proc/self/fd/" + name),
                target == scratch.path + "/log", let number = Int32(name)
            else { continue }
            if fcntl(number, F_GETFD) & FD_CLOEXEC == 0 { inherited += 1 }
        }
        #expect(inherited == 0)
        let isDebugging = log.isDebugging
        #expect(!isDebugging)
    }

    @Test func standardErrorHasOneLineForEachFailure() throws {
        let scratch = try Scratch()
        let errors = try scratch.file("stderr")
        let text = try Log(options(.standardError, .text, .warning), errors: errors.rawValue)
        text.error("one")
        text.warning("two")
        text.debug("three")
        let json = try Log(options(.standardError, .json), errors: errors.rawValue)
        json.error("four")
        let lines = try scratch.text("stderr").split(separator: "\n")
        #expect(lines.prefix(2) == ["apus: one", "apus: warning: two"])
        #expect(lines.count == 3)
        #expect(lines.last?.hasPrefix(#"{"level":"error","msg":"four","#) == true)
    }

    @Test func aDebugMessageIsNotBuiltInVain() throws {
        let log = Log(errors: STDERR_FILENO)
        var built = 0
        func message() -> String {
            built += 1
            return ""
        }
        log.debug(message())
        #expect(built == 0)
    }

    @Test func aSinkThatCannotBeOpenedIsAnError() throws {
        let scratch = try Scratch()
        let path = scratch.path
        #expect(
            refusal(options(.file(path: path + "/none/log"))).hasPrefix(
                "--log: cannot open the log file: ENOENT (openat \(path)/none/log)"))
        #expect(refusal(options(.file(path: path))).contains("EISDIR"))
    }

    @Test(
        "a logger of the system that is not there does not stop a command",
        arguments: [true, false])
    func aMissingLogger(isJournal: Bool) throws {
        let scratch = try Scratch()
        let (name, words) = isJournal ? ("journal", "the journal") : ("syslog", "the system log")
        let sockets = LogSockets(
            journal: scratch.path + "/journal", syslog: scratch.path + "/syslog")
        let pipe = try Pipe()
        do {
            let sink: LogOptions.Sink =
                isJournal ? .journal(identifier: "x") : .syslog(identifier: "x")
            let log = try Log(
                options(sink, .text, .warning), sockets: sockets, errors: pipe.writer.rawValue)
            log.error("broken")
        }
        let text = String(decoding: try pipe.intoReader().readAll(), as: UTF8.self)
        let cause = "ENOENT (connect \(scratch.path)/\(name)): no such file or directory"
        #expect(
            text
                == "apus: warning: --log: cannot connect to \(words), so messages come here: "
                + "\(cause)\napus: broken\n")
    }

    private func refusal(_ options: LogOptions) -> String {
        do {
            let log = try Log(options)
            return "opened, debugging: \(log.isDebugging)"
        } catch {
            return "\(error)"
        }
    }

    @Test func theJournalGetsFields() throws {
        let scratch = try Scratch()
        let errors = try scratch.file("stderr")
        let receiver = try Receiver(scratch.path + "/journal")
        let log = try Log(
            options(.journal(identifier: "web"), .text, .warning),
            sockets: LogSockets(journal: scratch.path + "/journal", syslog: ""),
            errors: errors.rawValue)
        log.error("two\nlines")
        func field(_ name: String, _ value: String) -> [UInt8] {
            Array(name.utf8) + [10, UInt8(value.utf8.count), 0, 0, 0, 0, 0, 0, 0]
                + Array(value.utf8) + [10]
        }
        #expect(
            try receiver.datagram()
                == field("PRIORITY", "3") + field("SYSLOG_IDENTIFIER", "web")
                + field("MESSAGE", "two\nlines"))
        #expect(try scratch.text("stderr") == "apus: two\nlines\n")
    }

    @Test func theSystemLogGetsALine() throws {
        let scratch = try Scratch()
        let errors = try scratch.file("stderr")
        let receiver = try Receiver(scratch.path + "/log")
        let log = try Log(
            options(.syslog(identifier: "web"), .text, .warning),
            sockets: LogSockets(journal: "", syslog: scratch.path + "/log"),
            errors: errors.rawValue)
        log.warning("careful")
        let text = String(decoding: try receiver.datagram(), as: UTF8.self)
        #expect(text.hasPrefix("<12>"))
        #expect(text.hasSuffix(" web[\(getpid())]: careful"))
        #expect(
            text.utf8.count == "<12>Jan  1 00:00:00 web[]: careful".utf8.count + "\(getpid())".count
        )
    }
}

/// A datagram socket that listens at a path.
private struct Receiver: ~Copyable {
    let socket: FileDescriptor

    init(_ path: String) throws {
        let number = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        socket = FileDescriptor(owning: number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    func datagram() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket.rawValue, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        try #require(count >= 0)
        return Array(buffer[..<count])
    }
}
