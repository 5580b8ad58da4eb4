import Glibc

/// `linux.resources.cpu` as files of the version 2 `cpu` controller.
///
/// Zero counts as not given for shares, quota and periods, as engines send it.
enum V2CPU {
    static func convert(
        _ cpu: CgroupResources.CPU, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        if let runtime = cpu.realtimeRuntime, runtime != 0 {
            throw unsupported("cpu/realtimeRuntime")
        }
        if let period = cpu.realtimePeriod, period != 0 {
            throw unsupported("cpu/realtimePeriod")
        }
        try CPUBurst.check(cpu)
        if let idle = cpu.idle {
            list.add("", "cpu.idle", String(idle), "cpu/idle")
        }
        // An idle cgroup has no weight, and the kernel refuses to set one.
        if let shares = cpu.shares, shares != 0, (cpu.idle ?? 0) == 0 {
            list.add("", "cpu.weight", String(weight(shares: shares)), "cpu/shares")
        }
        if let burst = cpu.burst {
            list.add("", "cpu.max.burst", String(burst), "cpu/burst", options: .deferrable)
        }
        let quota = cpu.quota ?? 0
        let period = cpu.period ?? 0
        if quota == 0 && period == 0 { return }
        // The kernel keeps the period that is not written: 100 ms in a new cgroup.
        var value = quota > 0 ? String(quota) : "max"
        if period != 0 { value += " \(period)" }
        list.add("", "cpu.max", value, quota != 0 ? "cpu/quota" : "cpu/period")
    }

    /// Version 1 shares as a version 2 weight, so that 2, 1024 and 262144 become 1, 100 and 10000.
    ///
    /// The curve is a quadratic in log2 through those three points: the straight line that older
    /// runtimes draw turns the default of 1024 into 39 and starves containers beside other cgroups.
    static func weight(shares: UInt64) -> UInt64 {
        if shares <= 2 { return 1 }
        if shares >= 262_144 { return 10_000 }
        let log = log2(Double(shares))
        let exponent = (log * log + 125 * log) / 612 - 7.0 / 34.0
        return UInt64(pow(10, exponent).rounded(.up))
    }

    private static func unsupported(_ property: String) -> CgroupError {
        CgroupWriteList.invalid(property, "realtime scheduling is not limited by cgroup v2")
    }
}
