import Container

/// The options that `checkpoint` and `restore` hand to CRIU.
extension CriuSettings {
    /// Reads them; paths are counted from the caller's directory.
    init(_ arguments: ParsedArguments) throws(UsageError) {
        let imagePath = arguments.value("image-path") ?? "checkpoint"
        self.init(imagePath: try callersPath(imagePath, option: "--image-path"))
        if let path = arguments.value("work-path") {
            workPath = try callersPath(path, option: "--work-path")
        }
        allowsEstablishedTCP = arguments.flag("tcp-established")
        allowsExternalUnixSockets = arguments.flag("ext-unix-sk")
        isShellJob = arguments.flag("shell-job")
        allowsFileLocks = arguments.flag("file-locks")
        cgroupsMode = arguments.value("manage-cgroups-mode").flatMap(CgroupsMode.init(rawValue:))
        networkLock = arguments.value("network-lock").flatMap(NetworkLock.init(rawValue:))
        lazyPages = arguments.flag("lazy-pages")
        autoDedup = arguments.flag("auto-dedup")
        emptiesNetwork = !arguments.values("empty-ns").isEmpty
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
