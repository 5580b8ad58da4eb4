import Glibc
import Kernel

/// What the command line's defaults depend on, apart from the command line.
struct Surroundings: Sendable {
    let effectiveUser: UInt32
    let environment: @Sendable (String) -> String?
    let isInUserNamespace: @Sendable () -> Bool
    let workingDirectory: @Sendable () -> String?

    /// The process as it is.
    static var real: Surroundings {
        Surroundings(
            effectiveUser: geteuid(),
            environment: { name in getenv(name).flatMap { String(validatingCString: $0) } },
            isInUserNamespace: hasMappedUsers,
            workingDirectory: CLI.workingDirectory)
    }
}

/// Whether this process's user ids are mapped at all: the initial user namespace is the only one
/// whose map is the whole range onto itself, see user_namespaces(7).
@Sendable private func hasMappedUsers() -> Bool {
    guard let map = try? Files.readText("/proc/self/uid_map") else { return false }
    return map.split { $0 == " " || $0 == "\n" } != ["0", "0", "4294967295"]
}
