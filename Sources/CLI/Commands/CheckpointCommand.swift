import Container

/// `apus checkpoint`: writes a running container to disk.
struct CheckpointCommand: Command {
    let id: String
    let criu: CriuSettings
    /// An older image to build on, relative to the image directory.
    let parentPath: String?
    let preDump: Bool
    let leaveRunning: Bool
    let tcpSkipInFlight: Bool
    let linkRemap: Bool
    let pageServer: CheckpointOptions.PageServer?
    /// The descriptor that CRIU writes a zero byte to once pages can be fetched.
    let statusDescriptor: Int32?

    static let declaration = CommandDeclaration(
        "checkpoint", "write a running container to disk",
        description: """
            Writes the processes of a running container and their state to a directory, by means \
            of CRIU. The container ends and is deleted, unless --leave-running or --pre-dump is \
            given.
            """,
        options: CriuSettings.declarations + [
            .value(
                "parent-path", "DIR", "directory of an older image, relative to --image-path"),
            .flag("pre-dump", "write the memory only and leave the container running"),
            .flag("leave-running", "leave the container running"),
            .flag("tcp-skip-in-flight", "skip TCP connections that are being made"),
            .flag("link-remap", "allow files that are open and have no name"),
            .value("page-server", "ADDRESS:PORT", "send the memory to a page server"),
            .value("status-fd", "FD", "descriptor to write to when --lazy-pages is ready"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        criu = try CriuSettings(arguments)
        parentPath = arguments.value("parent-path")
        preDump = arguments.flag("pre-dump")
        leaveRunning = arguments.flag("leave-running")
        tcpSkipInFlight = arguments.flag("tcp-skip-in-flight")
        linkRemap = arguments.flag("link-remap")
        pageServer = try arguments.value("page-server").map(readPageServer)
        statusDescriptor = try arguments.integer("status-fd", in: -1...Int64(Int32.max))
            .flatMap { $0 < 0 ? nil : Int32($0) }
        if parentPath?.utf8.first == UInt8(ascii: "/") {
            throw .value("--parent-path: the path must be relative, to --image-path")
        }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        var options = CheckpointOptions(criu)
        options.parentPath = parentPath
        options.isPreDump = preDump
        options.leavesRunning = leaveRunning
        options.skipsTCPInFlight = tcpSkipInFlight
        options.linkRemap = linkRemap
        options.pageServer = pageServer
        options.statusDescriptor = statusDescriptor
        for warning in try context.host().checkpoint(id, options) { context.log.warning(warning) }
        return 0
    }
}

/// The port comes after the last colon; an address of IPv6 may stand in brackets.
@Sendable private func readPageServer(
    _ text: String
) throws(UsageError) -> CheckpointOptions.PageServer {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1, let port = UInt16(parts[parts.count - 1]), port > 0 else {
        throw .value("--page-server: \"\(text)\" is not ADDRESS:PORT")
    }
    var address = parts.dropLast().joined(separator: ":")
    if address.hasPrefix("["), address.hasSuffix("]") {
        address = String(address.dropFirst().dropLast())
    }
    if address.isEmpty { throw .value("--page-server: \"\(text)\" is not ADDRESS:PORT") }
    return CheckpointOptions.PageServer(address: address, port: port)
}
