/// What the controllers count, in the terms of `apus events`; `nil` blocks have no controller.
package struct CgroupStats: Equatable, Sendable {
    package var cpu: CPU?
    package var cpuset: CPUSet?
    package var memory: Memory?
    package var pids: PIDs?
    package var blockIO: BlockIO?
    /// By page size, such as `2MB`, in the order of the kernel.
    package var hugetlb: [Hugetlb] = []

    /// Nothing known.
    package init() {}
}

extension CgroupStats {
    /// Pressure stall information (Linux 4.20, cgroup v2 5.2), `full` missing where the kernel has none.
    package struct Pressure: Equatable, Sendable {
        /// One line of a pressure file: averages in percent, total in microseconds.
        package struct Line: Equatable, Sendable {
            package var avg10 = 0.0
            package var avg60 = 0.0
            package var avg300 = 0.0
            package var total: UInt64 = 0
            package init() {}
        }
        package var some: Line?
        package var full: Line?
        package init() {}
    }

    /// Processor time in nanoseconds.
    package struct CPU: Equatable, Sendable {
        package var total: UInt64 = 0
        package var perCPU: [UInt64] = []
        package var perCPUKernel: [UInt64] = []
        package var perCPUUser: [UInt64] = []
        package var kernel: UInt64 = 0
        package var user: UInt64 = 0
        package var periods: UInt64 = 0
        package var throttledPeriods: UInt64 = 0
        package var throttledTime: UInt64 = 0
        package var pressure: Pressure?
        package init() {}
    }

    /// Placement, with lists spelled out: `[0, 1, 2]`.
    package struct CPUSet: Equatable, Sendable {
        package var cpus: [UInt32] = []
        package var mems: [UInt32] = []
        package var cpuExclusive: UInt64 = 0
        package var memHardwall: UInt64 = 0
        package var memExclusive: UInt64 = 0
        package var memoryMigrate: UInt64 = 0
        package var memorySpreadPage: UInt64 = 0
        package var memorySpreadSlab: UInt64 = 0
        package var memoryPressure: UInt64 = 0
        package var schedLoadBalance: UInt64 = 0
        package var schedRelaxDomainLevel: Int64 = 0
        package init() {}
    }

    /// One accounted sort of memory in bytes; a limit of `UInt64.max` is none.
    package struct MemoryEntry: Equatable, Sendable {
        package var limit: UInt64 = 0
        package var usage: UInt64 = 0
        package var max: UInt64 = 0
        package var failures: UInt64 = 0
        package init() {}
    }

    /// One named counter of a flat keyed file.
    package struct Counter: Equatable, Sendable {
        package var name: String
        package var value: UInt64
        package init(_ name: String, _ value: UInt64) {
            self.name = name
            self.value = value
        }
    }

    /// Memory in bytes.
    package struct Memory: Equatable, Sendable {
        package var cache: UInt64 = 0
        package var usage = MemoryEntry()
        /// Memory and swap together on v1; swap alone plus memory on v2, so both read alike.
        package var swap = MemoryEntry()
        package var kernel = MemoryEntry()
        package var kernelTCP = MemoryEntry()
        /// Every line of `memory.stat`.
        package var raw: [Counter] = []
        package var pressure: Pressure?
        package init() {}
    }

    /// Processes and threads; a limit of 0 is none, as engines read it.
    package struct PIDs: Equatable, Sendable {
        package var current: UInt64 = 0
        package var limit: UInt64 = 0
        package init() {}
    }

    /// One line of a block device's counters.
    package struct BlockEntry: Equatable, Sendable {
        package var major: UInt64
        package var minor: UInt64
        package var operation: String
        package var value: UInt64
        package init(major: UInt64, minor: UInt64, operation: String, value: UInt64) {
            self.major = major
            self.minor = minor
            self.operation = operation
            self.value = value
        }
    }

    /// Block devices, each list recursive.
    package struct BlockIO: Equatable, Sendable {
        package var serviceBytes: [BlockEntry] = []
        package var serviced: [BlockEntry] = []
        package var queued: [BlockEntry] = []
        package var serviceTime: [BlockEntry] = []
        package var waitTime: [BlockEntry] = []
        package var merged: [BlockEntry] = []
        package var time: [BlockEntry] = []
        package var sectors: [BlockEntry] = []
        package var pressure: Pressure?
        package init() {}
    }

    /// Huge pages of one size, in bytes.
    package struct Hugetlb: Equatable, Sendable {
        package var pageSize: String
        package var usage: UInt64 = 0
        package var max: UInt64 = 0
        package var failures: UInt64 = 0
        package init(pageSize: String) { self.pageSize = pageSize }
    }
}
