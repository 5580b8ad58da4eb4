import Container

/// `apus create`: makes a container and stops short of its program.
struct CreateCommand: Command {
    let id: String
    let launch: LaunchOptions

    static let declaration = CommandDeclaration(
        "create", "create a container without starting its program",
        description: """
            Makes a container from a bundle: namespaces, cgroup, mounts and everything else that \
            its config.json asks for. The program itself waits for apus start.

            When anything fails, nothing is left behind; nor when a signal (SIGHUP, SIGINT, \
            SIGQUIT, SIGTERM) asks for the end meanwhile. The exit status is then 128 plus the \
            signal's number.
            """,
        options: LaunchOptions.declarations + [
            .flag("detach", short: "d", "has no effect: create always returns", .ignored),
            .flag("no-subreaper", "has no effect: create never adopts processes", .ignored),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        launch = try LaunchOptions(arguments)
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let prepared = try context.prepare(
            try launch.options(id: id, mode: .create), launch)
        context.note(try context.host().create(prepared))
        return 0
    }
}
