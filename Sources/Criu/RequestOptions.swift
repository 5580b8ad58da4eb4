/// What CRIU is asked to do, in its own terms: `criu_opts` of its interface (criu.org/RPC).
///
/// The meaning of each is that of the option of criu(8) with the same name.
package struct RequestOptions: Equatable, Sendable {
    /// A mount that CRIU does not make or save itself: its key, and what stands for it.
    package struct ExternalMount: Equatable, Sendable {
        /// For a dump the mount point in the container; for a restore what the dump called it.
        package var key: String
        /// For a dump a name; for a restore the path to bind.
        package var value: String

        /// A pair.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A descriptor of CRIU's own that takes the place of something from outside.
    package struct InheritedDescriptor: Equatable, Sendable {
        package var key: String
        package var descriptor: Int32

        /// A name of the dump, and the number of a descriptor of CRIU.
        package init(key: String, descriptor: Int32) {
            self.key = key
            self.descriptor = descriptor
        }
    }

    /// A namespace that exists and that the restored processes join.
    package struct JoinedNamespace: Equatable, Sendable {
        package var kind: String
        package var path: String

        /// The name of the kind as in `/proc/PID/ns`, and the file.
        package init(kind: String, path: String) {
            self.kind = kind
            self.path = path
        }
    }

    /// Where the cgroups of one hierarchy are restored.
    package struct CgroupRoot: Equatable, Sendable {
        package var controllers: String
        package var path: String

        /// Controllers as in `/proc/PID/cgroup`, empty for version 2; a path below the hierarchy.
        package init(controllers: String, path: String) {
            self.controllers = controllers
            self.path = path
        }
    }

    /// The other end of a transfer of memory.
    package struct PageServer: Equatable, Sendable {
        package var address: String
        package var port: Int32

        /// An address and a port in the host's byte order.
        package init(address: String, port: Int32) {
            self.address = address
            self.port = port
        }
    }

    /// What CRIU does about cgroups; the raw values are those of `criu_cg_mode`.
    package enum CgroupsMode: UInt32, Sendable {
        case ignore = 0
        case soft = 3
        case full = 4
        case strict = 5
    }

    /// How CRIU holds network traffic back; the raw values are those of
    /// `criu_network_lock_method`.
    package enum NetworkLock: UInt32, Sendable {
        case iptables = 1
        case nftables = 2
        case skip = 3
    }

    /// A descriptor of the caller, which CRIU opens through procfs.
    package var imagesDirectory: Int32
    /// The same for its log and work files.
    package var workDirectory: Int32?
    package var pid: Int32?
    package var logLevel: Int32 = 4
    package var logFile: String?
    package var root: String?
    package var parentImage: String?
    package var configFile: String?
    package var freezeCgroup: String?
    package var leavesRunning = false
    package var allowsExternalUnixSockets = false
    package var allowsEstablishedTCP = false
    package var skipsTCPInFlight = false
    package var closesTCP = false
    package var usesEvasiveDevices = false
    package var isShellJob = false
    package var allowsFileLocks = false
    package var tracksMemory = false
    package var autoDedup = false
    package var linkRemap = false
    package var restoresAsSibling = false
    package var lazyPages = false
    package var passesOrphanTerminals = false
    package var sendsNotifications = false
    package var managesCgroups = false
    package var cgroupsMode: CgroupsMode?
    package var networkLock: NetworkLock?
    /// CLONE_NEW* of the namespaces whose contents are left out.
    package var emptyNamespaces: UInt32?
    package var pageServer: PageServer?
    package var lsmProfile: String?
    package var lsmMountContext: String?
    package var externalMounts: [ExternalMount] = []
    /// What is not saved: `net[INODE]:NAME`, `file[MOUNT:INODE]`.
    package var external: [String] = []
    package var inheritedDescriptors: [InheritedDescriptor] = []
    package var joinedNamespaces: [JoinedNamespace] = []
    package var cgroupRoots: [CgroupRoot] = []

    /// Options for images in an open directory of the caller.
    package init(imagesDirectory: Int32) {
        self.imagesDirectory = imagesDirectory
    }
}

extension RequestOptions {
    /// The fields in the order of their numbers in `rpc.proto`.
    package func encoded() -> ProtobufWriter {
        var writer = ProtobufWriter()
        writer.field(1, imagesDirectory)
        writer.field(2, pid)
        writer.flag(3, leavesRunning)
        writer.flag(4, allowsExternalUnixSockets)
        writer.flag(5, allowsEstablishedTCP)
        writer.flag(6, usesEvasiveDevices)
        writer.flag(7, isShellJob)
        writer.flag(8, allowsFileLocks)
        writer.field(9, logLevel)
        writer.field(10, logFile)
        if let pageServer { writer.field(11, pageServer.encoded()) }
        writer.flag(12, sendsNotifications)
        writer.field(13, root)
        writer.field(14, parentImage)
        writer.flag(15, tracksMemory)
        writer.flag(16, autoDedup)
        writer.field(17, workDirectory)
        writer.flag(18, linkRemap)
        for mount in externalMounts { writer.field(23, pair(mount.key, mount.value)) }
        writer.flag(24, managesCgroups)
        for root in cgroupRoots { writer.field(25, root.encoded()) }
        writer.flag(26, restoresAsSibling)
        for inherited in inheritedDescriptors { writer.field(27, inherited.encoded()) }
        writer.field(34, cgroupsMode?.rawValue)
        for name in external { writer.field(37, name) }
        writer.field(38, emptyNamespaces)
        for namespace in joinedNamespaces {
            writer.field(39, pair(namespace.kind, namespace.path))
        }
        writer.field(44, freezeCgroup)
        writer.flag(46, skipsTCPInFlight)
        writer.flag(48, lazyPages)
        writer.flag(50, passesOrphanTerminals)
        writer.field(51, configFile)
        writer.flag(52, closesTCP)
        writer.field(53, lsmProfile)
        writer.field(63, lsmMountContext)
        writer.field(64, networkLock?.rawValue)
        return writer
    }

    private func pair(_ first: String, _ second: String) -> ProtobufWriter {
        var writer = ProtobufWriter()
        writer.field(1, first)
        writer.field(2, second)
        return writer
    }
}

extension RequestOptions.PageServer {
    fileprivate func encoded() -> ProtobufWriter {
        var writer = ProtobufWriter()
        writer.field(1, address)
        writer.field(2, port)
        return writer
    }
}

extension RequestOptions.CgroupRoot {
    /// The version 2 hierarchy has the empty name; without a name it would be all of them.
    fileprivate func encoded() -> ProtobufWriter {
        var writer = ProtobufWriter()
        writer.field(1, controllers)
        writer.field(2, path)
        return writer
    }
}

extension RequestOptions.InheritedDescriptor {
    fileprivate func encoded() -> ProtobufWriter {
        var writer = ProtobufWriter()
        writer.field(1, key)
        writer.field(2, descriptor)
        return writer
    }
}
