internal import Cgroups
internal import OCISpec

extension ContainerEvent {
    /// The event as one line of JSON, in the members that runc's `events` has.
    ///
    /// Counters that are 0 are left out where runc leaves them out.
    package func json(id: String) -> String {
        var writer = JSONWriter(.compact)
        writer.object { writer in
            switch self {
            case .stats(let stats, let interfaces):
                writer.member("type", "stats")
                writer.member("id", id)
                writer.key("data")
                writer.object { Self.write(stats, interfaces, &$0) }
            case .oom(let facts):
                writer.member("type", "oom")
                writer.member("id", id)
                writer.key("data")
                writer.object { writer in
                    writer.member("kills", facts.oomKills)
                    writer.member("limit", facts.limit)
                    writer.member("peak", facts.peak)
                }
            }
        }
        return writer.text + "\n"
    }

    private static func write(
        _ stats: CgroupStats, _ interfaces: [NetworkInterface], _ writer: inout JSONWriter
    ) {
        writer.key("cpu")
        writer.object { (stats.cpu ?? CgroupStats.CPU()).write(to: &$0) }
        writer.key("cpuset")
        writer.object { (stats.cpuset ?? CgroupStats.CPUSet()).write(to: &$0) }
        writer.key("memory")
        writer.object { (stats.memory ?? CgroupStats.Memory()).write(to: &$0) }
        writer.key("pids")
        writer.object { writer in
            writer.counter("current", stats.pids?.current ?? 0)
            writer.counter("limit", stats.pids?.limit ?? 0)
        }
        writer.key("blkio")
        writer.object { (stats.blockIO ?? CgroupStats.BlockIO()).write(to: &$0) }
        writer.key("hugetlb")
        writer.object { writer in
            for entry in stats.hugetlb {
                writer.key(entry.pageSize)
                writer.object { writer in
                    writer.counter("usage", entry.usage)
                    writer.counter("max", entry.max)
                    writer.member("failcnt", entry.failures)
                }
            }
        }
        writer.key("intel_rdt")
        writer.object { _ in }
        writer.key("network_interfaces")
        writer.array { writer in
            for interface in interfaces { writer.object { interface.write(to: &$0) } }
        }
    }
}

extension JSONWriter {
    /// A number that is left out when it is 0.
    fileprivate mutating func counter(_ key: String, _ value: UInt64) {
        if value != 0 { member(key, value) }
    }

    fileprivate mutating func counters(_ key: String, _ values: [UInt64]) {
        if !values.isEmpty { member(key, values) }
    }

    fileprivate mutating func pressure(_ pressure: CgroupStats.Pressure?) {
        guard let pressure else { return }
        key("psi")
        object { writer in
            for (name, line) in [("some", pressure.some), ("full", pressure.full)] {
                guard let line else { continue }
                writer.key(name)
                writer.object { writer in
                    writer.key("avg10")
                    writer.value(line.avg10)
                    writer.key("avg60")
                    writer.value(line.avg60)
                    writer.key("avg300")
                    writer.value(line.avg300)
                    writer.member("total", line.total)
                }
            }
        }
    }
}

extension CgroupStats.CPU {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.key("usage")
        writer.object { writer in
            writer.counter("total", total)
            writer.counters("percpu", perCPU)
            writer.counters("percpu_kernel", perCPUKernel)
            writer.counters("percpu_user", perCPUUser)
            writer.member("kernel", kernel)
            writer.member("user", user)
        }
        writer.key("throttling")
        writer.object { writer in
            writer.counter("periods", periods)
            writer.counter("throttledPeriods", throttledPeriods)
            writer.counter("throttledTime", throttledTime)
        }
        writer.pressure(pressure)
    }
}

extension CgroupStats.CPUSet {
    fileprivate func write(to writer: inout JSONWriter) {
        if !cpus.isEmpty { writer.member("cpus", cpus) }
        writer.member("cpu_exclusive", cpuExclusive)
        if !mems.isEmpty { writer.member("mems", mems) }
        writer.member("mem_hardwall", memHardwall)
        writer.member("mem_exclusive", memExclusive)
        writer.member("memory_migrate", memoryMigrate)
        writer.member("memory_spread_page", memorySpreadPage)
        writer.member("memory_spread_slab", memorySpreadSlab)
        writer.member("memory_pressure", memoryPressure)
        writer.member("sched_load_balance", schedLoadBalance)
        writer.member("sched_relax_domain_level", schedRelaxDomainLevel)
    }
}

extension CgroupStats.Memory {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.counter("cache", cache)
        let entries = [
            ("usage", usage), ("swap", swap), ("kernel", kernel), ("kernelTCP", kernelTCP),
        ]
        for (name, entry) in entries {
            writer.key(name)
            writer.object { writer in
                writer.member("limit", entry.limit)
                writer.counter("usage", entry.usage)
                writer.counter("max", entry.max)
                writer.member("failcnt", entry.failures)
            }
        }
        if !raw.isEmpty {
            writer.key("raw")
            writer.object { writer in
                for counter in raw { writer.member(counter.name, counter.value) }
            }
        }
        writer.pressure(pressure)
    }
}

extension CgroupStats.BlockIO {
    fileprivate func write(to writer: inout JSONWriter) {
        let lists = [
            ("ioServiceBytesRecursive", serviceBytes), ("ioServicedRecursive", serviced),
            ("ioQueueRecursive", queued), ("ioServiceTimeRecursive", serviceTime),
            ("ioWaitTimeRecursive", waitTime), ("ioMergedRecursive", merged),
            ("ioTimeRecursive", time), ("sectorsRecursive", sectors),
        ]
        for (name, entries) in lists where !entries.isEmpty {
            writer.key(name)
            writer.array { writer in
                for entry in entries {
                    writer.object { writer in
                        writer.counter("major", entry.major)
                        writer.member("minor", entry.minor)
                        if !entry.operation.isEmpty { writer.member("op", entry.operation) }
                        writer.member("value", entry.value)
                    }
                }
            }
        }
        writer.pressure(pressure)
    }
}

extension NetworkInterface {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("Name", name)
        writer.member("RxBytes", rxBytes)
        writer.member("RxPackets", rxPackets)
        writer.member("RxErrors", rxErrors)
        writer.member("RxDropped", rxDropped)
        writer.member("TxBytes", txBytes)
        writer.member("TxPackets", txPackets)
        writer.member("TxErrors", txErrors)
        writer.member("TxDropped", txDropped)
    }
}
