/// `linux.resources.cpu.cpus` and `mems` as files of the version 1 `cpuset` controller.
enum V1CPUSet {
    static func convert(_ cpu: CgroupResources.CPU, into list: inout CgroupWriteList) {
        if let cpus = cpu.cpus, !cpus.isEmpty {
            list.add("cpuset", "cpuset.cpus", cpus, "cpu/cpus")
        }
        if let mems = cpu.mems, !mems.isEmpty {
            list.add("cpuset", "cpuset.mems", mems, "cpu/mems")
        }
    }
}
