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

extension Resources: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        devices = object.objects("devices")
        memory = object.object("memory")
        cpu = object.object("cpu")
        pids = object.object("pids")
        blockIO = object.object("blockIO")
        hugepageLimits = object.objects("hugepageLimits")
        network = object.object("network")
        rdma = object.entries("rdma")
        unified = object.stringEntries("unified")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("devices", devices)
        writer.member("memory", memory)
        writer.member("cpu", cpu)
        writer.member("pids", pids)
        writer.member("blockIO", blockIO)
        writer.member("hugepageLimits", hugepageLimits)
        writer.member("network", network)
        writer.member("rdma", rdma)
        writer.member("unified", unified)
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

extension DeviceRule: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        allow = object.requiredBool("allow")
        type = object.keyword("type")
        major = object.integer("major")
        minor = object.integer("minor")
        access = object.string("access", .deviceAccess)
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("allow", allow)
        writer.member("type", type)
        writer.member("major", major)
        writer.member("minor", minor)
        writer.member("access", access)
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

extension MemoryResources: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        limit = object.integer("limit")
        reservation = object.integer("reservation")
        swap = object.integer("swap")
        kernel = object.integer("kernel")
        kernelTCP = object.integer("kernelTCP")
        swappiness = object.integer("swappiness")
        disableOOMKiller = object.bool("disableOOMKiller")
        useHierarchy = object.bool("useHierarchy")
        checkBeforeUpdate = object.bool("checkBeforeUpdate")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("limit", limit)
        writer.member("reservation", reservation)
        writer.member("swap", swap)
        writer.member("kernel", kernel)
        writer.member("kernelTCP", kernelTCP)
        writer.member("swappiness", swappiness)
        writer.member("disableOOMKiller", disableOOMKiller)
        writer.member("useHierarchy", useHierarchy)
        writer.member("checkBeforeUpdate", checkBeforeUpdate)
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

extension CPUResources: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        shares = object.integer("shares")
        quota = object.integer("quota")
        burst = object.integer("burst")
        period = object.integer("period")
        realtimeRuntime = object.integer("realtimeRuntime")
        realtimePeriod = object.integer("realtimePeriod")
        cpus = object.string("cpus")
        mems = object.string("mems")
        idle = object.integer("idle")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("shares", shares)
        writer.member("quota", quota)
        writer.member("burst", burst)
        writer.member("period", period)
        writer.member("realtimeRuntime", realtimeRuntime)
        writer.member("realtimePeriod", realtimePeriod)
        writer.member("cpus", cpus)
        writer.member("mems", mems)
        writer.member("idle", idle)
    }
}

/// The limit on tasks (`/linux/resources/pids`).
package struct PidsResources: Sendable, Equatable {
    /// Tasks; -1 is unlimited, absent means no change.
    ///
    /// 0 is a limit of 0 since version 1.3 of the specification, and none before.
    package var limit: Int64?

    /// Creates a value; what is not given is absent.
    package init(limit: Int64? = nil) {
        self.limit = limit
    }
}

extension PidsResources: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        limit = object.integer("limit")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("limit", limit)
    }
}
