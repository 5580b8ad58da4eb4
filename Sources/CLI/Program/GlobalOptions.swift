/// The options that stand before the command, checked and complete.
struct GlobalOptions: Sendable {
    /// Who makes and removes the cgroups of containers.
    enum CgroupDriver: String, Sendable {
        case cgroupfs
        case systemd
        /// Containers stay in the cgroup of whoever creates them.
        case disabled
    }

    /// Whether cgroups that cannot be set up are tolerated.
    enum Rootless: Sendable {
        case yes
        case no
        /// Decide by the caller's user and namespaces.
        case automatic
    }

    let root: StateRoot
    let log: LogOptions
    let cgroupDriver: CgroupDriver
    let rootless: Rootless

    /// Throws a `UsageError` for a value that makes no sense.
    init(
        _ arguments: ParsedArguments, _ surroundings: Surroundings
    ) throws(UsageError) {
        log = try LogOptions(arguments)
        rootless = try GlobalOptions.rootless(arguments.value("rootless"))
        root = try StateRoot(arguments.value("root"), rootless, surroundings)
        if let name = arguments.value("cgroup-manager") {
            // More explicit than --systemd-cgroup, so it wins.
            cgroupDriver = CgroupDriver(rawValue: name) ?? .cgroupfs
        } else {
            cgroupDriver = arguments.flag("systemd-cgroup") ? .systemd : .cgroupfs
        }
    }

    private static func rootless(_ text: String?) throws(UsageError) -> Rootless {
        guard let text, text != "auto" else { return .automatic }
        guard let isOn = parseBoolean(text) else {
            throw .value("--rootless: \"\(text)\" is not one of true, false, auto")
        }
        return isOn ? .yes : .no
    }

    static let declaration = CommandDeclaration(
        programName, "run containers as the OCI runtime specification describes them",
        description: """
            Apus starts and manages containers from bundles: directories that hold a root \
            filesystem and a config.json, as the OCI runtime specification defines them. Container \
            engines call it once for each step of a container's life; it works just as well by \
            hand.

            A container is known by its ID, which is unique under one root directory. Each command \
            leaves nothing running but the container itself.
            """,
        positionals: [
            PositionalDeclaration("COMMAND", .commandName),
            PositionalDeclaration("ARGUMENTS", .text, .rest),
        ],
        options: [
            .value(
                "root", "DIR", .directory,
                """
                directory for the state of containers (default: /run/apus, or \
                $XDG_RUNTIME_DIR/apus when not run by root)
                """),
            .value(
                "log", "SINK", .file,
                """
                where messages go: a file, file:PATH, journald:IDENT or syslog:IDENT \
                (default: standard error, also when the logger is not there)
                """),
            .value("log-format", "FORMAT", .choice(["text", "json"]), "form of the messages"),
            .value(
                "log-level", "LEVEL", .choice(["error", "warning", "warn", "info", "debug"]),
                """
                least severe messages to write (default: error in a file, warning elsewhere)
                """),
            .flag("debug", "write debug messages; the same as --log-level debug"),
            .flag("systemd-cgroup", "let systemd make the cgroups"),
            .value(
                "cgroup-manager", "NAME", .choice(["cgroupfs", "systemd", "disabled"]),
                "who makes the cgroups (default: cgroupfs)"),
            .value(
                "rootless", "BOOL",
                "whether cgroups that cannot be set up are tolerated: true, false or auto"),
            .value("criu", "PATH", .file, "has no effect: criu is looked up in PATH", .ignored),
            .flag("version", short: "vV", "print the version and exit"),
        ],
        tail: .command)
}

/// The name by which the program speaks of itself.
var programName: String { "apus" }
