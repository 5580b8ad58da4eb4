import Container
import Kernel

/// `apus run`: creates a container, starts it, and waits for it.
struct RunCommand: Command {
    let id: String
    let launch: LaunchOptions
    let detach: Bool
    let keep: Bool
    let noSubreaper: Bool

    static let declaration = CommandDeclaration(
        "run", "create and start a container",
        description: """
            Creates a container, starts its program and waits for the program to end. Signals that \
            apus receives are passed on, and apus exits with the program's status, or with 128 \
            plus the number of the signal that killed it.

            The container is deleted when its program ends, unless --keep or --detach is given.
            """,
        options: LaunchOptions.declarations + [
            .detach,
            .flag("keep", "do not delete the container when its program ends"),
            .noSubreaper,
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        launch = try LaunchOptions(arguments)
        detach = arguments.flag("detach")
        keep = arguments.flag("keep")
        noSubreaper = arguments.flag("no-subreaper")
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        var options = try launch.options(id: id, mode: .run)
        options.isDetached = detach
        options.keepsState = keep
        options.avoidsSubreaper = noSubreaper
        let report = try context.host().run(try context.prepare(options, launch))
        context.note(report)
        return report.status?.shellStatus ?? 0
    }
}
