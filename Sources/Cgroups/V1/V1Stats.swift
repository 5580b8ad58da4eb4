import Kernel

/// What the controllers of version 1 count.
enum V1Stats {
    /// Adds the figures of whatever controllers a hierarchy has.
    static func read(_ hierarchy: CgroupHierarchy, into stats: inout CgroupStats) {
        let directory = hierarchy.directory + "/"
        for controller in hierarchy.controllers.split(separator: ",") {
            switch controller {
            case "cpu": readCPU(directory, into: &stats)
            case "cpuacct": readCPUAccounting(directory, into: &stats)
            case "cpuset": stats.cpuset = cpuset(directory)
            case "memory": stats.memory = memory(directory)
            case "pids": stats.pids = pids(directory)
            case "blkio": stats.blockIO = V1BlockStats.read(directory)
            case "hugetlb": stats.hugetlb = hugetlb(hierarchy.directory)
            default: continue
            }
        }
    }

    /// Beyond this a limit is none: the kernel prints the greatest count of pages it can hold.
    private static let noLimit: UInt64 = 1 << 62

    static func oomFacts(_ directory: String) -> CgroupOOMFacts {
        var facts = CgroupOOMFacts()
        // The count stands behind two flags since Linux 4.13.
        facts.oomKills = CgroupFile.number(directory + "/memory.oom_control", key: "oom_kill")
        let limit = CgroupFile.number(directory + "/memory.limit_in_bytes")
        facts.limit = limit.flatMap { $0 >= noLimit ? nil : $0 }
        facts.peak = CgroupFile.number(directory + "/memory.max_usage_in_bytes")
        return facts
    }
}

// MARK: - Controllers

extension V1Stats {
    private static func counters(_ path: String) -> [CgroupStats.Counter] {
        StatsText.counters(CgroupFile.text(path) ?? "")
    }

    private static func readCPU(_ directory: String, into stats: inout CgroupStats) {
        let counters = counters(directory + "cpu.stat")
        var cpu = stats.cpu ?? CgroupStats.CPU()
        cpu.periods = StatsText.value("nr_periods", in: counters)
        cpu.throttledPeriods = StatsText.value("nr_throttled", in: counters)
        cpu.throttledTime = StatsText.value("throttled_time", in: counters)
        stats.cpu = cpu
    }

    private static func readCPUAccounting(_ directory: String, into stats: inout CgroupStats) {
        var cpu = stats.cpu ?? CgroupStats.CPU()
        cpu.total = CgroupFile.number(directory + "cpuacct.usage") ?? 0
        cpu.perCPU = StatsText.numbers(CgroupFile.text(directory + "cpuacct.usage_percpu") ?? "")
        // Ticks of 10 ms: USER_HZ is 100 on every architecture that this builds for.
        let ticks = counters(directory + "cpuacct.stat")
        cpu.user = StatsText.value("user", in: ticks) * 10_000_000
        cpu.kernel = StatsText.value("system", in: ticks) * 10_000_000
        let all = CgroupFile.text(directory + "cpuacct.usage_all") ?? ""
        for line in all.split(separator: "\n").dropFirst() {
            let numbers = StatsText.numbers(String(line))
            guard numbers.count == 3 else { continue }
            cpu.perCPUUser.append(numbers[1])
            cpu.perCPUKernel.append(numbers[2])
        }
        stats.cpu = cpu
    }

    private static func cpuset(_ directory: String) -> CgroupStats.CPUSet {
        func number(_ name: String) -> UInt64 {
            CgroupFile.number(directory + "cpuset." + name) ?? 0
        }
        func list(_ name: String) -> [UInt32] {
            StatsText.list(CgroupFile.text(directory + "cpuset." + name) ?? "")
        }
        var set = CgroupStats.CPUSet()
        set.cpus = list("cpus")
        set.mems = list("mems")
        set.cpuExclusive = number("cpu_exclusive")
        set.memHardwall = number("mem_hardwall")
        set.memExclusive = number("mem_exclusive")
        set.memoryMigrate = number("memory_migrate")
        set.memorySpreadPage = number("memory_spread_page")
        set.memorySpreadSlab = number("memory_spread_slab")
        set.memoryPressure = number("memory_pressure")
        set.schedLoadBalance = number("sched_load_balance")
        let level = try? CgroupFile.value(directory + "cpuset.sched_relax_domain_level")
        set.schedRelaxDomainLevel = level.flatMap { Int64($0) } ?? 0
        return set
    }

    private static func memory(_ directory: String) -> CgroupStats.Memory {
        func entry(_ name: String) -> CgroupStats.MemoryEntry {
            let prefix = directory + "memory." + name
            var entry = CgroupStats.MemoryEntry()
            entry.limit = CgroupFile.number(prefix + "limit_in_bytes") ?? 0
            entry.usage = CgroupFile.number(prefix + "usage_in_bytes") ?? 0
            entry.max = CgroupFile.number(prefix + "max_usage_in_bytes") ?? 0
            entry.failures = CgroupFile.number(prefix + "failcnt") ?? 0
            return entry
        }
        var memory = CgroupStats.Memory()
        memory.raw = counters(directory + "memory.stat")
        memory.cache = StatsText.value("cache", in: memory.raw)
        memory.usage = entry("")
        memory.swap = entry("memsw.")
        memory.kernel = entry("kmem.")
        memory.kernelTCP = entry("kmem.tcp.")
        return memory
    }

    private static func pids(_ directory: String) -> CgroupStats.PIDs {
        var pids = CgroupStats.PIDs()
        pids.current = CgroupFile.number(directory + "pids.current") ?? 0
        pids.limit = CgroupFile.number(directory + "pids.max") ?? 0
        return pids
    }

    private static func hugetlb(_ directory: String) -> [CgroupStats.Hugetlb] {
        StatsText.pageSizes(directory, suffix: ".usage_in_bytes").map { size in
            let prefix = directory + "/hugetlb." + size
            var entry = CgroupStats.Hugetlb(pageSize: size)
            entry.usage = CgroupFile.number(prefix + ".usage_in_bytes") ?? 0
            entry.max = CgroupFile.number(prefix + ".max_usage_in_bytes") ?? 0
            entry.failures = CgroupFile.number(prefix + ".failcnt") ?? 0
            return entry
        }
    }
}
