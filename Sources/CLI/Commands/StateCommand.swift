/// `apus state`: prints the state of a container.
struct StateCommand: DeclaredCommand {
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
}
