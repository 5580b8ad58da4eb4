/// `linux.resources.blockIO` as files of the version 1 `blkio` controller.
enum V1BlockIO {
    static func convert(
        _ blockIO: CgroupResources.BlockIO, into list: inout CgroupWriteList
    ) {
        if let weight = blockIO.weight, weight != 0 {
            // The scheduler that is built in decides the name: BFQ since Linux 5.0, CFQ before.
            list.add(
                "blkio", "blkio.bfq.weight", String(weight), "blockIO/weight",
                fallback: .init(file: "blkio.weight", value: String(weight)))
        }
        if let weight = blockIO.leafWeight, weight != 0 {
            list.add("blkio", "blkio.leaf_weight", String(weight), "blockIO/leafWeight")
        }
        for (index, device) in blockIO.weightDevices.enumerated() {
            let number = "\(device.major):\(device.minor)"
            if let weight = device.weight, weight != 0 {
                let value = "\(number) \(weight)"
                list.add(
                    "blkio", "blkio.bfq.weight_device", value,
                    "blockIO/weightDevice/\(index)/weight",
                    fallback: .init(file: "blkio.weight_device", value: value))
            }
            if let weight = device.leafWeight, weight != 0 {
                list.add(
                    "blkio", "blkio.leaf_weight_device", "\(number) \(weight)",
                    "blockIO/weightDevice/\(index)/leafWeight")
            }
        }
        throttle(
            blockIO.throttleReadBps, "read_bps_device", "throttleReadBpsDevice", into: &list)
        throttle(
            blockIO.throttleWriteBps, "write_bps_device", "throttleWriteBpsDevice", into: &list)
        throttle(
            blockIO.throttleReadIOPS, "read_iops_device", "throttleReadIOPSDevice", into: &list)
        throttle(
            blockIO.throttleWriteIOPS, "write_iops_device", "throttleWriteIOPSDevice", into: &list)
    }

    private static func throttle(
        _ devices: [CgroupResources.ThrottleDevice], _ file: String, _ property: String,
        into list: inout CgroupWriteList
    ) {
        for (index, device) in devices.enumerated() {
            list.add(
                "blkio", "blkio.throttle." + file,
                "\(device.major):\(device.minor) \(device.rate)",
                "blockIO/\(property)/\(index)")
        }
    }
}
