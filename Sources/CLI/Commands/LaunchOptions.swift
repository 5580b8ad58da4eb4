/// The options of every command that makes a container: `create`, `run`, `plan`.
struct LaunchOptions: Equatable, Sendable {
    /// The bundle's directory; `.` unless given.
    let bundle: String
    /// The configuration, relative to the bundle; `config.json` unless given.
    let configFile: String
    let consoleSocket: String?
    let pidfdSocket: String?
    /// Relative to the caller's directory, not to the bundle.
    let pidFile: String?
    let noPivot: Bool
    let noNewKeyring: Bool
    /// How many descriptors from 3 up the container's program gets, besides those of LISTEN_FDS.
    let preserveFds: Int32
    /// Whether the specification counts where engines expect something else.
    let strict: Bool

    init(_ arguments: ParsedArguments) throws(UsageError) {
        bundle = arguments.value("bundle") ?? "."
        configFile = arguments.value("config") ?? "config.json"
        consoleSocket = arguments.value("console-socket")
        pidfdSocket = arguments.value("pidfd-socket")
        pidFile = arguments.value("pid-file")
        noPivot = arguments.flag("no-pivot")
        noNewKeyring = arguments.flag("no-new-keyring")
        preserveFds = try arguments.preservedDescriptors()
        strict = arguments.flag("strict")
    }

    static var declarations: [OptionDeclaration] {
        [
            .bundle,
            .value(
                "config", short: "f", "FILE", .file,
                "configuration to use (default: config.json in the bundle)"),
            .consoleSocket, .pidfdSocket, .pidFile, .noPivot,
            .flag("no-new-keyring", "keep the caller's session keyring"),
            .preserveFds,
            .flag("strict", "follow the specification where engines expect something else"),
        ]
    }
}

extension ParsedArguments {
    /// The value of `--preserve-fds`, 0 unless given.
    ///
    /// The upper bound is the kernel's own bound on the descriptors of a process (sysctl
    /// fs.nr_open).
    func preservedDescriptors() throws(UsageError) -> Int32 {
        Int32(try integer("preserve-fds", in: 0...1_048_576) ?? 0)
    }
}

/// Options that several commands share, word for word.
extension OptionDeclaration {
    static var bundle: OptionDeclaration {
        .value(
            "bundle", short: "b", "DIR", .directory,
            "directory of the bundle (default: current directory)")
    }

    static var consoleSocket: OptionDeclaration {
        .value(
            "console-socket", "PATH", .file,
            "unix socket that receives the master end of the container's terminal")
    }

    static var pidfdSocket: OptionDeclaration {
        .value(
            "pidfd-socket", "PATH", .file,
            "unix socket that receives a descriptor of the container's process")
    }

    static var pidFile: OptionDeclaration {
        .value("pid-file", "FILE", .file, "file to write the process id to")
    }

    static var noPivot: OptionDeclaration {
        .flag("no-pivot", "move the root into place without pivot_root, for a root on a ramfs")
    }

    static var preserveFds: OptionDeclaration {
        .value(
            "preserve-fds", "N",
            "hand N descriptors from 3 up to the program, besides those of $LISTEN_FDS")
    }

    static var noSubreaper: OptionDeclaration {
        .flag("no-subreaper", "do not adopt processes that the container leaves behind")
    }

    static var detach: OptionDeclaration {
        .flag("detach", short: "d", "return as soon as the program is started")
    }

    static func format(_ words: [String], short: String = "f") -> OptionDeclaration {
        .value(
            "format", short: short, "FORMAT", .choice(words),
            "form of the output (default: \(words[0]))")
    }
}
