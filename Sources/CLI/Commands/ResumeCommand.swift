import Container

/// `apus resume`: lets a paused container run again.
struct ResumeCommand: Command {
    let id: String

    static let declaration = CommandDeclaration(
        "resume", "resume a paused container",
        description: "Continues the processes of a container that apus pause has stopped.")

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        try context.host().resume(id)
        return 0
    }
}
