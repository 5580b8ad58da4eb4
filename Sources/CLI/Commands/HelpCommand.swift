/// `apus help`: prints help, or manual pages for the build to install.
struct HelpCommand: Command {
    /// The command that is asked about; nil for the program.
    let subject: String?
    let man: Bool

    static let declaration = CommandDeclaration(
        "help", "print help about apus or a command",
        description: "Prints the commands and the global options, or the help of one command.",
        positionals: [PositionalDeclaration("COMMAND", .commandName, .optional)],
        options: [.flag("man", "print a manual page in roff", .hidden)])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        subject = arguments.positional(0)
        man = arguments.flag("man")
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        guard let subject else {
            try printResult(man ? programManual() : programHelp())
            return 0
        }
        guard let entry = CommandTable.entry(subject) else { throw CommandTable.unknown(subject) }
        let declaration = entry.declaration()
        try printResult(man ? commandManual(declaration) : commandHelp(declaration))
        return 0
    }
}
