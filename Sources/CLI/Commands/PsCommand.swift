import Container

/// `apus ps`: prints the processes of a container.
struct PsCommand: Command {
    let id: String
    let isJSON: Bool
    /// Arguments for ps(1); `-ef` unless given.
    let arguments: [String]

    static let declaration = CommandDeclaration(
        "ps", "print the processes of a container",
        description: """
            Prints the processes of a container as ps(1) shows them, or their process ids as a \
            JSON array. Everything after ID is passed to ps(1), whose output must have a column \
            PID.
            """,
        positionals: [.containerID, PositionalDeclaration("PS-ARGUMENTS", .text, .rest)],
        options: [.format(["table", "json"])],
        tail: .verbatim(after: 1))

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        isJSON = arguments.value("format") == "json"
        self.arguments = arguments.tail.isEmpty ? ["-ef"] : arguments.tail
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let host = try context.host()
        if isJSON {
            let pids = try host.processes(id).map { "\($0)" }
            try printResult("[" + pids.joined(separator: ",") + "]\n")
        } else {
            try printResult(try host.processTable(id, arguments: arguments))
        }
        return 0
    }
}
