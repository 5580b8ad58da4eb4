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

/// Whether this process's user ids are mapped at all.
@Sendable private func hasMappedUsers() -> Bool {
    guard let map = try? Files.readText("/proc/self/uid_map") else { return false }
    return IDMapRange.parse(map) != [.initial]
}
