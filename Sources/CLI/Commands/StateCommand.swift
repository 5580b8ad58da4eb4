import Container
import OCISpec

/// `apus state`: prints the state of a container.
struct StateCommand: Command {
    let id: String

    static let declaration = CommandDeclaration(
        "state", "print the state of a container",
        description: """
            Prints the state of a container as a JSON object, as the OCI runtime specification \
            defines it. The status is one of creating, created, running, paused and stopped.
            """)

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let state = try context.host().state(id)
        // Without a newline at the end, as runc prints it.
        try printResult(String(decoding: state.json(.spaces), as: UTF8.self))
        return 0
    }
}
