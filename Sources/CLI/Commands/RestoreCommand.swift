import Container
import Kernel

/// `apus restore`: brings a container back from disk.
struct RestoreCommand: Command {
    let id: String
    let criu: CriuSettings
    let bundle: String
    let consoleSocket: String?
    let pidFile: String?
    let detach: Bool
    let noPivot: Bool
    let noSubreaper: Bool
    let tcpClose: Bool
    /// `TYPE:NAME`.
    let lsmProfile: String?
    let lsmMountContext: String?

    static let declaration = CommandDeclaration(
        "restore", "bring back a container that checkpoint has written",
        description: """
            Makes a container again from a bundle and the images that apus checkpoint has written, \
            by means of CRIU. Its processes go on where they were.
            """,
        options: [.bundle] + CriuSettings.declarations + [
            .flag("tcp-close", "restore TCP connections as closed ones"),
            .value("lsm-profile", "TYPE:NAME", "security profile to restore with"),
            .value("lsm-mount-context", "CONTEXT", "SELinux context for mounts"),
            .consoleSocket, .pidFile, .detach, .noPivot, .noSubreaper,
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        criu = try CriuSettings(arguments)
        bundle = arguments.value("bundle") ?? "."
        consoleSocket = arguments.value("console-socket")
        pidFile = arguments.value("pid-file")
        detach = arguments.flag("detach")
        noPivot = arguments.flag("no-pivot")
        noSubreaper = arguments.flag("no-subreaper")
        tcpClose = arguments.flag("tcp-close")
        lsmProfile = arguments.value("lsm-profile")
        lsmMountContext = arguments.value("lsm-mount-context")
        if let lsmProfile {
            let parts = lsmProfile.split(separator: ":", maxSplits: 1)
            if parts.count < 2 {
                throw .value("--lsm-profile: \"\(lsmProfile)\" is not TYPE:NAME")
            }
        }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        var launch = Container.LaunchOptions(
            id: id, bundle: try callersPath(bundle, option: "--bundle"))
        launch.mode = .run
        launch.consoleSocket = consoleSocket
        launch.pidFile = pidFile
        launch.isDetached = detach
        launch.avoidsPivot = noPivot
        launch.avoidsSubreaper = noSubreaper
        let prepared = try context.host().prepare(launch)
        for warning in prepared.warnings { context.log.warning(warning) }
        var options = RestoreOptions(criu)
        options.closesTCP = tcpClose
        options.lsmProfile = lsmProfile
        options.lsmMountContext = lsmMountContext
        let report = try context.host().restore(prepared, options)
        context.note(report)
        return report.status?.shellStatus ?? 0
    }
}
