/// How severe a message is; smaller is worse.
enum LogLevel: Int, Comparable, Sendable {
    case error
    case warning
    case info
    case debug

    /// The word that stands in the log.
    var name: String {
        switch self {
        case .error: return "error"
        case .warning: return "warning"
        case .info: return "info"
        case .debug: return "debug"
        }
    }

    /// The severity of syslog(3), which the journal uses as well.
    var priority: Int32 {
        switch self {
        case .error: return 3
        case .warning: return 4
        case .info: return 6
        case .debug: return 7
        }
    }

    init?(name: String) {
        switch name {
        case "error": self = .error
        case "warning", "warn": self = .warning
        case "info": self = .info
        case "debug": self = .debug
        default: return nil
        }
    }

    static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Where messages go, in which form, and which of them.
struct LogOptions: Sendable {
    /// The destination of messages.
    enum Sink: Equatable, Sendable {
        case standardError
        case file(path: String)
        case journal(identifier: String)
        case syslog(identifier: String)
    }

    /// The form of a message in a file.
    enum Format: Equatable, Sendable {
        case text
        case json
    }

    let sink: Sink
    let format: Format
    let level: LogLevel

    init(sink: Sink, format: Format, level: LogLevel) {
        self.sink = sink
        self.format = format
        self.level = level
    }

    /// Throws a `UsageError` for a sink without a path.
    init(_ arguments: ParsedArguments) throws(UsageError) {
        sink = try LogOptions.sink(arguments.value("log"))
        format = arguments.value("log-format") == "json" ? .json : .text
        if arguments.flag("debug") {
            level = .debug
        } else if let level = arguments.value("log-level").flatMap({ LogLevel(name: $0) }) {
            self.level = level
        } else if case .file = sink {
            // Some engines read the file as a single JSON object, so nothing but the failure may be
            // in it.
            level = .error
        } else {
            level = .warning
        }
    }

    private static func sink(_ text: String?) throws(UsageError) -> Sink {
        guard let text else { return .standardError }
        if let identifier = rest(of: text, after: "journald:") {
            return .journal(identifier: identifier.isEmpty ? programName : identifier)
        }
        if let identifier = rest(of: text, after: "syslog:") {
            return .syslog(identifier: identifier.isEmpty ? programName : identifier)
        }
        let path = rest(of: text, after: "file:") ?? text
        if path.isEmpty { throw .value("--log: the path is empty") }
        return .file(path: path)
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }
}
