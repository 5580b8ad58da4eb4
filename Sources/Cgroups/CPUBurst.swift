/// The rule that binds `cpu.burst` and `cpu.quota`: the kernel refuses, with `EINVAL`, whichever of
/// them is written last (admin-guide, `sched-bwc`), and only the burst is what is wrong then.
enum CPUBurst {
    /// Refuses a burst above the quota that is given with it.
    static func check(_ cpu: CgroupResources.CPU) throws(CgroupError) {
        guard let burst = cpu.burst, let quota = cpu.quota, quota > 0, burst > quota else { return }
        throw CgroupWriteList.invalid("cpu/burst", sentence(burst, UInt64(quota)))
    }

    /// The sentence for a refused write, when the other of the two, which is in force, is the reason.
    static func refusal(_ write: CgroupWrite, in directory: String) -> String? {
        let burst: UInt64?
        let quota: UInt64?
        switch write.file {
        case "cpu.max", "cpu.cfs_quota_us":
            let file = write.controller.isEmpty ? "cpu.max.burst" : "cpu.cfs_burst_us"
            quota = write.value.split(separator: " ").first.flatMap { UInt64($0) }
            burst = CgroupFile.number(directory + "/" + file)
        case "cpu.max.burst", "cpu.cfs_burst_us":
            let file = write.controller.isEmpty ? "cpu.max" : "cpu.cfs_quota_us"
            quota = CgroupFile.words(directory + "/" + file)?.first.flatMap { UInt64($0) }
            burst = UInt64(write.value)
        default: return nil
        }
        guard let quota, let burst, burst > quota else { return nil }
        return sentence(burst, quota)
    }

    private static func sentence(_ burst: UInt64, _ quota: UInt64) -> String {
        "the burst of \(burst) is above the quota of \(quota)"
    }
}
