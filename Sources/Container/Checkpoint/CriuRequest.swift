internal import Criu
internal import Kernel

/// Turns settings into what CRIU is asked to do.
///
/// What holds for every container: CRIU says what it has come to, restores or keeps cgroups, and
/// hands over terminals whose other end is outside.
enum CriuRequest {
    /// The log of a dump, in the work directory; engines copy it from there.
    static var dumpLog: String { "dump.log" }
    /// The log of a restore.
    static var restoreLog: String { "restore.log" }

    /// The options of a checkpoint, without what depends on the container.
    static func checkpoint(
        _ options: CheckpointOptions, _ directories: borrowing CriuDirectories
    ) -> RequestOptions {
        var request = common(options.criu, directories)
        request.logFile = dumpLog
        request.leavesRunning = options.leavesRunning || options.isPreDump
        request.parentImage = options.parentPath
        // What a later image builds on needs to know which pages change from now on.
        request.tracksMemory = options.parentPath != nil || options.isPreDump
        request.skipsTCPInFlight = options.skipsTCPInFlight
        request.linkRemap = options.linkRemap
        request.pageServer = options.pageServer.map {
            RequestOptions.PageServer(address: $0.address, port: Int32($0.port))
        }
        return request
    }

    /// The options of a restore, without what depends on the container.
    static func restore(
        _ options: RestoreOptions, _ directories: borrowing CriuDirectories
    ) -> RequestOptions {
        var request = common(options.criu, directories)
        request.logFile = restoreLog
        // CRIU would find the container's own cgroup, which the runtime has just made; with that one
        // new, all below it are new with `full` too.
        if options.criu.cgroupsMode == .strict { request.cgroupsMode = .full }
        request.restoresAsSibling = true
        request.usesEvasiveDevices = true
        request.closesTCP = options.closesTCP
        request.lsmProfile = options.lsmProfile
        request.lsmMountContext = options.lsmMountContext
        return request
    }

    private static func common(
        _ settings: CriuSettings, _ directories: borrowing CriuDirectories
    ) -> RequestOptions {
        var request = RequestOptions(imagesDirectory: directories.images.rawValue)
        request.workDirectory = directories.workNumber
        request.allowsEstablishedTCP = settings.allowsEstablishedTCP
        request.allowsExternalUnixSockets = settings.allowsExternalUnixSockets
        request.isShellJob = settings.isShellJob
        request.allowsFileLocks = settings.allowsFileLocks
        request.lazyPages = settings.lazyPages
        request.autoDedup = settings.autoDedup
        request.passesOrphanTerminals = true
        request.sendsNotifications = true
        request.managesCgroups = true
        request.cgroupsMode = settings.cgroupsMode?.requested
        request.networkLock = settings.networkLock?.requested
        if settings.emptiesNetwork { request.emptyNamespaces = UInt32(CLONE_NEWNET) }
        return request
    }
}

extension CriuSettings.CgroupsMode {
    fileprivate var requested: RequestOptions.CgroupsMode {
        switch self {
        case .soft: .soft
        case .full: .full
        case .strict: .strict
        case .ignore: .ignore
        }
    }
}

extension CriuSettings.NetworkLock {
    fileprivate var requested: RequestOptions.NetworkLock {
        switch self {
        case .iptables: .iptables
        case .nftables: .nftables
        case .skip: .skip
        }
    }
}
