/// `apus completion`: prints a script that makes a shell complete command lines.
struct CompletionCommand: Command {
    let shell: String

    static let declaration = CommandDeclaration(
        "completion", "print a completion script for a shell",
        description: """
            Prints a script for bash, zsh or fish. For bash, source it or save it as apus in the \
            directory of completions; for zsh, save it as _apus in a directory of fpath; for fish, \
            as apus.fish.
            """,
        positionals: [PositionalDeclaration("SHELL", .choice(["bash", "zsh", "fish"]))])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        shell = arguments.positional(0) ?? ""
        if !["bash", "zsh", "fish"].contains(shell) {
            throw .shape("completion: \"\(shell)\" is not one of bash, zsh, fish")
        }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let declarations = CommandTable.entries.map { $0.declaration() }
        switch shell {
        case "bash": try printResult(bashCompletion(declarations))
        case "zsh": try printResult(zshCompletion(declarations))
        default: try printResult(fishCompletion(declarations))
        }
        return 0
    }
}
