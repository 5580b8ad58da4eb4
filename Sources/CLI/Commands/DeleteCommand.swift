import Container

/// `apus delete`: removes what is left of a container.
struct DeleteCommand: Command {
    /// An ID, or a regular expression with `--regex`.
    let id: String
    let force: Bool
    let regex: Bool
    let strict: Bool

    static let declaration = CommandDeclaration(
        "delete", "delete a container that has stopped",
        description: """
            Removes the cgroup and the state of a container that has stopped, or that was created \
            and never started.

            With --force a running container is killed first, a creation that is under way is \
            ended, and a container that does not exist \
            is no error.
            """,
        options: [
            .flag("force", short: "f", "kill the container if it is still running"),
            .flag("regex", short: "r", "ID is a regular expression for several containers"),
            .flag("strict", "follow the specification: refuse one that was never started"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        force = arguments.flag("force")
        regex = arguments.flag("regex")
        strict = arguments.flag("strict")
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let host = try context.host()
        guard regex else {
            for warning in try host.delete(id, force: force, isStrict: strict) {
                context.log.warning(warning)
            }
            return 0
        }
        var warnings: [String] = []
        try context.forEach(matching: id) { name throws(RuntimeError) in
            warnings += try host.delete(name, force: force, isStrict: strict)
        }
        for warning in warnings { context.log.warning(warning) }
        return 0
    }
}
