import Testing

@testable import Cgroups

/// One line of a conversion table: what is asked for, and what is written on each version.
struct Conversion: Sendable, CustomTestStringConvertible {
    var name: String
    var resources: CgroupResources
    /// `nil` where the version refuses; then `error` is a part of the sentence.
    var v1: [String]?
    var v2: [String]?
    var error = ""

    var testDescription: String { name }
}

@Suite("Limits become files and values")
struct ConversionTests {
    static func writes(
        _ resources: CgroupResources, v2: Bool
    ) throws(CgroupError) -> CgroupWriteList {
        var list = CgroupWriteList()
        if v2 {
            try V2Controllers.convert(resources, into: &list)
        } else {
            try V1Controllers.convert(resources, isUnified: { _ in false }, into: &list)
        }
        return list
    }

    @Test("table", arguments: cpu + memory + others)
    func table(row: Conversion) throws {
        for (isV2, expected) in [(false, row.v1), (true, row.v2)] {
            do {
                let list = try Self.writes(row.resources, v2: isV2)
                #expect(list.writes.map(short) == expected, "version \(isV2 ? 2 : 1)")
            } catch {
                #expect(expected == nil, "version \(isV2 ? 2 : 1): \(error)")
                #expect(error.description.contains(row.error), "\(error)")
                #expect(error.property?.hasPrefix("linux/resources/") == true)
            }
        }
    }

    @Test("kernel memory limits are left out with a warning", arguments: [false, true])
    func kernelMemory(isV2: Bool) throws {
        let resources = CgroupResources.with {
            $0.memory.kernel = 1 << 20
            $0.memory.kernelTCP = 1 << 20
        }
        let list = try Self.writes(resources, v2: isV2)
        #expect(list.writes.isEmpty)
        #expect(list.warnings.count == 2)
        #expect(list.warnings[0].hasPrefix("linux/resources/memory/kernel: "))
        #expect(list.warnings[1].hasPrefix("linux/resources/memory/kernelTCP: "))
    }

    @Test(
        "shares become the weight of the same standing",
        arguments: [
            (1, 1), (2, 1), (3, 2), (10, 4), (512, 59), (1024, 100), (2048, 174), (10_000, 627),
            (262_143, 10_000), (262_144, 10_000), (UInt64.max, 10_000),
        ] as [(UInt64, UInt64)])
    func weight(shares: UInt64, weight: UInt64) {
        #expect(V2CPU.weight(shares: shares) == weight)
    }

    @Test("a greater share never has a smaller weight")
    func weightIsMonotonic() {
        var last: UInt64 = 0
        for shares in stride(from: UInt64(1), through: 262_200, by: 37) {
            let weight = V2CPU.weight(shares: shares)
            #expect(weight >= last && weight >= 1 && weight <= 10_000)
            last = weight
        }
    }
}

// MARK: - Tables

extension ConversionTests {
    static let cpu: [Conversion] = [
        Conversion(name: "nothing", resources: CgroupResources(), v1: [], v2: []),
        Conversion(
            name: "shares", resources: .with { $0.cpu.shares = 1024 },
            v1: ["cpu: cpu.shares=1024 (cpu/shares)"], v2: ["cpu.weight=100 (cpu/shares)"]),
        Conversion(
            name: "zero counts as not given",
            resources: .with {
                $0.cpu.shares = 0
                $0.cpu.quota = 0
                $0.cpu.period = 0
                $0.cpu.realtimeRuntime = 0
                $0.cpu.realtimePeriod = 0
                $0.cpu.cpus = ""
                $0.memory.limit = 0
                $0.memory.swap = 0
                $0.memory.reservation = 0
            }, v1: [], v2: []),
        Conversion(
            name: "too few shares for version 1", resources: .with { $0.cpu.shares = 1 }, v1: nil,
            v2: ["cpu.weight=1 (cpu/shares)"], error: "the minimum allowed cpu-shares is 2"),
        Conversion(
            name: "too many shares for version 1", resources: .with { $0.cpu.shares = 262_145 },
            v1: nil, v2: ["cpu.weight=10000 (cpu/shares)"],
            error: "the maximum allowed cpu-shares is 262144"),
        Conversion(
            name: "quota and period",
            resources: .with {
                $0.cpu.quota = 20_000
                $0.cpu.period = 50_000
            },
            v1: [
                "cpu: cpu.cfs_period_us=50000~ (cpu/period)",
                "cpu: cpu.cfs_quota_us=20000 (cpu/quota)",
            ], v2: ["cpu.max=20000 50000 (cpu/quota)"]),
        Conversion(
            name: "no quota", resources: .with { $0.cpu.quota = -1 },
            v1: ["cpu: cpu.cfs_quota_us=-1 (cpu/quota)"], v2: ["cpu.max=max (cpu/quota)"]),
        Conversion(
            name: "period alone", resources: .with { $0.cpu.period = 50_000 },
            v1: ["cpu: cpu.cfs_period_us=50000~ (cpu/period)"],
            v2: ["cpu.max=max 50000 (cpu/period)"]),
        Conversion(
            name: "burst",
            resources: .with {
                $0.cpu.burst = 0
                $0.cpu.quota = 10_000
            },
            v1: [
                "cpu: cpu.cfs_burst_us=0~ (cpu/burst)", "cpu: cpu.cfs_quota_us=10000 (cpu/quota)",
            ],
            v2: ["cpu.max.burst=0~ (cpu/burst)", "cpu.max=10000 (cpu/quota)"]),
        Conversion(
            name: "a burst of the whole quota",
            resources: .with {
                $0.cpu.burst = 10_000
                $0.cpu.quota = 10_000
            },
            v1: [
                "cpu: cpu.cfs_burst_us=10000~ (cpu/burst)",
                "cpu: cpu.cfs_quota_us=10000 (cpu/quota)",
            ],
            v2: ["cpu.max.burst=10000~ (cpu/burst)", "cpu.max=10000 (cpu/quota)"]),
        Conversion(
            name: "a burst above the quota",
            resources: .with {
                $0.cpu.burst = 10_001
                $0.cpu.quota = 10_000
            },
            v1: nil, v2: nil,
            error: "cpu/burst: the burst of 10001 is above the quota of 10000"),
        Conversion(
            name: "a burst without a limit",
            resources: .with {
                $0.cpu.burst = 10_001
                $0.cpu.quota = -1
            },
            v1: [
                "cpu: cpu.cfs_burst_us=10001~ (cpu/burst)", "cpu: cpu.cfs_quota_us=-1 (cpu/quota)",
            ],
            v2: ["cpu.max.burst=10001~ (cpu/burst)", "cpu.max=max (cpu/quota)"]),
        Conversion(
            name: "an idle cgroup has no weight",
            resources: .with {
                $0.cpu.idle = 1
                $0.cpu.shares = 2048
            },
            v1: ["cpu: cpu.idle=1 (cpu/idle)"],
            v2: ["cpu.idle=1 (cpu/idle)"]),
        Conversion(
            name: "no longer idle",
            resources: .with {
                $0.cpu.idle = 0
                $0.cpu.shares = 2
            },
            v1: ["cpu: cpu.idle=0 (cpu/idle)", "cpu: cpu.shares=2 (cpu/shares)"],
            v2: ["cpu.idle=0 (cpu/idle)", "cpu.weight=1 (cpu/shares)"]),
        Conversion(
            name: "realtime",
            resources: .with {
                $0.cpu.realtimeRuntime = 950_000
                $0.cpu.realtimePeriod = 1_000_000
            },
            v1: [
                "cpu: cpu.rt_period_us=1000000~ (cpu/realtimePeriod)",
                "cpu: cpu.rt_runtime_us=950000 (cpu/realtimeRuntime)",
            ], v2: nil, error: "cpu/realtimeRuntime: realtime scheduling is not limited"),
        Conversion(
            name: "placement",
            resources: .with {
                $0.cpu.cpus = "0-1"
                $0.cpu.mems = "0"
            },
            v1: ["cpuset: cpuset.cpus=0-1 (cpu/cpus)", "cpuset: cpuset.mems=0 (cpu/mems)"],
            v2: ["cpuset.cpus=0-1 (cpu/cpus)", "cpuset.mems=0 (cpu/mems)"]),
    ]

    static let memory: [Conversion] = [
        Conversion(
            name: "limit", resources: .with { $0.memory.limit = 1 << 20 },
            v1: ["memory: memory.limit_in_bytes=1048576 (memory/limit)"],
            v2: ["memory.max=1048576 (memory/limit)"]),
        Conversion(
            name: "limit and total",
            resources: .with {
                $0.memory.limit = 100
                $0.memory.swap = 300
            },
            v1: [
                "memory: memory.limit_in_bytes=100~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=300 (memory/swap)",
            ], v2: ["memory.swap.max=200 (memory/swap)", "memory.max=100 (memory/limit)"]),
        Conversion(
            name: "limit equals total: no swap",
            resources: .with {
                $0.memory.limit = 100
                $0.memory.swap = 100
            },
            v1: [
                "memory: memory.limit_in_bytes=100~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=100 (memory/swap)",
            ], v2: ["memory.swap.max=0? (memory/swap)", "memory.max=100 (memory/limit)"]),
        Conversion(
            name: "unlimited swap",
            resources: .with {
                $0.memory.limit = 100
                $0.memory.swap = -1
            },
            v1: [
                "memory: memory.limit_in_bytes=100~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=-1? (memory/swap)",
            ], v2: ["memory.swap.max=max? (memory/swap)", "memory.max=100 (memory/limit)"]),
        Conversion(
            name: "unlimited memory takes swap along", resources: .with { $0.memory.limit = -1 },
            v1: [
                "memory: memory.limit_in_bytes=-1~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=-1? (memory/limit)",
            ], v2: ["memory.swap.max=max? (memory/limit)", "memory.max=max (memory/limit)"]),
        Conversion(
            name: "unlimited memory with a limit for swap",
            resources: .with {
                $0.memory.limit = -1
                $0.memory.swap = 500
            },
            v1: [
                "memory: memory.limit_in_bytes=-1~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=500 (memory/swap)",
            ], v2: ["memory.swap.max=500 (memory/swap)", "memory.max=max (memory/limit)"]),
        Conversion(
            name: "total without limit", resources: .with { $0.memory.swap = 300 },
            v1: ["memory: memory.memsw.limit_in_bytes=300 (memory/swap)"], v2: nil,
            error: "memory/swap: unable to set swap limit without memory limit"),
        Conversion(
            name: "total below limit",
            resources: .with {
                $0.memory.limit = 300
                $0.memory.swap = 200
            },
            v1: [
                "memory: memory.limit_in_bytes=300~ (memory/limit)",
                "memory: memory.memsw.limit_in_bytes=200 (memory/swap)",
            ], v2: nil, error: "memory/swap: memory+swap limit should be >= memory limit"),
        Conversion(
            name: "reservation", resources: .with { $0.memory.reservation = 4096 },
            v1: ["memory: memory.soft_limit_in_bytes=4096 (memory/reservation)"],
            v2: ["memory.low=4096 (memory/reservation)"]),
        Conversion(
            name: "no reservation", resources: .with { $0.memory.reservation = -1 },
            v1: ["memory: memory.soft_limit_in_bytes=-1 (memory/reservation)"],
            v2: ["memory.low=max (memory/reservation)"]),
        Conversion(
            name: "swappiness", resources: .with { $0.memory.swappiness = 0 },
            v1: ["memory: memory.swappiness=0 (memory/swappiness)"], v2: nil,
            error: "memory/swappiness: cgroup v2 has no swappiness"),
        Conversion(
            name: "swappiness out of range", resources: .with { $0.memory.swappiness = 101 },
            v1: nil, v2: nil, error: "swappiness"),
        Conversion(
            name: "no killer", resources: .with { $0.memory.disableOOMKiller = true },
            v1: ["memory: memory.oom_control=1 (memory/disableOOMKiller)"], v2: nil,
            error: "memory/disableOOMKiller: the OOM killer cannot be disabled"),
        Conversion(
            name: "the killer stays", resources: .with { $0.memory.disableOOMKiller = false },
            v1: ["memory: memory.oom_control=0? (memory/disableOOMKiller)"], v2: []),
        Conversion(
            name: "hierarchy", resources: .with { $0.memory.useHierarchy = true },
            v1: ["memory: memory.use_hierarchy=1 (memory/useHierarchy)"], v2: []),
        Conversion(
            name: "no hierarchy", resources: .with { $0.memory.useHierarchy = false },
            v1: ["memory: memory.use_hierarchy=0 (memory/useHierarchy)"], v2: nil,
            error: "memory/useHierarchy"),
    ]

    static let others: [Conversion] = [
        Conversion(
            name: "processes", resources: .with { $0.pidsLimit = 100 },
            v1: ["pids: pids.max=100 (pids/limit)"], v2: ["pids.max=100 (pids/limit)"]),
        Conversion(
            name: "no processes", resources: .with { $0.pidsLimit = 0 },
            v1: ["pids: pids.max=0 (pids/limit)"], v2: ["pids.max=0 (pids/limit)"]),
        Conversion(
            name: "any processes", resources: .with { $0.pidsLimit = -1 },
            v1: ["pids: pids.max=max (pids/limit)"], v2: ["pids.max=max (pids/limit)"]),
        Conversion(
            name: "block weight", resources: .with { $0.blockIO.weight = 1000 },
            v1: [
                "blkio: blkio.bfq.weight=1000 or blkio.weight=1000 (blockIO/weight)"
            ], v2: ["io.bfq.weight=1000 or io.weight=10000 (blockIO/weight)"]),
        Conversion(
            name: "block weight of a device",
            resources: .with {
                $0.blockIO.weightDevices = [.init(major: 8, minor: 16, weight: 10)]
            },
            v1: [
                "blkio: blkio.bfq.weight_device=8:16 10 or blkio.weight_device=8:16 10 "
                    + "(blockIO/weightDevice/0/weight)"
            ],
            v2: [
                "io.bfq.weight=8:16 10 or io.weight=8:16 1 (blockIO/weightDevice/0/weight)"
            ]),
        Conversion(
            name: "leaf weight", resources: .with { $0.blockIO.leafWeight = 300 },
            v1: ["blkio: blkio.leaf_weight=300 (blockIO/leafWeight)"], v2: nil,
            error: "blockIO/leafWeight: cgroup v2 has no leaf weight"),
        Conversion(
            name: "leaf weight of a device",
            resources: .with {
                $0.blockIO.weightDevices = [.init(major: 8, minor: 0, leafWeight: 300)]
            },
            v1: [
                "blkio: blkio.leaf_weight_device=8:0 300 (blockIO/weightDevice/0/leafWeight)"
            ], v2: nil, error: "blockIO/weightDevice/0/leafWeight"),
        Conversion(
            name: "throttles",
            resources: .with {
                $0.blockIO.throttleReadBps = [.init(major: 8, minor: 0, rate: 1)]
                $0.blockIO.throttleWriteBps = [
                    .init(major: 8, minor: 0, rate: 2), .init(major: 8, minor: 16, rate: 0),
                ]
                $0.blockIO.throttleReadIOPS = [.init(major: 8, minor: 0, rate: 3)]
                $0.blockIO.throttleWriteIOPS = [.init(major: 8, minor: 0, rate: 4)]
            },
            v1: [
                "blkio: blkio.throttle.read_bps_device=8:0 1 (blockIO/throttleReadBpsDevice/0)",
                "blkio: blkio.throttle.write_bps_device=8:0 2 (blockIO/throttleWriteBpsDevice/0)",
                "blkio: blkio.throttle.write_bps_device=8:16 0 (blockIO/throttleWriteBpsDevice/1)",
                "blkio: blkio.throttle.read_iops_device=8:0 3 (blockIO/throttleReadIOPSDevice/0)",
                "blkio: blkio.throttle.write_iops_device=8:0 4 (blockIO/throttleWriteIOPSDevice/0)",
            ],
            v2: [
                "io.max=8:0 rbps=1 (blockIO/throttleReadBpsDevice/0)",
                "io.max=8:0 wbps=2 (blockIO/throttleWriteBpsDevice/0)",
                "io.max=8:16 wbps=max (blockIO/throttleWriteBpsDevice/1)",
                "io.max=8:0 riops=3 (blockIO/throttleReadIOPSDevice/0)",
                "io.max=8:0 wiops=4 (blockIO/throttleWriteIOPSDevice/0)",
            ]),
        Conversion(
            name: "huge pages",
            resources: .with { $0.hugepages = [.init(pageSize: "2MB", limit: 4 << 20)] },
            v1: [
                "hugetlb: hugetlb.2MB.limit_in_bytes=4194304 (hugepageLimits/0/limit)",
                "hugetlb: hugetlb.2MB.rsvd.limit_in_bytes=4194304? (hugepageLimits/0/limit)",
            ],
            v2: [
                "hugetlb.2MB.max=4194304 (hugepageLimits/0/limit)",
                "hugetlb.2MB.rsvd.max=4194304? (hugepageLimits/0/limit)",
            ]),
        Conversion(
            name: "network class", resources: .with { $0.network.classID = 0x100001 },
            v1: ["net_cls: net_cls.classid=1048577 (network/classID)"], v2: nil,
            error: "network/classID"),
        Conversion(
            name: "network priorities",
            resources: .with { $0.network.priorities = [.init(name: "eth0", priority: 5)] },
            v1: ["net_prio: net_prio.ifpriomap=eth0 5 (network/priorities/0)"], v2: nil,
            error: "network/priorities"),
        Conversion(
            name: "rdma",
            resources: .with {
                $0.rdma = [
                    .init(device: "mlx5_1", hcaHandles: 3, hcaObjects: 10_000),
                    .init(device: "rxe3", hcaObjects: 1000),
                ]
            },
            v1: [
                "rdma: rdma.max=mlx5_1 hca_handle=3 hca_object=10000 (rdma/mlx5_1)",
                "rdma: rdma.max=rxe3 hca_object=1000 (rdma/rxe3)",
            ],
            v2: [
                "rdma.max=mlx5_1 hca_handle=3 hca_object=10000 (rdma/mlx5_1)",
                "rdma.max=rxe3 hca_object=1000 (rdma/rxe3)",
            ]),
        Conversion(
            name: "rdma without a limit", resources: .with { $0.rdma = [.init(device: "rxe3")] },
            v1: nil, v2: nil, error: "rdma/rxe3: at least one of"),
        Conversion(
            name: "unified",
            resources: .with {
                $0.unified = [
                    .init("memory.high", "1000000"),
                    .init("io.max", "8:0 rbps=1\n8:16 wbps=2\n"),
                ]
            }, v1: nil,
            v2: [
                "memory.high=1000000 (unified/memory.high)",
                "io.max=8:0 rbps=1 (unified/io.max)", "io.max=8:16 wbps=2 (unified/io.max)",
            ], error: "unified/memory.high: invalid configuration: cannot use unified on cgroup v1"),
        Conversion(
            name: "unified elsewhere",
            resources: .with { $0.unified = [.init("../other/memory.max", "1")] }, v1: nil, v2: nil,
            error: "unified/../other/memory.max"),
        Conversion(
            name: "unified without controller",
            resources: .with { $0.unified = [.init("memory", "1")] }, v1: nil, v2: nil,
            error: "unified/memory"),
        Conversion(
            name: "unified with no name", resources: .with { $0.unified = [.init("..", "1")] },
            v1: nil, v2: nil, error: "unified/.."),
    ]
}
