/// `apus list`: prints the containers under the root directory.
struct ListCommand: DeclaredCommand {
    let isJSON: Bool
    let quiet: Bool

    static let declaration = CommandDeclaration(
        "list", "list containers",
        description: """
            Prints the containers under the root directory with their process, status, bundle, \
            time of creation and owner.
            """,
        positionals: [],
        options: [
            .format(["table", "json"]),
            .flag("quiet", short: "q", "print the IDs only"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        isJSON = arguments.value("format") == "json"
        quiet = arguments.flag("quiet")
    }
}
