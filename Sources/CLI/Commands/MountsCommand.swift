/// `apus mounts`: adds mounts to a running container, or removes them.
struct MountsCommand: DeclaredCommand {
    /// What is done with the mounts.
    enum Action: String, Sendable {
        case add, remove
    }

    let action: Action
    let id: String
    /// A file with an array like `mounts` in config.json, `-` for standard input.
    let file: String

    static let declaration = CommandDeclaration(
        "mounts", "add mounts to a running container, or remove them",
        description: """
            Reads an array like mounts in config.json and adds these mounts to a running \
            container, or removes them from it.
            """,
        positionals: [
            PositionalDeclaration("add|remove", .choice(["add", "remove"])),
            .containerID,
            PositionalDeclaration("FILE", .file),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        let word = arguments.positional(0) ?? ""
        guard let action = Action(rawValue: word) else {
            throw .shape("mounts: \"\(word)\" is neither add nor remove")
        }
        self.action = action
        id = arguments.positional(1) ?? ""
        file = arguments.positional(2) ?? ""
    }
}
