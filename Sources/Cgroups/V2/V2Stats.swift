import Kernel

/// What the controllers of version 2 count.
enum V2Stats {
    /// Everything that a version 2 cgroup says.
    static func read(_ directory: String) -> CgroupStats {
        let prefix = directory + "/"
        var stats = CgroupStats()
        stats.cpu = cpu(prefix)
        stats.cpuset = cpuset(prefix)
        stats.memory = memory(prefix)
        stats.pids = pids(prefix)
        stats.blockIO = blockIO(prefix)
        stats.hugetlb = hugetlb(directory)
        return stats
    }

    /// What the version 2 half of a hybrid host adds: pressure, and controllers that only it has.
    static func readHybrid(_ directory: String, into stats: inout CgroupStats) {
        let prefix = directory + "/"
        let own = read(directory)
        if stats.memory == nil { stats.memory = own.memory }
        if stats.pids == nil { stats.pids = own.pids }
        if stats.cpuset == nil { stats.cpuset = own.cpuset }
        if stats.blockIO == nil { stats.blockIO = own.blockIO }
        if stats.hugetlb.isEmpty { stats.hugetlb = own.hugetlb }
        if stats.cpu == nil { stats.cpu = own.cpu }
        stats.cpu?.pressure = StatsText.pressureFile(prefix + "cpu.pressure")
        stats.memory?.pressure = StatsText.pressureFile(prefix + "memory.pressure")
        stats.blockIO?.pressure = StatsText.pressureFile(prefix + "io.pressure")
    }

    static func oomFacts(_ directory: String) -> CgroupOOMFacts {
        var facts = CgroupOOMFacts()
        facts.oomKills = CgroupFile.number(directory + "/memory.events", key: "oom_kill")
        facts.limit = CgroupFile.number(directory + "/memory.max")
        facts.peak = CgroupFile.number(directory + "/memory.peak")
        return facts
    }
}

// MARK: - Controllers

extension V2Stats {
    private static func counters(_ path: String) -> [CgroupStats.Counter]? {
        CgroupFile.text(path).map(StatsText.counters)
    }

    private static func cpu(_ prefix: String) -> CgroupStats.CPU? {
        guard let counters = counters(prefix + "cpu.stat") else { return nil }
        var cpu = CgroupStats.CPU()
        cpu.total = StatsText.value("usage_usec", in: counters) * 1000
        cpu.user = StatsText.value("user_usec", in: counters) * 1000
        cpu.kernel = StatsText.value("system_usec", in: counters) * 1000
        cpu.periods = StatsText.value("nr_periods", in: counters)
        cpu.throttledPeriods = StatsText.value("nr_throttled", in: counters)
        cpu.throttledTime = StatsText.value("throttled_usec", in: counters) * 1000
        cpu.pressure = StatsText.pressureFile(prefix + "cpu.pressure")
        return cpu
    }

    private static func cpuset(_ prefix: String) -> CgroupStats.CPUSet? {
        guard let cpus = CgroupFile.text(prefix + "cpuset.cpus.effective") else { return nil }
        var set = CgroupStats.CPUSet()
        set.cpus = StatsText.list(cpus)
        set.mems = StatsText.list(CgroupFile.text(prefix + "cpuset.mems.effective") ?? "")
        return set
    }

    private static func memory(_ prefix: String) -> CgroupStats.Memory? {
        guard let raw = counters(prefix + "memory.stat") else { return nil }
        var memory = CgroupStats.Memory()
        memory.raw = raw
        memory.cache = StatsText.value("file", in: raw)
        memory.usage.usage = CgroupFile.number(prefix + "memory.current") ?? 0
        memory.usage.limit = StatsText.limit(prefix + "memory.max", none: .max)
        memory.usage.max = CgroupFile.number(prefix + "memory.peak") ?? 0
        memory.usage.failures = CgroupFile.number(prefix + "memory.events", key: "max") ?? 0
        memory.kernel.usage = StatsText.value("kernel", in: raw)
        memory.swap = swap(prefix, memory.usage)
        memory.pressure = StatsText.pressureFile(prefix + "memory.pressure")
        return memory
    }

    // As version 1 counts: memory and swap together.
    private static func swap(
        _ prefix: String, _ usage: CgroupStats.MemoryEntry
    ) -> CgroupStats.MemoryEntry {
        var swap = CgroupStats.MemoryEntry()
        guard let current = CgroupFile.number(prefix + "memory.swap.current") else { return swap }
        let limit = StatsText.limit(prefix + "memory.swap.max", none: .max)
        swap.usage = current &+ usage.usage
        let (sum, overflow) = limit.addingReportingOverflow(usage.limit)
        swap.limit = overflow ? .max : sum
        // The two peaks are of different moments, so their sum is an upper bound.
        let peak = CgroupFile.number(prefix + "memory.swap.peak") ?? 0
        swap.max = peak == 0 ? 0 : peak &+ usage.max
        swap.failures = CgroupFile.number(prefix + "memory.swap.events", key: "max") ?? 0
        return swap
    }

    private static func pids(_ prefix: String) -> CgroupStats.PIDs? {
        guard let current = CgroupFile.number(prefix + "pids.current") else { return nil }
        var pids = CgroupStats.PIDs()
        pids.current = current
        pids.limit = CgroupFile.number(prefix + "pids.max") ?? 0
        return pids
    }

    private static func blockIO(_ prefix: String) -> CgroupStats.BlockIO? {
        guard let text = CgroupFile.text(prefix + "io.stat") else { return nil }
        var stats = parseIO(text)
        stats.pressure = StatsText.pressureFile(prefix + "io.pressure")
        return stats
    }

    /// `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`, in the terms of version 1.
    static func parseIO(_ text: String) -> CgroupStats.BlockIO {
        var stats = CgroupStats.BlockIO()
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let first = fields.first, let device = StatsText.device(first) else { continue }
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=")
                guard pair.count == 2, let value = UInt64(pair[1]) else { continue }
                func entry(_ operation: String) -> CgroupStats.BlockEntry {
                    CgroupStats.BlockEntry(
                        major: device.major, minor: device.minor, operation: operation,
                        value: value)
                }
                switch pair[0] {
                case "rbytes": stats.serviceBytes.append(entry("Read"))
                case "wbytes": stats.serviceBytes.append(entry("Write"))
                case "dbytes": stats.serviceBytes.append(entry("Discard"))
                case "rios": stats.serviced.append(entry("Read"))
                case "wios": stats.serviced.append(entry("Write"))
                case "dios": stats.serviced.append(entry("Discard"))
                default: continue
                }
            }
        }
        return stats
    }

    private static func hugetlb(_ directory: String) -> [CgroupStats.Hugetlb] {
        StatsText.pageSizes(directory, suffix: ".current").map { size in
            let prefix = directory + "/hugetlb." + size
            var entry = CgroupStats.Hugetlb(pageSize: size)
            entry.usage = CgroupFile.number(prefix + ".current") ?? 0
            entry.failures = CgroupFile.number(prefix + ".events", key: "max") ?? 0
            return entry
        }
    }
}
