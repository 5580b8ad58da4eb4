import Cgroups
import Container
import Kernel

/// `apus exec`: runs another process in a container.
struct ExecCommand: Command {
    /// The user and group that the process runs as, by number.
    struct User: Equatable, Sendable {
        let uid: UInt32
        /// Nil leaves the group of the container's own process.
        let gid: UInt32?
    }

    let id: String
    /// The program and its arguments; empty with `processFile`.
    let command: [String]
    let processFile: String?
    let cwd: String?
    /// `NAME=VALUE`, in order.
    let environment: [String]
    let tty: Bool
    let user: User?
    let additionalGids: [UInt32]
    let capabilities: [String]
    /// Nil leaves what the container's configuration says.
    let noNewPrivileges: Bool?
    let processLabel: String?
    let apparmor: String?
    let detach: Bool
    let pidFile: String?
    let consoleSocket: String?
    let pidfdSocket: String?
    let preserveFds: Int32
    /// `[CONTROLLER[,CONTROLLER]:]PATH`, relative to the container's cgroup.
    let cgroups: [CgroupSubpath]
    let ignorePaused: Bool

    static let declaration = CommandDeclaration(
        "exec", "run a command in a running container",
        description: """
            Runs a command inside a running container and waits for it, or returns at once with \
            --detach. Whatever the options leave open is taken from the configuration that the \
            container was created with.

            Everything after ID belongs to the command. The exit status is the command's own, 128 \
            plus the number of the signal that killed it, or 255 when it could not be run; a command \
            line that cannot be read gives 1.
            """,
        positionals: [
            .containerID, PositionalDeclaration("COMMAND", .text, .optional),
            PositionalDeclaration("ARGUMENTS", .text, .rest),
        ],
        options: [
            .value(
                "process", short: "p", "FILE", .file,
                "read the whole process from a JSON file; a command and other options about it "
                    + "are ignored"),
            .value("cwd", "DIR", "working directory, in the container"),
            .value(
                "env", short: "e", "NAME=VALUE", "set a variable of the environment", .repeatable),
            .flag("tty", short: "t", "give the command a terminal"),
            .value("user", short: "u", "UID[:GID]", "user and group to run as, by number"),
            .value(
                "additional-gids", short: "g", "GID", "add a supplementary group", .repeatable),
            .value("cap", short: "c", "NAME", "add a capability", .repeatable),
            .flag("no-new-privs", "let the command gain no privileges by executing programs"),
            .value("process-label", "LABEL", "SELinux label of the command"),
            .value("apparmor", "PROFILE", "AppArmor profile of the command"),
            .detach, .pidFile, .consoleSocket, .pidfdSocket, .preserveFds,
            .value(
                "cgroup", "[CONTROLLER:]PATH",
                "run in a cgroup below the container's own; / allows no other", .repeatable),
            .flag("ignore-paused", "allow a paused container; the command runs when it resumes"),
        ],
        tail: .verbatim(after: 1),
        failureStatus: 255, failurePrefix: ExecOptions.failurePrefix)

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        command = arguments.tail
        processFile = arguments.value("process")
        cwd = arguments.value("cwd")
        environment = arguments.values("env")
        tty = arguments.flag("tty")
        user = try arguments.value("user").flatMap(parseUser)
        additionalGids = try arguments.values("additional-gids").map(parseGroup)
        capabilities = arguments.values("cap")
        noNewPrivileges = arguments.value("no-new-privs").map { $0 == "true" }
        processLabel = arguments.value("process-label")
        apparmor = arguments.value("apparmor")
        detach = arguments.flag("detach")
        pidFile = arguments.value("pid-file")
        consoleSocket = arguments.value("console-socket")
        pidfdSocket = arguments.value("pidfd-socket")
        preserveFds = try arguments.preservedDescriptors()
        cgroups = arguments.values("cgroup").map(parseCgroup)
        ignorePaused = arguments.flag("ignore-paused")
        try check()
    }

    private func check() throws(UsageError) {
        if processFile == nil && command.isEmpty {
            throw .value("exec args cannot be empty")
        }
        for variable in environment {
            let name = variable.utf8.prefix { $0 != UInt8(ascii: "=") }
            if name.isEmpty || name.endIndex == variable.utf8.endIndex {
                throw .value("--env: \"\(variable)\" is not NAME=VALUE")
            }
        }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let report = try context.host().exec(options(isTraced: context.log.isDebugging))
        context.note(report)
        return report.status?.shellStatus ?? 0
    }

    /// What the containers' side is asked for.
    func options(isTraced: Bool = false) -> ExecOptions {
        var options = ExecOptions(id: id)
        options.launch.isDetached = detach
        options.launch.pidFile = pidFile
        options.launch.consoleSocket = consoleSocket
        options.launch.pidfdSocket = pidfdSocket
        options.launch.preservedFDs = Int(preserveFds)
        options.launch.isTraced = isTraced
        options.arguments = command
        options.processFile = processFile
        options.cwd = cwd
        options.environment = environment
        options.hasTerminal = tty
        options.uid = user?.uid
        options.gid = user?.gid
        options.additionalGroups = additionalGids
        options.capabilities = capabilities
        options.noNewPrivileges = noNewPrivileges
        options.selinuxLabel = processLabel
        options.apparmorProfile = apparmor
        options.cgroups = cgroups
        options.ignoresPause = ignorePaused
        return options
    }
}

/// The highest user or group id: the one above means "none" to the kernel.
private let highestID = Int64(UInt32.max) - 1

/// Reads `UID[:GID]`; nothing is the container's own user, as both peers have it.
private func parseUser(_ text: String) throws(UsageError) -> ExecCommand.User? {
    if text.isEmpty { return nil }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let uid = try parseInteger(String(parts[0]), in: 0...highestID, subject: "--user (UID)")
    guard parts.count > 1 else { return ExecCommand.User(uid: UInt32(uid), gid: nil) }
    let gid = try parseInteger(String(parts[1]), in: 0...highestID, subject: "--user (GID)")
    return ExecCommand.User(uid: UInt32(uid), gid: UInt32(gid))
}

/// Reads `[CONTROLLER[,CONTROLLER]:]PATH`; a colon of the path itself needs a slash before it.
private func parseCgroup(_ text: String) -> CgroupSubpath {
    guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else {
        return CgroupSubpath(text)
    }
    let controllers = text[..<colon].split(separator: ",").map(String.init)
    return CgroupSubpath(String(text[text.index(after: colon)...]), controllers: controllers)
}

private func parseGroup(_ text: String) throws(UsageError) -> UInt32 {
    UInt32(try parseInteger(text, in: 0...highestID, subject: "--additional-gids"))
}
