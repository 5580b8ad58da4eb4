/// `apus features`: prints what this program can do.
struct FeaturesCommand: DeclaredCommand {
    static let declaration = CommandDeclaration(
        "features", "print the features of this runtime",
        description: """
            Prints a JSON object, as the OCI runtime specification defines it, that says what this \
            program supports. Whether the running kernel supports it too is another matter.
            """,
        // A peer takes arguments here and ignores them.
        positionals: [PositionalDeclaration("ARGUMENTS", .text, .rest)])

    init(validating arguments: ParsedArguments) throws(UsageError) {}
}
