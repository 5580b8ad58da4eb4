/// `linux.resources.blockIO` as files of the version 2 `io` controller.
enum V2IO {
    static func convert(
        _ blockIO: CgroupResources.BlockIO, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        if let weight = blockIO.leafWeight, weight != 0 {
            throw unsupported("blockIO/leafWeight")
        }
        if let weight = blockIO.weight, weight != 0 {
            // BFQ counts as the specification does; the cost model's weight has another range.
            list.add(
                "", "io.bfq.weight", String(weight), "blockIO/weight",
                fallback: .init(file: "io.weight", value: "\(costWeight(weight))"))
        }
        for (index, device) in blockIO.weightDevices.enumerated() {
            if let weight = device.leafWeight, weight != 0 {
                throw unsupported("blockIO/weightDevice/\(index)/leafWeight")
            }
            guard let weight = device.weight, weight != 0 else { continue }
            let number = "\(device.major):\(device.minor)"
            list.add(
                "", "io.bfq.weight", "\(number) \(weight)",
                "blockIO/weightDevice/\(index)/weight",
                fallback: .init(file: "io.weight", value: "\(number) \(costWeight(weight))"))
        }
        throttle(blockIO.throttleReadBps, "rbps", "throttleReadBpsDevice", into: &list)
        throttle(blockIO.throttleWriteBps, "wbps", "throttleWriteBpsDevice", into: &list)
        throttle(blockIO.throttleReadIOPS, "riops", "throttleReadIOPSDevice", into: &list)
        throttle(blockIO.throttleWriteIOPS, "wiops", "throttleWriteIOPSDevice", into: &list)
    }

    /// 10...1000 as 1...10000.
    static func costWeight(_ weight: UInt16) -> UInt64 {
        weight <= 10 ? 1 : min(10_000, 1 + (UInt64(weight) - 10) * 9999 / 990)
    }

    private static func throttle(
        _ devices: [CgroupResources.ThrottleDevice], _ key: String, _ property: String,
        into list: inout CgroupWriteList
    ) {
        for (index, device) in devices.enumerated() {
            // Zero takes a limit away on version 1; version 2 has a word for that.
            let rate = device.rate == 0 ? "max" : String(device.rate)
            list.add(
                "", "io.max", "\(device.major):\(device.minor) \(key)=\(rate)",
                "blockIO/\(property)/\(index)")
        }
    }

    private static func unsupported(_ property: String) -> CgroupError {
        CgroupWriteList.invalid(property, "cgroup v2 has no leaf weight")
    }
}
