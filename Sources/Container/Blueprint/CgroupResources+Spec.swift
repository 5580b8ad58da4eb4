package import Cgroups
package import OCISpec

extension CgroupResources {
    /// Takes over `linux.resources` (or the document of `update --resources`); what makes no sense
    /// is noted as an error.
    package init(_ spec: Resources, _ diagnostics: inout Diagnostics) {
        self.init()
        for (index, rule) in (spec.devices ?? []).enumerated() {
            devices.append(CgroupDeviceRule(rule, index: index, &diagnostics))
        }
        if let memory = spec.memory {
            self.memory = Memory(memory)
            Self.checkBelowZero(memory, &diagnostics)
        }
        if let cpu = spec.cpu { self.cpu = CPU(cpu) }
        pidsLimit = spec.pids?.limit
        if let blockIO = spec.blockIO {
            self.blockIO = BlockIO(blockIO)
            Self.checkNumbers(blockIO, &diagnostics)
        }
        hugepages = (spec.hugepageLimits ?? []).map {
            HugepageLimit(pageSize: $0.pageSize, limit: $0.limit)
        }
        network.classID = spec.network?.classID
        network.priorities = (spec.network?.priorities ?? []).map {
            InterfacePriority(name: $0.name, priority: $0.priority)
        }
        rdma = (spec.rdma ?? []).map {
            RDMALimit(device: $0.key, hcaHandles: $0.hcaHandles, hcaObjects: $0.hcaObjects)
        }
        unified = (spec.unified ?? []).map { UnifiedValue($0.key, $0.value) }
    }
}

extension CgroupResources {
    /// Takes a limit of no processes for none at all in a container whose configuration is older than
    /// the meaning of 0.
    ///
    /// That is the specification's since 1.3. Engines of before write 0 where the user asks for no limit
    /// (`podman run --pids-limit -1`), and their runtimes took it for that.
    ///
    /// - Parameter ociVersion: that of the container's configuration.
    package mutating func readZeroLimits(as ociVersion: String) {
        if pidsLimit == 0, SemanticVersion(ociVersion)?.isBefore(1, 3) ?? false { pidsLimit = -1 }
    }

    /// -1 is "without limit", and nothing else below zero means anything.
    private static func checkBelowZero(_ spec: MemoryResources, _ diagnostics: inout Diagnostics) {
        let values = [
            ("limit", spec.limit), ("reservation", spec.reservation), ("swap", spec.swap),
        ]
        for (name, value) in values {
            guard let value, value < -1 else { continue }
            diagnostics.error(
                "linux/resources/memory/" + name,
                "expected a number of bytes or -1 for no limit, found \(value)")
        }
    }

    /// Device numbers that the kernel would cut off are those of another device.
    private static func checkNumbers(_ spec: OCISpec.BlockIO, _ diagnostics: inout Diagnostics) {
        func check(_ number: Int64, _ place: String, _ limit: Int64) {
            guard number < 0 || number > limit else { return }
            diagnostics.error(
                "linux/resources/blockIO/" + place,
                "expected a device number of at most \(limit), found \(number)")
        }
        for (index, device) in (spec.weightDevice ?? []).enumerated() {
            check(device.major, "weightDevice/\(index)/major", 0xfff)
            check(device.minor, "weightDevice/\(index)/minor", 0xf_ffff)
        }
        let lists: [(String, [OCISpec.ThrottleDevice]?)] = [
            ("throttleReadBpsDevice", spec.throttleReadBpsDevice),
            ("throttleWriteBpsDevice", spec.throttleWriteBpsDevice),
            ("throttleReadIOPSDevice", spec.throttleReadIOPSDevice),
            ("throttleWriteIOPSDevice", spec.throttleWriteIOPSDevice),
        ]
        for (name, list) in lists {
            for (index, device) in (list ?? []).enumerated() {
                check(device.major, "\(name)/\(index)/major", 0xfff)
                check(device.minor, "\(name)/\(index)/minor", 0xf_ffff)
            }
        }
    }
}

extension CgroupResources.Memory {
    init(_ spec: MemoryResources) {
        self.init()
        limit = spec.limit
        reservation = spec.reservation
        swap = spec.swap
        kernel = spec.kernel
        kernelTCP = spec.kernelTCP
        swappiness = spec.swappiness
        disableOOMKiller = spec.disableOOMKiller
        useHierarchy = spec.useHierarchy
        checkBeforeUpdate = spec.checkBeforeUpdate
    }
}

extension CgroupResources.CPU {
    init(_ spec: CPUResources) {
        self.init()
        shares = spec.shares
        quota = spec.quota
        burst = spec.burst
        period = spec.period
        realtimeRuntime = spec.realtimeRuntime
        realtimePeriod = spec.realtimePeriod
        cpus = spec.cpus
        mems = spec.mems
        idle = spec.idle
    }
}

extension CgroupResources.BlockIO {
    init(_ spec: OCISpec.BlockIO) {
        self.init()
        weight = spec.weight
        leafWeight = spec.leafWeight
        weightDevices = (spec.weightDevice ?? []).map {
            .init(major: $0.major, minor: $0.minor, weight: $0.weight, leafWeight: $0.leafWeight)
        }
        throttleReadBps = Self.throttles(spec.throttleReadBpsDevice)
        throttleWriteBps = Self.throttles(spec.throttleWriteBpsDevice)
        throttleReadIOPS = Self.throttles(spec.throttleReadIOPSDevice)
        throttleWriteIOPS = Self.throttles(spec.throttleWriteIOPSDevice)
    }

    private static func throttles(_ list: [ThrottleDevice]?) -> [CgroupResources.ThrottleDevice] {
        (list ?? []).map { .init(major: $0.major, minor: $0.minor, rate: $0.rate) }
    }
}

extension CgroupDeviceRule {
    init(_ spec: DeviceRule, index: Int, _ diagnostics: inout Diagnostics) {
        let location = "linux/resources/devices/\(index)"
        // Not `[]`: across modules that is generic code that searches the program's conformances.
        var access = Access(rawValue: 0)
        for letter in spec.access ?? "" {
            switch letter {
            case "r": access.insert(.read)
            case "w": access.insert(.write)
            case "m": access.insert(.mknod)
            default:
                diagnostics.error(
                    location + "/access", "expected letters of rwm, found \"\(letter)\"")
            }
        }
        let kind: Kind =
            switch spec.type {
            case .character: .character
            case .block: .block
            case .all, nil: .all
            }
        // -1 is how Go programs spell "any"; the specification leaves the number out.
        func number(_ value: Int64?, _ name: String) -> Int64? {
            guard let value, value != -1 else { return nil }
            if value < 0 || value > Int64(UInt32.max) {
                diagnostics.error(location + "/" + name, "not a device number: \(value)")
            }
            return value
        }
        self.init(
            allow: spec.allow, kind: kind, major: number(spec.major, "major"),
            minor: number(spec.minor, "minor"), access: access.isEmpty ? .everything : access)
    }
}
