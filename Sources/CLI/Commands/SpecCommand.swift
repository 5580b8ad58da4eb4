/// `apus spec`: writes a config.json to start from.
struct SpecCommand: DeclaredCommand {
    let bundle: String
    let file: String
    let rootless: Bool

    static let declaration = CommandDeclaration(
        "spec", "write a configuration to start from",
        description: """
            Writes a config.json that runs sh on a terminal, in a read-only root filesystem named \
            rootfs, with few capabilities and its own namespaces. It is meant to be edited. An \
            existing file is not overwritten.
            """,
        positionals: [],
        options: [
            .bundle,
            .value(
                "file", short: "f", "FILE", .file,
                "file to write (default: config.json in the bundle)"),
            .flag("rootless", "write a configuration for a container without root's privileges"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        bundle = arguments.value("bundle") ?? "."
        file = arguments.value("file") ?? "config.json"
        rootless = arguments.flag("rootless")
    }
}
