/// `linux.resources.cpu` as files of the version 1 `cpu` controller.
///
/// Zero counts as not given for shares, quota and periods, as engines send it.
enum V1CPU {
    /// The kernel silently clamps shares to this range, so values outside are refused here.
    private static let shares: ClosedRange<UInt64> = 2...262_144

    static func convert(
        _ cpu: CgroupResources.CPU, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        try CPUBurst.check(cpu)
        // An idle cgroup has no shares, and the kernel refuses to set them (Linux 5.15).
        if let idle = cpu.idle {
            list.add("cpu", "cpu.idle", String(idle), "cpu/idle")
        }
        if let shares = cpu.shares, shares != 0, (cpu.idle ?? 0) == 0 {
            if shares < Self.shares.lowerBound {
                throw CgroupWriteList.invalid(
                    "cpu/shares", "the minimum allowed cpu-shares is \(Self.shares.lowerBound)")
            }
            if shares > Self.shares.upperBound {
                throw CgroupWriteList.invalid(
                    "cpu/shares", "the maximum allowed cpu-shares is \(Self.shares.upperBound)")
            }
            list.add("cpu", "cpu.shares", String(shares), "cpu/shares")
        }
        // A period may be refused until the quota fits it, and a burst until the quota covers it.
        if let period = cpu.period, period != 0 {
            list.add(
                "cpu", "cpu.cfs_period_us", String(period), "cpu/period", options: .deferrable)
        }
        if let burst = cpu.burst {
            list.add("cpu", "cpu.cfs_burst_us", String(burst), "cpu/burst", options: .deferrable)
        }
        if let quota = cpu.quota, quota != 0 {
            list.add("cpu", "cpu.cfs_quota_us", String(max(quota, -1)), "cpu/quota")
        }
        if let period = cpu.realtimePeriod, period != 0 {
            list.add(
                "cpu", "cpu.rt_period_us", String(period), "cpu/realtimePeriod",
                options: .deferrable)
        }
        if let runtime = cpu.realtimeRuntime, runtime != 0 {
            list.add("cpu", "cpu.rt_runtime_us", String(runtime), "cpu/realtimeRuntime")
        }
    }
}
