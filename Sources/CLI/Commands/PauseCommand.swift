import Container

/// `apus pause`: suspends the processes of a container.
struct PauseCommand: Command {
    let id: String

    static let declaration = CommandDeclaration(
        "pause", "suspend all processes of a container",
        description: "Stops all processes of a container, through its cgroup, until apus resume.")

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        try context.host().pause(id)
        return 0
    }
}
