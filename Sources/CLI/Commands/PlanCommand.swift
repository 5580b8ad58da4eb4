import Container

/// `apus plan`: prints what creating a container, or running a command in one, would do.
struct PlanCommand: Command {
    /// What the plan is for.
    enum Subject {
        case create(LaunchOptions)
        case exec(ExecCommand)
    }

    let subject: Subject
    let isJSON: Bool

    static let declaration = CommandDeclaration(
        "plan", "print the steps that create or exec would take",
        description: """
            Prints, in order, every step that apus create would take for a bundle, on the host and \
            inside the container, each with its place in config.json. Nothing is changed and no \
            privilege is needed.

            With the word exec and a command line of apus exec, prints the steps of that command.
            """,
        positionals: [
            PositionalDeclaration("exec", .choice(["exec"]), .optional),
            PositionalDeclaration("ARGUMENTS", .text, .rest),
        ],
        options: LaunchOptions.declarations + [.format(["text", "json"], short: "")],
        tail: .verbatim(after: 1))

    init(validating arguments: ParsedArguments) throws(UsageError) {
        isJSON = arguments.value("format") == "json"
        switch arguments.positional(0) {
        case nil:
            subject = .create(try LaunchOptions(arguments))
        case "exec":
            var inner = ParsedArguments(ExecCommand.declaration)
            try inner.parse(arguments.tail[...])
            subject = .exec(try ExecCommand(validating: inner))
        case let word?:
            throw .shape("plan: \"\(word)\" is not exec")
        }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let plan =
            switch subject {
            case .create(let launch):
                // The steps are those of run: a plan needs nobody who waits for the terminal.
                try context.prepare(
                    try launch.options(
                        id: "ID", mode: launch.consoleSocket == nil ? .run : .create), launch
                ).plan
            case .exec(let command): try context.host().planExec(command.options())
            }
        try printResult(isJSON ? PlanDescription.json(plan) + "\n" : PlanDescription.text(plan))
        return 0
    }
}
