import Container

/// `apus start`: lets a created container run its program.
struct StartCommand: Command {
    let id: String

    static let declaration = CommandDeclaration(
        "start", "start the program of a created container",
        description: """
            Runs the program of a container that apus create has made. A container can be started \
            once.
            """)

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        try context.host().start(id)
        return 0
    }
}
