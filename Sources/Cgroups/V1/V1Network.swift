/// `linux.resources.network` as files of the version 1 `net_cls` and `net_prio` controllers.
enum V1Network {
    static func convert(_ network: CgroupResources.Network, into list: inout CgroupWriteList) {
        if let classID = network.classID {
            list.add("net_cls", "net_cls.classid", String(classID), "network/classID")
        }
        for (index, entry) in network.priorities.enumerated() {
            list.add(
                "net_prio", "net_prio.ifpriomap", "\(entry.name) \(entry.priority)",
                "network/priorities/\(index)")
        }
    }
}
