@testable import CLI

/// Every command that is declared, wired or not.
let everyCommand: [any DeclaredCommand.Type] = [
    CreateCommand.self, RunCommand.self, StartCommand.self, StateCommand.self, KillCommand.self,
    DeleteCommand.self, ListCommand.self, SpecCommand.self, PlanCommand.self, ExecCommand.self,
    PsCommand.self, PauseCommand.self, ResumeCommand.self, UpdateCommand.self, EventsCommand.self,
    FeaturesCommand.self, WaitCommand.self, CheckpointCommand.self, RestoreCommand.self,
    MountsCommand.self, HelpCommand.self, CompletionCommand.self,
]

let everyDeclaration: [CommandDeclaration] = everyCommand.map { $0.declaration }

/// A command with one option of each sort.
let sampleDeclaration = CommandDeclaration(
    "sample", "stand in for a command", description: "For tests.",
    positionals: [.containerID, PositionalDeclaration("EXTRA", .text, .optional)],
    options: [
        .flag("all", short: "a", "a flag"),
        .flag("tty", short: "t", "another flag"),
        .value("bundle", short: "b", "DIR", .directory, "a value"),
        .value("env", short: "e", "NAME=VALUE", "several values", .repeatable),
        .value("format", short: "f", "FORMAT", .choice(["table", "json"]), "a choice"),
        .value("count", "N", "a number"),
        .value("old", "X", "is ignored", .ignored),
    ])

/// Splits at spaces; `''` is an empty word.
func words(_ line: String) -> [String] {
    line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
}

func parsed(
    _ line: String, _ declaration: CommandDeclaration = sampleDeclaration
) throws(UsageError) -> ParsedArguments {
    var arguments = ParsedArguments(declaration)
    try arguments.parse(words(line)[...])
    return arguments
}

/// The message that a command line is refused with, nil when it is accepted.
func refusal(
    _ line: String, _ declaration: CommandDeclaration = sampleDeclaration
) -> String? {
    do {
        _ = try parsed(line, declaration)
        return nil
    } catch {
        return error.message
    }
}

func command<C: DeclaredCommand>(_: C.Type, _ line: String) throws(UsageError) -> C {
    try C(validating: try parsed(line, C.declaration))
}

func commandRefusal<C: DeclaredCommand>(_ type: C.Type, _ line: String) -> String? {
    do {
        _ = try command(type, line)
        return nil
    } catch {
        return error.message
    }
}
