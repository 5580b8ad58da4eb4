/// `linux.resources.memory` as files of the version 2 `memory` controller.
///
/// Zero counts as not given for limit, reservation and swap, as engines send it.
enum V2Memory {
    static func convert(
        _ memory: CgroupResources.Memory, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        MemoryRules.warnAboutKernelMemory(memory, into: &list)
        if memory.swappiness != nil {
            throw CgroupWriteList.invalid("memory/swappiness", "cgroup v2 has no swappiness")
        }
        if memory.disableOOMKiller == true {
            throw CgroupWriteList.invalid(
                "memory/disableOOMKiller", "the OOM killer cannot be disabled on cgroup v2")
        }
        if memory.useHierarchy == false {
            throw CgroupWriteList.invalid(
                "memory/useHierarchy", "cgroup v2 always accounts hierarchically")
        }
        if let swap = try swapAlone(limit: memory.limit ?? 0, total: memory.swap ?? 0) {
            // A kernel without swap accounting lacks the file: no swap and no limit are both true.
            list.add(
                "", "memory.swap.max", unifiedLimit(swap),
                memory.swap ?? 0 != 0 ? "memory/swap" : "memory/limit",
                options: swap <= 0 ? .mayBeMissing : [])
        }
        if let limit = memory.limit, limit != 0 {
            list.add("", "memory.max", unifiedLimit(limit), "memory/limit")
        }
        if let reservation = memory.reservation, reservation != 0 {
            list.add("", "memory.low", unifiedLimit(reservation), "memory/reservation")
        }
    }

    /// The swap limit alone, which version 1 counts together with memory; `nil` when none is given.
    static func swapAlone(limit: Int64, total: Int64) throws(CgroupError) -> Int64? {
        // What has no limit for memory has none for swap either, as on version 1.
        if total == 0 { return limit < 0 ? -1 : nil }
        if total < 0 { return -1 }
        if limit < 0 { return total }
        if limit == 0 {
            throw CgroupWriteList.invalid(
                "memory/swap", "unable to set swap limit without memory limit")
        }
        if total < limit {
            throw CgroupWriteList.invalid(
                "memory/swap",
                "memory+swap limit should be >= memory limit (\(total) is below \(limit))")
        }
        return total - limit
    }
}
