/// Limits and device rules of the cgroup (`/linux/resources`, and `update --resources`).
package struct Resources: Sendable, Equatable {
    /// Device rules; later ones win.
    package var devices: [DeviceRule]?
    /// Memory limits.
    package var memory: MemoryResources?
    /// CPU limits.
    package var cpu: CPUResources?
    /// The limit on tasks.
    package var pids: PidsResources?
    /// Block I/O limits.
    package var blockIO: BlockIO?
    /// Limits on huge pages.
    package var hugepageLimits: [HugepageLimit]?
    /// Network class and priorities (cgroup v1 alone).
    package var network: NetworkResources?
    /// RDMA limits, in the order of the document.
    package var rdma: [RdmaLimit]?
    /// Files of cgroup v2 and their contents, in document order.
    package var unified: [StringEntry]?

    /// Creates a value; what is not given is absent.
    package init(
        devices: [DeviceRule]? = nil, memory: MemoryResources? = nil, cpu: CPUResources? = nil,
        pids: PidsResources? = nil, blockIO: BlockIO? = nil, hugepageLimits: [HugepageLimit]? = nil,
        network: NetworkResources? = nil, rdma: [RdmaLimit]? = nil, unified: [StringEntry]? = nil
    ) {
        self.devices = devices
        self.memory = memory
        self.cpu = cpu
        self.pids = pids
        self.blockIO = blockIO
        self.hugepageLimits = hugepageLimits
        self.network = network
        self.rdma = rdma
        self.unified = unified
    }
}

/// A device rule (`/linux/resources/devices/N`).
package struct DeviceRule: Sendable, Equatable {
    /// Whether access is allowed or denied.
    package var allow: Bool
    /// Which devices; all when absent.
    package var type: DeviceRuleType?
    /// The major number; absent or -1 for any.
    package var major: Int64?
    /// The minor number; absent or -1 for any.
    package var minor: Int64?
    /// A combination of `r` (read), `w` (write) and `m` (mknod).
    package var access: String?

    /// Creates a value; what is not given is absent.
    package init(
        allow: Bool, type: DeviceRuleType? = nil, major: Int64? = nil, minor: Int64? = nil,
        access: String? = nil
    ) {
        self.allow = allow
        self.type = type
        self.major = major
        self.minor = minor
        self.access = access
    }
}

/// Kinds of devices in a device rule.
package enum DeviceRuleType: String, Sendable, CaseIterable {
    case all = "a"
    case character = "c"
    case block = "b"
}

/// Memory limits in bytes; -1 is unlimited (`/linux/resources/memory`).
package struct MemoryResources: Sendable, Equatable {
    /// The hard limit.
    package var limit: Int64?
    /// The soft limit.
    package var reservation: Int64?
    /// The limit of memory and swap together.
    package var swap: Int64?
    /// Kernel memory (obsolete).
    package var kernel: Int64?
    /// TCP buffers of the kernel (obsolete).
    package var kernelTCP: Int64?
    /// How eagerly to swap, 0 to 100.
    package var swappiness: UInt64?
    /// Whether tasks wait for memory instead of being killed.
    package var disableOOMKiller: Bool?
    /// Whether children count too (cgroup v1).
    package var useHierarchy: Bool?
    /// Whether to refuse a new limit below the present usage.
    package var checkBeforeUpdate: Bool?

    /// Creates a value; what is not given is absent.
    package init(
        limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil, kernel: Int64? = nil,
        kernelTCP: Int64? = nil, swappiness: UInt64? = nil, disableOOMKiller: Bool? = nil,
        useHierarchy: Bool? = nil, checkBeforeUpdate: Bool? = nil
    ) {
        self.limit = limit
        self.reservation = reservation
        self.swap = swap
        self.kernel = kernel
        self.kernelTCP = kernelTCP
        self.swappiness = swappiness
        self.disableOOMKiller = disableOOMKiller
        self.useHierarchy = useHierarchy
        self.checkBeforeUpdate = checkBeforeUpdate
    }
}

/// CPU limits (`/linux/resources/cpu`).
package struct CPUResources: Sendable, Equatable {
    /// The relative weight, in the scale of cgroup v1.
    package var shares: UInt64?
    /// Time per period, in microseconds; 0 or less is unlimited.
    package var quota: Int64?
    /// Time above the quota that may be saved up, in microseconds.
    package var burst: UInt64?
    /// The period, in microseconds.
    package var period: UInt64?
    /// Realtime time per period, in microseconds.
    package var realtimeRuntime: Int64?
    /// The realtime period, in microseconds.
    package var realtimePeriod: UInt64?
    /// The CPUs, such as `0-3,7`.
    package var cpus: String?
    /// The memory nodes, such as `0-1`.
    package var mems: String?
    /// 1 for SCHED_IDLE of the whole cgroup.
    package var idle: Int64?

    /// Creates a value; what is not given is absent.
    package init(
        shares: UInt64? = nil, quota: Int64? = nil, burst: UInt64? = nil, period: UInt64? = nil,
        realtimeRuntime: Int64? = nil, realtimePeriod: UInt64? = nil, cpus: String? = nil,
        mems: String? = nil, idle: Int64? = nil
    ) {
        self.shares = shares
        self.quota = quota
        self.burst = burst
        self.period = period
        self.realtimeRuntime = realtimeRuntime
        self.realtimePeriod = realtimePeriod
        self.cpus = cpus
        self.mems = mems
        self.idle = idle
    }
}

/// The limit on tasks (`/linux/resources/pids`).
package struct PidsResources: Sendable, Equatable {
    /// Tasks; -1 is unlimited and 0 is a limit of 0. Absent means no change.
    package var limit: Int64?

    /// Creates a value; what is not given is absent.
    package init(limit: Int64? = nil) {
        self.limit = limit
    }
}
