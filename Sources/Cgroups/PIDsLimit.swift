/// `linux.resources.pids` as the file of the `pids` controller, the same in both versions.
enum PIDsLimit {
    /// - Parameter controller: `pids`, or empty for version 2.
    static func convert(_ limit: Int64?, controller: String, into list: inout CgroupWriteList) {
        guard let limit else { return }
        list.add(controller, "pids.max", unifiedLimit(limit), "pids/limit")
    }
}
