/// The limits of a container, validated and in plain Swift: what `linux.resources` means.
///
/// Every value is optional. Nothing given means nothing written, at create and at update alike; a
/// value that cannot be applied is an error, never skipped. Sources: runtime-spec 1.3.0,
/// config-linux "Control groups"; the kernel's admin-guide/cgroup-v1 and cgroup-v2.
package struct CgroupResources: Equatable, Sendable {
    /// Device rules in the order of the specification: the last one that matches decides.
    ///
    /// The devices that every container has (null, zero, terminals, ...) are added by the manager.
    /// Applied at create only: an update never touches device rules.
    package var devices: [CgroupDeviceRule] = []
    /// `linux.resources.cpu`.
    package var cpu = CPU()
    /// `linux.resources.memory`.
    package var memory = Memory()
    /// `linux.resources.pids.limit`: -1 is no limit, 0 is a real limit of zero.
    package var pidsLimit: Int64?
    /// `linux.resources.blockIO`.
    package var blockIO = BlockIO()
    /// `linux.resources.hugepageLimits`.
    package var hugepages: [HugepageLimit] = []
    /// `linux.resources.network`.
    package var network = Network()
    /// `linux.resources.rdma`.
    package var rdma: [RDMALimit] = []
    /// `linux.resources.unified`: files of cgroup v2 and their values, written last.
    package var unified: [UnifiedValue] = []

    /// No limits at all.
    package init() {}
}

extension CgroupResources {
    /// Processor time and placement.
    package struct CPU: Equatable, Sendable {
        /// Relative weight as cgroup v1 counts it (default 1024); 0 is unset.
        package var shares: UInt64?
        /// Microseconds of processor time in each period; 0 or less is no limit.
        package var quota: Int64?
        /// Microseconds that may be saved up beyond the quota (Linux 5.14).
        package var burst: UInt64?
        /// Length of a period in microseconds.
        package var period: UInt64?
        /// Microseconds of realtime scheduling in each realtime period; cgroup v1 only.
        package var realtimeRuntime: Int64?
        /// Length of a realtime period in microseconds; cgroup v1 only.
        package var realtimePeriod: UInt64?
        /// Processors, such as `0-2,7`.
        package var cpus: String?
        /// Memory nodes, such as `0,2`.
        package var mems: String?
        /// 1 gives the cgroup `SCHED_IDLE`, 0 takes it back (Linux 5.15).
        package var idle: Int64?

        /// Nothing set.
        package init() {}
    }

    /// Memory in bytes; -1 is no limit.
    package struct Memory: Equatable, Sendable {
        /// Hard limit.
        package var limit: Int64?
        /// Soft limit.
        package var reservation: Int64?
        /// Memory and swap together, as cgroup v1 counts them.
        package var swap: Int64?
        /// Obsolete since Linux 5.4: reported as a warning and otherwise ignored.
        package var kernel: Int64?
        /// Obsolete with `kernel`: reported as a warning and otherwise ignored.
        package var kernelTCP: Int64?
        /// 0 to 100; cgroup v1 only.
        package var swappiness: UInt64?
        /// Suspends instead of killing when out of memory; cgroup v1 only.
        package var disableOOMKiller: Bool?
        /// Accounts children to their parents; cgroup v1 only (always on since Linux 5.11).
        package var useHierarchy: Bool?
        /// Makes a limit below the present use an error instead of a way to kill.
        package var checkBeforeUpdate: Bool?

        /// Nothing set.
        package init() {}
    }

    /// Block devices.
    package struct BlockIO: Equatable, Sendable {
        /// 10 to 1000.
        package var weight: UInt16?
        /// 10 to 1000, against the cgroup's own children; cgroup v1 only.
        package var leafWeight: UInt16?
        /// Weights for single devices.
        package var weightDevices: [WeightDevice] = []
        /// Bytes per second.
        package var throttleReadBps: [ThrottleDevice] = []
        /// Bytes per second.
        package var throttleWriteBps: [ThrottleDevice] = []
        /// Operations per second.
        package var throttleReadIOPS: [ThrottleDevice] = []
        /// Operations per second.
        package var throttleWriteIOPS: [ThrottleDevice] = []

        /// Nothing set.
        package init() {}
    }

    /// The weight of one block device.
    package struct WeightDevice: Equatable, Sendable {
        package var major: Int64
        package var minor: Int64
        package var weight: UInt16?
        package var leafWeight: UInt16?

        /// A device and its weights.
        package init(major: Int64, minor: Int64, weight: UInt16? = nil, leafWeight: UInt16? = nil) {
            self.major = major
            self.minor = minor
            self.weight = weight
            self.leafWeight = leafWeight
        }
    }

    /// The rate limit of one block device; 0 takes a limit away.
    package struct ThrottleDevice: Equatable, Sendable {
        package var major: Int64
        package var minor: Int64
        package var rate: UInt64

        /// A device and its rate.
        package init(major: Int64, minor: Int64, rate: UInt64) {
            self.major = major
            self.minor = minor
            self.rate = rate
        }
    }

    /// A limit on huge pages of one size.
    package struct HugepageLimit: Equatable, Sendable {
        /// The size as the kernel writes it in file names: `2MB`, `1GB`.
        package var pageSize: String
        /// Bytes.
        package var limit: UInt64

        /// A page size and its limit.
        package init(pageSize: String, limit: UInt64) {
            self.pageSize = pageSize
            self.limit = limit
        }
    }

    /// Marks on network traffic; cgroup v1 only.
    package struct Network: Equatable, Sendable {
        /// `net_cls.classid`.
        package var classID: UInt32?
        /// `net_prio.ifpriomap`.
        package var priorities: [InterfacePriority] = []

        /// Nothing set.
        package init() {}
    }

    /// The priority of traffic that leaves through one interface.
    package struct InterfacePriority: Equatable, Sendable {
        package var name: String
        package var priority: UInt32

        /// An interface and its priority.
        package init(name: String, priority: UInt32) {
            self.name = name
            self.priority = priority
        }
    }

    /// Limits on one RDMA device; a missing value is no limit.
    package struct RDMALimit: Equatable, Sendable {
        package var device: String
        package var hcaHandles: UInt32?
        package var hcaObjects: UInt32?

        /// A device and its limits.
        package init(device: String, hcaHandles: UInt32? = nil, hcaObjects: UInt32? = nil) {
            self.device = device
            self.hcaHandles = hcaHandles
            self.hcaObjects = hcaObjects
        }
    }

    /// One file of cgroup v2 and what to write into it, line by line.
    package struct UnifiedValue: Equatable, Sendable {
        package var file: String
        package var value: String

        /// A file name (no path) and its value.
        package init(_ file: String, _ value: String) {
            self.file = file
            self.value = value
        }
    }
}

/// One entry of `linux.resources.devices`.
package struct CgroupDeviceRule: Equatable, Sendable {
    /// What sort of device node a rule speaks of.
    package enum Kind: UInt8, Equatable, Sendable {
        /// `a`: the whole list is set to allow or to deny; numbers and access do not count.
        case all
        /// `c` or `u`.
        case character
        /// `b`.
        case block
    }

    /// What may be done with a device; the raw values are the kernel's `BPF_DEVCG_ACC_*`.
    package struct Access: OptionSet, Equatable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let mknod = Access(rawValue: 1)
        package static let read = Access(rawValue: 2)
        package static let write = Access(rawValue: 4)
        package static let everything: Access = [.read, .write, .mknod]
    }

    package var allow: Bool
    package var kind: Kind
    /// `nil` is every major number.
    package var major: Int64?
    /// `nil` is every minor number.
    package var minor: Int64?
    package var access: Access

    /// A rule; without numbers it speaks of every device of its kind.
    package init(
        allow: Bool, kind: Kind, major: Int64? = nil, minor: Int64? = nil,
        access: Access = .everything
    ) {
        self.allow = allow
        self.kind = kind
        self.major = major
        self.minor = minor
        self.access = access
    }
}
