import Container

/// `apus mounts`: adds mounts to a running container, or removes them.
struct MountsCommand: Command {
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
            container, or removes them from it. Of a mount to remove only the destination counts.
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

    func run(_ context: borrowing Context) throws -> Int32 {
        let bytes = try readInput(file, for: "mounts \(action.rawValue)")
        let warnings = try context.host().mounts(
            action == .add ? .add : .remove, id, json: bytes,
            fileName: file == "-" ? "stdin" : file)
        for warning in warnings { context.log.warning(warning) }
        return 0
    }
}
