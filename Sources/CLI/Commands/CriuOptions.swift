import Container

/// The options that `checkpoint` and `restore` hand to CRIU.
struct CriuOptions: Equatable, Sendable {
    let imagePath: String
    let workPath: String?
    let tcpEstablished: Bool
    let externalUnixSockets: Bool
    let shellJob: Bool
    let fileLocks: Bool
    let cgroupsMode: CriuSettings.CgroupsMode?
    let networkLock: CriuSettings.NetworkLock?
    let lazyPages: Bool
    let autoDedup: Bool
    /// Whether the network namespace is made and left empty.
    let emptyNetworkNamespace: Bool

    init(_ arguments: ParsedArguments) throws(UsageError) {
        imagePath = arguments.value("image-path") ?? "checkpoint"
        workPath = arguments.value("work-path")
        tcpEstablished = arguments.flag("tcp-established")
        externalUnixSockets = arguments.flag("ext-unix-sk")
        shellJob = arguments.flag("shell-job")
        fileLocks = arguments.flag("file-locks")
        cgroupsMode = arguments.value("manage-cgroups-mode").flatMap {
            CriuSettings.CgroupsMode(rawValue: $0)
        }
        networkLock = arguments.value("network-lock").flatMap {
            CriuSettings.NetworkLock(rawValue: $0)
        }
        lazyPages = arguments.flag("lazy-pages")
        autoDedup = arguments.flag("auto-dedup")
        emptyNetworkNamespace = !arguments.values("empty-ns").isEmpty
    }

    /// The same for the containers' side, paths counted from the caller's directory.
    var settings: CriuSettings {
        let directory = workingDirectory() ?? "/"
        var settings = CriuSettings(imagePath: absolutePath(imagePath, relativeTo: directory))
        settings.workPath = workPath.map { absolutePath($0, relativeTo: directory) }
        settings.allowsEstablishedTCP = tcpEstablished
        settings.allowsExternalUnixSockets = externalUnixSockets
        settings.isShellJob = shellJob
        settings.allowsFileLocks = fileLocks
        settings.lazyPages = lazyPages
        settings.autoDedup = autoDedup
        settings.emptiesNetwork = emptyNetworkNamespace
        settings.cgroupsMode = cgroupsMode
        settings.networkLock = networkLock
        return settings
    }

    static var declarations: [OptionDeclaration] {
        [
            .value(
                "image-path", "DIR", .directory, "directory of the images (default: ./checkpoint)"),
            .value("work-path", "DIR", .directory, "directory of CRIU's logs and work files"),
            .flag("tcp-established", "allow open TCP connections"),
            .flag("ext-unix-sk", "allow unix sockets that lead out of the container"),
            .flag("shell-job", "allow a terminal that belongs to the outside"),
            .flag("file-locks", "allow file locks"),
            .value(
                "manage-cgroups-mode", "MODE", .choice(["soft", "full", "strict", "ignore"]),
                "what CRIU does about cgroups (default: soft)"),
            .value(
                "network-lock", "METHOD", .choice(["iptables", "nftables", "skip"]),
                "how CRIU holds back network traffic meanwhile"),
            .flag("lazy-pages", "move memory on demand, by userfaultfd"),
            .flag("auto-dedup", "drop pages from older images that newer ones replace"),
            .value(
                "empty-ns", "NAMESPACE", .choice(["network"]),
                "leave a namespace empty, for others to fill", .repeatable),
        ]
    }
}
