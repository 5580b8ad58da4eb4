/// `apus resume`: lets a paused container run again.
struct ResumeCommand: DeclaredCommand {
    let id: String

    static let declaration = CommandDeclaration(
        "resume", "resume a paused container",
        description: "Continues the processes of a container that apus pause has stopped.")

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
    }
}
