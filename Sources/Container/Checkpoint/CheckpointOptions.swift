/// What the caller asks of CRIU, for a checkpoint and for a restore.
package struct CriuSettings: Equatable, Sendable {
    /// What CRIU does about cgroups.
    package enum CgroupsMode: String, Sendable {
        case soft, full, strict, ignore
    }

    /// How CRIU holds network traffic back meanwhile.
    package enum NetworkLock: String, Sendable {
        case iptables, nftables, skip
    }

    /// The directory of the images, absolute.
    package var imagePath: String
    /// The directory of CRIU's log and work files, absolute; that of the images when absent.
    package var workPath: String?
    /// Connections of TCP may be open.
    package var allowsEstablishedTCP = false
    /// Unix sockets may lead out of the container.
    package var allowsExternalUnixSockets = false
    /// The terminal may be the outside's.
    package var isShellJob = false
    /// Files may be locked.
    package var allowsFileLocks = false
    /// Memory is moved on demand.
    package var lazyPages = false
    /// Pages of older images are dropped that newer ones replace.
    package var autoDedup = false
    /// The network namespace is left empty.
    package var emptiesNetwork = false
    /// What CRIU does about cgroups; nil for its own choice.
    package var cgroupsMode: CgroupsMode?
    /// How CRIU holds network traffic back; nil for its own choice.
    package var networkLock: NetworkLock?

    /// The usual settings.
    package init(imagePath: String) {
        self.imagePath = imagePath
    }
}

/// What the caller asks of a checkpoint.
package struct CheckpointOptions: Equatable, Sendable {
    /// Where memory is sent instead of into the images.
    package struct PageServer: Equatable, Sendable {
        /// A name or number of the host.
        package var address: String
        /// In the host's byte order.
        package var port: UInt16

        /// An address and a port.
        package init(address: String, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// What checkpoint and restore have in common.
    package var criu: CriuSettings
    /// An older image to build on, relative to the images.
    package var parentPath: String?
    /// Only the memory is written, and the container runs on.
    package var isPreDump = false
    /// The container runs on.
    package var leavesRunning = false
    /// Connections of TCP that are being made are dropped.
    package var skipsTCPInFlight = false
    /// Open files may have no name any more.
    package var linkRemap = false
    /// Where memory is sent instead of into the images; nil for the images.
    package var pageServer: PageServer?
    /// A descriptor of the caller that gets a zero byte once pages can be fetched.
    package var statusDescriptor: Int32?

    /// The usual options.
    package init(_ criu: CriuSettings) {
        self.criu = criu
    }
}

/// What the caller asks of a restore, besides what it says about the container.
package struct RestoreOptions: Equatable, Sendable {
    /// What checkpoint and restore have in common.
    package var criu: CriuSettings
    /// Connections of TCP come back closed.
    package var closesTCP = false
    /// The security profile, as `TYPE:NAME`.
    package var lsmProfile: String?
    /// The SELinux context of mounts.
    package var lsmMountContext: String?

    /// The usual options.
    package init(_ criu: CriuSettings) {
        self.criu = criu
    }
}
