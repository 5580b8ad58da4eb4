import Container
import OCISpec

/// `apus features`: prints what this program can do.
struct FeaturesCommand: Command {
    static let declaration = CommandDeclaration(
        "features", "print the features of this runtime",
        description: """
            Prints a JSON object, as the OCI runtime specification defines it, that says what this \
            program supports. Whether the running kernel supports it too is another matter. \
            Arguments are ignored.
            """,
        // A peer takes arguments here and ignores them.
        positionals: [PositionalDeclaration("ARGUMENTS", .text, .rest)])

    init(validating arguments: ParsedArguments) throws(UsageError) {}

    func run(_ context: borrowing Context) throws -> Int32 {
        var features = RuntimeFeatures.ofThisBuild(newestSpecification: Version.specification)
        features.annotations = [
            StringEntry(key: "io.github.seccomp.libseccomp.version", value: Version.libseccomp),
            // The name that engines know.
            StringEntry(key: "org.opencontainers.runc.checkpoint.enabled", value: "true"),
            StringEntry(key: "run.apus.checkpoint.enabled", value: "true"),
            StringEntry(key: "run.apus.commit", value: context.commit),
            StringEntry(key: "run.apus.version", value: Version.apus),
        ]
        try printResult(String(decoding: features.json(.spaces), as: UTF8.self) + "\n")
        return 0
    }
}
