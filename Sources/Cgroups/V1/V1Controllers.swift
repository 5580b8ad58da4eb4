/// The conversion of every limit for version 1 and hybrid hosts.
enum V1Controllers {
    /// - Parameter isUnified: whether the hybrid host keeps that controller in its version 2 half.
    static func convert(
        _ resources: CgroupResources, isUnified: (String) -> Bool, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        if isUnified("cpu") {
            try V2CPU.convert(resources.cpu, into: &list)
        } else {
            try V1CPU.convert(resources.cpu, into: &list)
        }
        if isUnified("cpuset") {
            V2CPUSet.convert(resources.cpu, into: &list)
        } else {
            V1CPUSet.convert(resources.cpu, into: &list)
        }
        if isUnified("memory") {
            try V2Memory.convert(resources.memory, into: &list)
        } else {
            try V1Memory.convert(resources.memory, into: &list)
        }
        PIDsLimit.convert(
            resources.pidsLimit, controller: isUnified("pids") ? "" : "pids", into: &list)
        if isUnified("io") {
            try V2IO.convert(resources.blockIO, into: &list)
        } else {
            V1BlockIO.convert(resources.blockIO, into: &list)
        }
        // The rest is rarely mounted as version 1; asking where it is costs reading a file, so that
        // is left to those who limit it.
        if !resources.hugepages.isEmpty {
            if isUnified("hugetlb") {
                V2Hugetlb.convert(resources.hugepages, into: &list)
            } else {
                V1Hugetlb.convert(resources.hugepages, into: &list)
            }
        }
        if !resources.rdma.isEmpty {
            try RDMALimits.convert(
                resources.rdma, controller: isUnified("rdma") ? "" : "rdma", into: &list)
        }
        V1Network.convert(resources.network, into: &list)
        try convertUnified(resources.unified, isUnified: isUnified, into: &list)
    }

    // A hybrid host can honour what its version 2 half has; all else has no file to be written to.
    private static func convertUnified(
        _ values: [CgroupResources.UnifiedValue], isUnified: (String) -> Bool,
        into list: inout CgroupWriteList
    ) throws(CgroupError) {
        for entry in values where !isUnified(V2Unified.controller(of: entry.file)) {
            throw CgroupWriteList.invalid(
                "unified/\(entry.file)",
                "invalid configuration: cannot use unified on cgroup v1")
        }
        try V2Unified.convert(values, into: &list)
    }
}
