/// The commands that can be run, in the order in which help lists them.
///
/// A command is added by its file under Commands and one line here. Only the one that is asked for
/// builds its declaration.
enum CommandTable {
    static let entries: [Entry] = [
        Entry("create", CreateCommand.self),
        Entry("start", StartCommand.self),
        Entry("run", RunCommand.self),
        Entry("state", StateCommand.self),
        Entry("list", ListCommand.self),
        Entry("exec", ExecCommand.self),
        Entry("kill", KillCommand.self),
        Entry("delete", DeleteCommand.self),
        Entry("pause", PauseCommand.self),
        Entry("resume", ResumeCommand.self),
        Entry("update", UpdateCommand.self),
        Entry("mounts", MountsCommand.self),
        Entry("checkpoint", CheckpointCommand.self),
        Entry("restore", RestoreCommand.self),
        Entry("ps", PsCommand.self),
        Entry("events", EventsCommand.self),
        Entry("wait", WaitCommand.self),
        Entry("features", FeaturesCommand.self),
        Entry("spec", SpecCommand.self),
        Entry("plan", PlanCommand.self),
        Entry("help", HelpCommand.self),
        Entry("completion", CompletionCommand.self),
    ]

    /// A command by its name, reached through functions so that nothing is built too early.
    struct Entry: Sendable {
        let name: String
        let declaration: @Sendable () -> CommandDeclaration
        let run: @Sendable (ParsedArguments, borrowing Context) throws -> Int32

        init<C: Command>(_ name: String, _: C.Type) {
            self.name = name
            declaration = { C.declaration }
            run = { arguments, context in
                try C(validating: arguments).run(context)
            }
        }
    }

    static func entry(_ name: String) -> Entry? {
        entries.first { $0.name == name }
    }

    /// The error for a command that is not in the table.
    static func unknown(_ name: String) -> UsageError {
        let hint = nearest(to: name, in: entries.map(\.name)).map { " (did you mean \($0)?)" } ?? ""
        return .shape("unknown command \"\(name)\"\(hint)")
    }
}
