/// The conversion of every limit for a version 2 cgroup, and which controller each one needs.
enum V2Controllers {
    static func convert(
        _ resources: CgroupResources, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        try V2CPU.convert(resources.cpu, into: &list)
        V2CPUSet.convert(resources.cpu, into: &list)
        try V2Memory.convert(resources.memory, into: &list)
        PIDsLimit.convert(resources.pidsLimit, controller: "", into: &list)
        try V2IO.convert(resources.blockIO, into: &list)
        V2Hugetlb.convert(resources.hugepages, into: &list)
        try RDMALimits.convert(resources.rdma, controller: "", into: &list)
        try refuseNetwork(resources.network)
        try V2Unified.convert(resources.unified, into: &list)
    }

    // Version 2 marks traffic by eBPF programs of the host's own, not by a controller.
    private static func refuseNetwork(
        _ network: CgroupResources.Network
    ) throws(CgroupError) {
        if let classID = network.classID, classID != 0 {
            throw CgroupWriteList.invalid("network/classID", "cgroup v2 has no network classes")
        }
        if !network.priorities.isEmpty {
            throw CgroupWriteList.invalid(
                "network/priorities", "cgroup v2 has no network priorities")
        }
    }

    /// The controllers that writes to version 2 need, each once.
    static func needed(by writes: [CgroupWrite]) -> [String] {
        var names: [String] = []
        for write in writes where write.controller.isEmpty {
            let name = V2Unified.controller(of: write.file)
            if name != "cgroup" && !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Throws for the first write whose controller is not among those that the host has here.
    static func check(_ writes: [CgroupWrite], available: [String]) throws(CgroupError) {
        for write in writes where write.controller.isEmpty {
            let name = V2Unified.controller(of: write.file)
            if name != "cgroup" && !available.contains(name) {
                throw CgroupError(unavailable(name, available), property: write.property)
            }
        }
    }

    /// The sentence for a limit that nobody can apply.
    static func unavailable(_ controller: String, _ mounted: [String]) -> String {
        "controller \(controller) is not available (mounted: \(mounted.joined(separator: ", ")))"
    }

    /// Controllers that need a cgroup of processes; the others also work on threads.
    static func isDomain(_ controller: String) -> Bool {
        switch controller {
        case "cpu", "cpuset", "perf_event", "pids": return false
        default: return true
        }
    }
}
