import Cgroups
import OCISpec
import Testing

@testable import Container

/// What `linux.resources` becomes: nothing is lost, nothing is invented.
@Suite struct CgroupResourcesTests {
    private static func taken(_ spec: Resources) -> (resources: CgroupResources, errors: [String]) {
        var diagnostics = Diagnostics()
        let resources = CgroupResources(spec, &diagnostics)
        return (resources, diagnostics.errors.map(\.description))
    }

    @Test("nothing given is nothing set")
    func empty() {
        #expect(Self.taken(Resources()).resources == CgroupResources())
        let hollow = Resources(
            devices: [], memory: MemoryResources(), cpu: CPUResources(), pids: PidsResources(),
            blockIO: OCISpec.BlockIO(), hugepageLimits: [], network: NetworkResources(), rdma: [],
            unified: [])
        #expect(Self.taken(hollow).resources == CgroupResources())
    }

    @Test("memory")
    func memory() {
        var expected = CgroupResources()
        expected.memory.limit = 1
        expected.memory.reservation = -2
        expected.memory.swap = -1
        expected.memory.kernel = 4
        expected.memory.kernelTCP = 5
        expected.memory.swappiness = 6
        expected.memory.disableOOMKiller = true
        expected.memory.useHierarchy = false
        expected.memory.checkBeforeUpdate = true
        let spec = Resources(
            memory: MemoryResources(
                limit: 1, reservation: -2, swap: -1, kernel: 4, kernelTCP: 5, swappiness: 6,
                disableOOMKiller: true, useHierarchy: false, checkBeforeUpdate: true))
        #expect(Self.taken(spec).resources == expected)
    }

    @Test("processors")
    func cpu() {
        var expected = CgroupResources()
        expected.cpu.shares = 1
        expected.cpu.quota = -2
        expected.cpu.burst = 3
        expected.cpu.period = 4
        expected.cpu.realtimeRuntime = -5
        expected.cpu.realtimePeriod = 6
        expected.cpu.cpus = "0-2"
        expected.cpu.mems = ""
        expected.cpu.idle = 1
        let spec = Resources(
            cpu: CPUResources(
                shares: 1, quota: -2, burst: 3, period: 4, realtimeRuntime: -5, realtimePeriod: 6,
                cpus: "0-2", mems: "", idle: 1))
        #expect(Self.taken(spec).resources == expected)
    }

    @Test("a limit of no processes is a limit", arguments: [0, -1, 5] as [Int64])
    func pids(limit: Int64) {
        let taken = Self.taken(Resources(pids: PidsResources(limit: limit)))
        #expect(taken.resources.pidsLimit == limit)
    }

    @Test("block devices")
    func blockIO() {
        func throttle(_ rate: UInt64) -> [OCISpec.ThrottleDevice] {
            [OCISpec.ThrottleDevice(major: 8, minor: 1, rate: rate)]
        }
        let spec = Resources(
            blockIO: OCISpec.BlockIO(
                weight: 10, leafWeight: 20,
                weightDevice: [
                    OCISpec.WeightDevice(major: 8, minor: 0, weight: 30, leafWeight: nil),
                    OCISpec.WeightDevice(major: 8, minor: 2, weight: nil, leafWeight: 40),
                ],
                throttleReadBpsDevice: throttle(1), throttleWriteBpsDevice: throttle(2),
                throttleReadIOPSDevice: throttle(3), throttleWriteIOPSDevice: throttle(4)))
        let blockIO = Self.taken(spec).resources.blockIO
        #expect(blockIO.weight == 10 && blockIO.leafWeight == 20)
        #expect(blockIO.weightDevices.map(\.minor) == [0, 2])
        #expect(blockIO.weightDevices.map(\.weight) == [30, nil])
        #expect(blockIO.weightDevices.map(\.leafWeight) == [nil, 40])
        #expect(blockIO.throttleReadBps.map(\.rate) == [1])
        #expect(blockIO.throttleWriteBps.map(\.rate) == [2])
        #expect(blockIO.throttleReadIOPS.map(\.rate) == [3])
        #expect(blockIO.throttleWriteIOPS.map(\.rate) == [4])
        #expect(blockIO.throttleReadBps.map(\.major) == [8])
        #expect(blockIO.throttleReadBps.map(\.minor) == [1])
    }

    @Test("huge pages, network, RDMA and files of version 2, in their order")
    func others() {
        let taken = Self.taken(
            Resources(
                hugepageLimits: [
                    OCISpec.HugepageLimit(pageSize: "2MB", limit: 1),
                    OCISpec.HugepageLimit(pageSize: "1GB", limit: 2),
                ],
                network: NetworkResources(
                    classID: 7,
                    priorities: [
                        OCISpec.InterfacePriority(name: "b", priority: 1),
                        OCISpec.InterfacePriority(name: "a", priority: 2),
                    ]),
                rdma: [RdmaLimit(key: "mlx", hcaHandles: 3, hcaObjects: nil)],
                unified: [StringEntry(key: "b", value: "1"), StringEntry(key: "a", value: "2")]))
        let resources = taken.resources
        #expect(taken.errors == [])
        #expect(resources.hugepages.map(\.pageSize) == ["2MB", "1GB"])
        #expect(resources.hugepages.map(\.limit) == [1, 2])
        #expect(resources.network.classID == 7)
        #expect(resources.network.priorities.map(\.name) == ["b", "a"])
        #expect(resources.network.priorities.map(\.priority) == [1, 2])
        #expect(
            resources.rdma == [CgroupResources.RDMALimit(device: "mlx", hcaHandles: 3)])
        #expect(
            resources.unified == [
                CgroupResources.UnifiedValue("b", "1"), CgroupResources.UnifiedValue("a", "2"),
            ])
    }

    // MARK: - Device rules

    @Test("device rules")
    func devices() {
        let cases: [(DeviceRule, CgroupDeviceRule)] = [
            (DeviceRule(allow: false), CgroupDeviceRule(allow: false, kind: .all)),
            (
                DeviceRule(allow: true, type: .all, access: "rwm"),
                CgroupDeviceRule(allow: true, kind: .all)
            ),
            (
                DeviceRule(allow: true, type: .character, major: 10, minor: 229, access: "rw"),
                CgroupDeviceRule(
                    allow: true, kind: .character, major: 10, minor: 229, access: [.read, .write])
            ),
            (
                DeviceRule(allow: true, type: .block, major: 8, access: "m"),
                CgroupDeviceRule(allow: true, kind: .block, major: 8, access: .mknod)
            ),
            (
                DeviceRule(allow: true, type: .block, major: -1, minor: -1, access: ""),
                CgroupDeviceRule(allow: true, kind: .block)
            ),
            (
                DeviceRule(allow: true, type: .block, major: 0, minor: 0, access: "r"),
                CgroupDeviceRule(allow: true, kind: .block, major: 0, minor: 0, access: .read)
            ),
        ]
        for (spec, rule) in cases {
            let taken = Self.taken(Resources(devices: [spec]))
            #expect(taken.resources.devices == [rule])
            #expect(taken.errors == [])
        }
    }

    @Test("what is no device rule")
    func deviceErrors() {
        let cases: [(DeviceRule, [String])] = [
            (
                DeviceRule(allow: true, access: "rx"),
                [
                    "linux/resources/devices/1/access: expected letters of rwm, found \"x\""
                ]
            ),
            (
                DeviceRule(allow: true, type: .block, major: -2, minor: 1 << 32),
                [
                    "linux/resources/devices/1/major: not a device number: -2",
                    "linux/resources/devices/1/minor: not a device number: 4294967296",
                ]
            ),
        ]
        for (rule, errors) in cases {
            let taken = Self.taken(Resources(devices: [DeviceRule(allow: false), rule]))
            #expect(taken.errors == errors)
        }
    }
}
