/// What CRIU is asked to do, in its own terms: `criu_opts` of its interface (criu.org/RPC).
///
/// Each names the option of criu(8) that it is.
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
        /// The name that the dump gave to what is replaced, such as `pipe:[123]` (`--inherit-fd`).
        package var key: String
        /// The number of the descriptor in CRIU.
        package var descriptor: Int32

        /// A name of the dump, and the number of a descriptor of CRIU.
        package init(key: String, descriptor: Int32) {
            self.key = key
            self.descriptor = descriptor
        }
    }

    /// A namespace that exists and that the restored processes join.
    package struct JoinedNamespace: Equatable, Sendable {
        /// As in `/proc/PID/ns`: `net`, `pid`.
        package var kind: String
        /// The file of the namespace, as CRIU sees it.
        package var path: String

        /// The name of the kind as in `/proc/PID/ns`, and the file.
        package init(kind: String, path: String) {
            self.kind = kind
            self.path = path
        }
    }

    /// Where the cgroups of one hierarchy are restored.
    package struct CgroupRoot: Equatable, Sendable {
        /// As in `/proc/PID/cgroup`: `cpu,cpuacct`; empty for version 2.
        package var controllers: String
        /// A path below the hierarchy's root.
        package var path: String

        /// Controllers as in `/proc/PID/cgroup`, empty for version 2; a path below the hierarchy.
        package init(controllers: String, path: String) {
            self.controllers = controllers
            self.path = path
        }
    }

    /// The other end of a transfer of memory.
    package struct PageServer: Equatable, Sendable {
        /// A name or number of the host.
        package var address: String
        /// In the host's byte order.
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
    /// The first process to dump (`--tree`), in the caller's PID namespace.
    package var pid: Int32?
    /// From 0 (nothing) to 4 (everything) (`-v`).
    package var logLevel: Int32 = 4
    /// The name of the log below the work directory (`--log-file`).
    package var logFile: String?
    /// The root file system of a restore (`--root`), in CRIU's mount namespace.
    package var root: String?
    /// The directory of an older image, relative to the images (`--prev-images-dir`).
    package var parentImage: String?
    /// A file of more options, which win over these (`--config`).
    package var configFile: String?
    /// The directory of the cgroup that is frozen for the dump (`--freeze-cgroup`).
    package var freezeCgroup: String?
    /// The processes run on after the dump (`--leave-running`).
    package var leavesRunning = false
    /// Sockets may have their other end outside (`--ext-unix-sk`).
    package var allowsExternalUnixSockets = false
    /// Open connections are saved (`--tcp-established`).
    package var allowsEstablishedTCP = false
    /// Connections that are being made are dropped (`--skip-in-flight`).
    package var skipsTCPInFlight = false
    /// Connections come back closed (`--tcp-close`).
    package var closesTCP = false
    /// A device may be found under another name (`--evasive-devices`).
    package var usesEvasiveDevices = false
    /// Session and terminal may be outside (`--shell-job`).
    package var isShellJob = false
    /// Locks of files are saved (`--file-locks`).
    package var allowsFileLocks = false
    /// The kernel notes which pages change from now on (`--track-mem`).
    package var tracksMemory = false
    /// Pages of older images are dropped that this one replaces (`--auto-dedup`).
    package var autoDedup = false
    /// Open files without a name get one for the while (`--link-remap`).
    package var linkRemap = false
    /// The first process is a child of CRIU's parent (`--restore-sibling`).
    package var restoresAsSibling = false
    /// Memory is fetched when it is used (`--lazy-pages`).
    package var lazyPages = false
    /// The master of a terminal without one is handed over by a notification
    /// (`--orphan-pts-master`).
    package var passesOrphanTerminals = false
    /// CRIU says what it has come to and waits for an answer (`notify_scripts`).
    package var sendsNotifications = false
    /// Cgroups are saved and made (`--manage-cgroups`).
    package var managesCgroups = false
    /// How cgroups that exist are treated (`--manage-cgroups=MODE`); nil for CRIU's own choice.
    package var cgroupsMode: CgroupsMode?
    /// How traffic is held back meanwhile (`--network-lock`); nil for CRIU's own choice.
    package var networkLock: NetworkLock?
    /// CLONE_NEW* of the namespaces whose contents are left out.
    package var emptyNamespaces: UInt32?
    /// Where pages go instead of into the images (`--page-server`).
    package var pageServer: PageServer?
    /// The profile of a restore, as `TYPE:NAME` (`--lsm-profile`).
    package var lsmProfile: String?
    /// The SELinux context of restored mounts (`--lsm-mount-context`).
    package var lsmMountContext: String?
    /// Mounts from outside (`--external mnt[KEY]:VALUE`).
    package var externalMounts: [ExternalMount] = []
    /// What is not saved: `net[INODE]:NAME`, `file[MOUNT:INODE]`.
    package var external: [String] = []
    /// Descriptors from outside (`--inherit-fd`).
    package var inheritedDescriptors: [InheritedDescriptor] = []
    /// Namespaces from outside (`--join-ns`).
    package var joinedNamespaces: [JoinedNamespace] = []
    /// Where cgroups are restored (`--cgroup-root`).
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
