import Container

/// `apus kill`: sends a signal to a container.
struct KillCommand: Command {
    /// An ID, or a regular expression with `--regex`.
    let id: String
    let signal: Int32
    let all: Bool
    let regex: Bool
    let strict: Bool

    static let declaration = CommandDeclaration(
        "kill", "send a signal to a container",
        description: """
            Sends a signal to the first process of a container, or to all of them. The signal is a \
            number or a name in any case, with or without SIG; the default, also \
            of an empty one, is TERM.

            KILL for a container that has no pid namespace of its own goes to all its processes, \
            because nothing else would end them.
            """,
        positionals: [.containerID, PositionalDeclaration("SIGNAL", .signal, .optional)],
        options: [
            .flag("all", short: "a", "signal all processes of the container"),
            .flag("regex", short: "r", "ID is a regular expression for several containers"),
            .flag("strict", "follow the specification: refuse a stopped one with --all too"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        signal = try parseSignal(arguments.positional(1) ?? "TERM")
        all = arguments.flag("all")
        regex = arguments.flag("regex")
        strict = arguments.flag("strict")
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let host = try context.host()
        guard regex else {
            try host.kill(id, signal: signal, all: all, isStrict: strict)
            return 0
        }
        try context.forEach(matching: id) { name throws(RuntimeError) in
            try host.kill(name, signal: signal, all: all, isStrict: strict)
        }
        return 0
    }
}
