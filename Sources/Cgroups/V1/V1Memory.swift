/// `linux.resources.memory` as files of the version 1 `memory` controller.
///
/// Zero counts as not given for limit, reservation and swap, as engines send it.
enum V1Memory {
    static func convert(
        _ memory: CgroupResources.Memory, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        MemoryRules.warnAboutKernelMemory(memory, into: &list)
        if let useHierarchy = memory.useHierarchy {
            list.add(
                "memory", "memory.use_hierarchy", useHierarchy ? "1" : "0", "memory/useHierarchy")
        }
        convertLimits(memory, into: &list)
        if let reservation = memory.reservation, reservation != 0 {
            list.add(
                "memory", "memory.soft_limit_in_bytes", String(max(reservation, -1)),
                "memory/reservation")
        }
        if let swappiness = memory.swappiness {
            try MemoryRules.check(swappiness: swappiness)
            list.add("memory", "memory.swappiness", String(swappiness), "memory/swappiness")
        }
        if let disable = memory.disableOOMKiller {
            // Not disabling is the default, also of kernels that lost the file.
            list.add(
                "memory", "memory.oom_control", disable ? "1" : "0", "memory/disableOOMKiller",
                options: disable ? [] : .mayBeMissing)
        }
    }

    // The kernel wants memory <= memory+swap at every moment: the limit is refused while it is
    // above the present total, and the total while it is below the present limit. So the limit may
    // be deferred behind the total.
    private static func convertLimits(
        _ memory: CgroupResources.Memory, into list: inout CgroupWriteList
    ) {
        let limit = memory.limit ?? 0
        var swap = memory.swap ?? 0
        var swapProperty = "memory/swap"
        if limit == -1 && swap == 0 {
            // Memory without limit cannot stay below a limited total.
            swap = -1
            swapProperty = "memory/limit"
        }
        if limit != 0 {
            list.add(
                "memory", "memory.limit_in_bytes", String(max(limit, -1)), "memory/limit",
                options: swap != 0 ? .deferrable : [])
        }
        if swap != 0 {
            list.add(
                "memory", "memory.memsw.limit_in_bytes", String(max(swap, -1)), swapProperty,
                options: swap < 0 ? .mayBeMissing : [])
        }
    }
}

/// What both versions say about memory.
enum MemoryRules {
    static func warnAboutKernelMemory(
        _ memory: CgroupResources.Memory, into list: inout CgroupWriteList
    ) {
        let message = "kernel memory limits are obsolete in Linux and ignored"
        if let kernel = memory.kernel, kernel != 0 { list.warn("memory/kernel", message) }
        if let kernel = memory.kernelTCP, kernel != 0 { list.warn("memory/kernelTCP", message) }
    }

    static func check(swappiness: UInt64) throws(CgroupError) {
        if swappiness > 100 {
            throw CgroupWriteList.invalid(
                "memory/swappiness",
                "invalid memory swappiness value: \(swappiness) (valid range is 0-100)")
        }
    }

    /// `checkBeforeUpdate`: a limit below the present use would make the kernel kill.
    static func checkUsage(
        _ memory: CgroupResources.Memory, _ usageFile: String
    ) throws(CgroupError) {
        guard let usage = CgroupFile.number(usageFile) else { return }
        if let swap = memory.swap, swap > 0, UInt64(swap) < usage {
            throw CgroupWriteList.invalid(
                "memory/swap", "rejecting memory+swap limit \(swap) < usage \(usage)")
        }
        if let limit = memory.limit, limit > 0, UInt64(limit) < usage {
            throw CgroupWriteList.invalid(
                "memory/limit", "rejecting memory limit \(limit) < usage \(usage)")
        }
    }
}
