/// `linux.resources.cpu.cpus` and `mems` as files of the version 2 `cpuset` controller.
enum V2CPUSet {
    static func convert(_ cpu: CgroupResources.CPU, into list: inout CgroupWriteList) {
        if let cpus = cpu.cpus, !cpus.isEmpty {
            list.add("", "cpuset.cpus", cpus, "cpu/cpus")
        }
        if let mems = cpu.mems, !mems.isEmpty {
            list.add("", "cpuset.mems", mems, "cpu/mems")
        }
    }
}
