/// A command's declaration, and its arguments once they are checked.
protocol DeclaredCommand: SendableMetatype {
    static var declaration: CommandDeclaration { get }

    /// Turns words into values and checks everything that needs no look at the system.
    init(validating arguments: ParsedArguments) throws(UsageError)
}

/// A command that can be run.
protocol Command: DeclaredCommand {
    /// Does the work and returns the exit status of the program.
    func run(_ context: borrowing Context) throws -> Int32
}

/// What a command is given besides its own arguments.
struct Context: ~Copyable {
    let options: GlobalOptions
    let log: Log
    /// The commit that this program was built from, or `unknown`.
    let commit: String
    /// How many descriptors from 3 the caller left open.
    let inherited: Int
}
