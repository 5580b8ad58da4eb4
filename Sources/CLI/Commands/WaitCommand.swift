import Container

/// `apus wait`: waits for a container to end.
struct WaitCommand: Command {
    let id: String
    let isJSON: Bool

    static let declaration = CommandDeclaration(
        "wait", "wait for a container to end and print how it ended",
        description: """
            Waits for the first process of a container to end and prints its exit status or \
            signal, whether the kernel killed it for want of memory, and what it used. What cannot \
            be known is printed as unknown.
            """,
        options: [.format(["text", "json"])])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        isJSON = arguments.value("format") == "json"
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let record = try context.host().wait(id)
        try printResult(isJSON ? record.json : record.text)
        return 0
    }
}
