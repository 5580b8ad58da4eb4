import Container
import Glibc
import Kernel

/// The place that messages go to.
///
/// A failure is written here once, at the end of the program.
///
/// A failure that goes anywhere but standard error is repeated there, because that is what the
/// monitors of containers hand on and what a person at a terminal sees.
struct Log: ~Copyable {
    private var options: LogOptions
    /// Belongs to the log, unless it is standard error.
    private var descriptor: Int32
    /// Where the copy of a failure goes.
    private let errors: Int32

    /// Opens the sink.
    ///
    /// `errors` is standard error, and `sockets` are those of the system, unless a test says
    /// otherwise.
    ///
    /// Throws a `RuntimeError` when a file cannot be opened: a caller that asked for a log would
    /// otherwise wait for messages that never come. A logger of the system that is not there, such as
    /// one that restarts, must not keep a container from being ended: standard error takes its place.
    init(
        _ options: LogOptions, sockets: LogSockets = .system, errors: Int32 = STDERR_FILENO
    ) throws(RuntimeError) {
        self.options = options
        self.errors = errors
        descriptor = errors
        switch options.sink {
        case .standardError:
            break
        case .file(let path):
            descriptor = try openLogFile(path)
            armCrashReport(descriptor, options.format)
        case .journal:
            connect(sockets.journal, "the journal")
        case .syslog:
            connect(sockets.syslog, "the system log")
        }
    }

    private mutating func connect(_ path: String, _ logger: String) {
        do throws(Errno) {
            descriptor = try LogSockets.connect(path)
        } catch {
            options = LogOptions(
                sink: .standardError, format: options.format, level: options.level)
            let cause = SystemError("connect", path, error).description
            warning("--log: cannot connect to \(logger), so messages come here: \(cause)")
        }
    }

    /// The log while the command line is not understood yet.
    init(errors: Int32) {
        options = LogOptions(sink: .standardError, format: .text, level: .warning)
        descriptor = errors
        self.errors = errors
    }

    deinit {
        disarmCrashReport(descriptor)
        if descriptor != errors { close(descriptor) }
    }

    /// Whether `debug` writes anything.
    var isDebugging: Bool { options.level >= .debug }

    /// Writes the failure that ends the program.
    func error(_ message: String) {
        write(.error, message)
        if descriptor != errors {
            try? writeAll(LogLine.terminal(.error, message), to: errors)
        }
    }

    /// Writes something that was asked for and has no effect, or not all of it.
    func warning(_ message: @autoclosure () -> String) {
        if options.level >= .warning { write(.warning, message()) }
    }

    /// Writes a warning about what engines do as a matter of course.
    ///
    /// It is for a log, and would disturb whoever reads standard error.
    func remark(_ message: @autoclosure () -> String) {
        if descriptor != errors || isDebugging { warning(message()) }
    }

    /// Writes what helps to find a fault.
    ///
    /// The message is not built unless it is wanted.
    func debug(_ message: @autoclosure () -> String) {
        if options.level >= .debug { write(.debug, message()) }
    }

    // The outcome of these writes is nobody's business any more: there is no other place to
    // complain.
    private func write(_ level: LogLevel, _ message: String) {
        switch options.sink {
        case .journal(let identifier):
            sendToJournal(level, message, identifier, descriptor)
        case .syslog(let identifier):
            sendToSyslog(level, message, identifier, descriptor)
        case .standardError where options.format == .text:
            try? writeAll(LogLine.terminal(level, message), to: descriptor)
        case .standardError, .file:
            let time = Timestamp.now()
            let line =
                options.format == .json
                ? LogLine.json(level, message, time) : LogLine.text(level, message, time)
            try? writeAll(line, to: descriptor)
        }
    }
}

private func openLogFile(_ path: String) throws(RuntimeError) -> Int32 {
    do throws(Errno) {
        // O_APPEND: the same file serves several runs, and a line must arrive in one piece.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY
        return try FileDescriptor.open(path, flags, mode: 0o644).take()
    } catch {
        throw RuntimeError(
            .system, "--log: cannot open the log file",
            underlying: SystemError("openat", path, error))
    }
}
