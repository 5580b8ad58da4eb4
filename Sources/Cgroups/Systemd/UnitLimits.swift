import Kernel

/// Limits as properties of a unit, so that systemd keeps them when it writes the unit's cgroup.
///
/// Made from the writes that the cgroup gets anyway, so that both say the same; a file that systemd
/// has no property for is written only.
enum UnitLimits {
    /// The properties for writes, in their order.
    ///
    /// - Parameter version: of systemd; what it does not know yet is left to the files.
    static func properties(
        for writes: [CgroupWrite], version: Int
    ) throws(CgroupError) -> [UnitProperty] {
        var result: [UnitProperty] = []
        for write in writes {
            result +=
                write.controller.isEmpty
                ? try unified(write, version) : try versionOne(write)
        }
        return result
    }

    /// Whether one of the writes means something else to an older systemd.
    static func dependOnVersion(_ writes: [CgroupWrite]) -> Bool {
        writes.contains { write in
            switch write.file {
            case "cpu.max", "cpu.idle", "cpuset.cpus", "cpuset.mems", "memory.oom.group":
                write.controller.isEmpty
            default: false
            }
        }
    }

    private static func unified(
        _ write: CgroupWrite, _ version: Int
    ) throws(CgroupError) -> [UnitProperty] {
        switch write.file {
        case "memory.min": return try limit("MemoryMin", write)
        case "memory.low": return try limit("MemoryLow", write)
        case "memory.high": return try limit("MemoryHigh", write)
        case "memory.max": return try limit("MemoryMax", write)
        case "memory.swap.max": return try limit("MemorySwapMax", write)
        case "memory.oom.group":
            // Scopes have a policy since 253; before, systemd leaves the file alone.
            return version >= 253
                ? [UnitProperty("OOMPolicy", .text(write.value == "1" ? "kill" : "continue"))] : []
        case "pids.max": return try tasks(write)
        case "cpu.weight": return try limit("CPUWeight", write)
        case "io.bfq.weight": return try ioWeight(write)
        case "io.weight": return costWeight(write)
        case "cpu.idle":
            // A weight of 0 is systemd's `idle`.
            return version >= 252 && write.value == "1"
                ? [UnitProperty("CPUWeight", .number(0))] : []
        case "cpu.max": return try quota(write, version)
        case "cpuset.cpus":
            return version >= 244 ? [UnitProperty("AllowedCPUs", .bytes(try mask(write)))] : []
        case "cpuset.mems":
            return version >= 244
                ? [UnitProperty("AllowedMemoryNodes", .bytes(try mask(write)))] : []
        default: return []
        }
    }

    private static func versionOne(_ write: CgroupWrite) throws(CgroupError) -> [UnitProperty] {
        switch write.file {
        case "memory.limit_in_bytes": return try limit("MemoryLimit", write)
        case "cpu.shares": return try limit("CPUShares", write)
        case "blkio.weight": return try limit("BlockIOWeight", write)
        case "pids.max": return try tasks(write)
        default: return []
        }
    }

    private static func limit(
        _ name: String, _ write: CgroupWrite
    ) throws(CgroupError) -> [UnitProperty] {
        [UnitProperty(name, .number(try number(write)))]
    }

    // systemd has no limit of zero tasks; the file gets the zero afterwards.
    private static func tasks(_ write: CgroupWrite) throws(CgroupError) -> [UnitProperty] {
        [UnitProperty("TasksMax", .number(max(1, try number(write))))]
    }

    // For BFQ systemd shrinks 100...10000 to 100...1000, and this is the way back; the cost model
    // gets its number as it is. A weight for one device is not the unit's.
    private static func ioWeight(_ write: CgroupWrite) throws(CgroupError) -> [UnitProperty] {
        if write.value.utf8.contains(UInt8(ascii: " ")) { return [] }
        let weight = try number(write)
        guard (1...1000).contains(weight) else { throw unreadable(write) }
        let name = "IOWeight"
        guard !Files.exists("/sys/module/bfq"), let cost = write.fallback else {
            return [UnitProperty(name, .number(weight <= 100 ? weight : 100 + (weight - 100) * 11))]
        }
        guard let weight = UInt64(cost.value) else { throw unreadable(write) }
        return [UnitProperty(name, .number(weight))]
    }

    // Of `unified`, which is passed on as it is: `100` or `default 100`; a device has a number.
    private static func costWeight(_ write: CgroupWrite) -> [UnitProperty] {
        let words = write.value.split(separator: " ")
        guard words.count == 1 || words.count == 2 && words[0] == "default",
            let weight = words.last.flatMap({ UInt64($0) })
        else { return [] }
        return [UnitProperty("IOWeight", .number(weight))]
    }

    // systemd counts in whole percents of a processor, that is 10 ms of every second.
    private static func quota(
        _ write: CgroupWrite, _ version: Int
    ) throws(CgroupError) -> [UnitProperty] {
        let words = write.value.split(separator: " ")
        let period = words.count > 1 ? UInt64(words[1]) : 100_000
        guard let first = words.first, let period, period != 0 else { throw unreadable(write) }
        var result: [UnitProperty] = []
        if first == "max" {
            result.append(UnitProperty("CPUQuotaPerSecUSec", .infinity))
        } else {
            guard let quota = UInt64(first) else { throw unreadable(write) }
            let (product, overflow) = quota.multipliedReportingOverflow(by: 1_000_000)
            guard !overflow else { throw unreadable(write) }
            let perSecond = product / period
            let percent: UInt64 = 10_000
            result.append(
                UnitProperty(
                    "CPUQuotaPerSecUSec",
                    .number(max(1, (perSecond + percent - 1) / percent) * percent)))
        }
        if words.count > 1 && version >= 242 {
            result.append(UnitProperty("CPUQuotaPeriodUSec", .number(period)))
        }
        return result
    }

    private static func mask(_ write: CgroupWrite) throws(CgroupError) -> [UInt8] {
        guard let set = CPUAffinity(list: write.value) else { throw unreadable(write) }
        return set.bytes
    }

    private static func number(_ write: CgroupWrite) throws(CgroupError) -> UInt64 {
        if write.value == "max" || write.value == "-1" { return .max }
        guard let value = UInt64(write.value) else { throw unreadable(write) }
        return value
    }

    private static func unreadable(_ write: CgroupWrite) -> CgroupError {
        CgroupError("systemd cannot take \"\(write.value)\"", property: write.property)
    }
}
