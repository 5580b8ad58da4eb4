import Container
import Glibc
import Kernel
import OCISpec

/// `apus spec`: writes a config.json to start from.
struct SpecCommand: Command {
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

    func run(_ context: borrowing Context) throws -> Int32 {
        let facts = Defaults.Facts(
            hasUnifiedCgroup: isUnifiedHierarchy(), euid: geteuid(), egid: getegid())
        let document = Defaults.document(rootless: rootless, facts)
        let path = PathText.absolute(file, from: bundle)
        do throws(Errno) {
            let flags = O_WRONLY | O_CREAT | O_EXCL
            try FileDescriptor.open(path, flags, mode: 0o666).writeAll(document)
        } catch .exists {
            throw RuntimeError(
                .invalidRequest, "file \(file) exists: remove it first, it is not overwritten")
        } catch {
            throw RuntimeError(
                .system, "cannot write \(file)", underlying: SystemError("openat", path, error))
        }
        return 0
    }

    /// Whether a default configuration has a cgroup namespace of its own: only there it shows the
    /// container its own limits.
    private func isUnifiedHierarchy() -> Bool {
        Files.exists("/sys/fs/cgroup/cgroup.controllers")
    }
}
