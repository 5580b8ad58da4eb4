/// No cgroup at all: the container stays in the caller's, and nothing may be asked of it.
final class DisabledManager: CgroupManager {
    var record: CgroupRecord { CgroupRecord(layout: .v1, driver: .disabled, hierarchies: []) }

    var view: CgroupRecord {
        get throws(CgroupError) {
            let host = try CgroupHost.discover()
            let hierarchies = host.mounts.map { mount in
                CgroupHierarchy(
                    controllers: mount.controllers, mountPoint: mount.mountPoint,
                    path: mount.ownPath)
            }
            return CgroupRecord(layout: host.layout, driver: .disabled, hierarchies: hierarchies)
        }
    }

    /// Device rules are dropped like the engines that disable cgroups expect; a limit is an error.
    func plan(for resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        try refuse(resources)
        return CgroupPlan(steps: [])
    }

    func create(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        try refuse(resources)
        return []
    }

    func undoCreate() {}

    func openEntrances(
        below: [CgroupSubpath], neighbour: Int32?
    ) throws(CgroupError) -> CgroupEntrances {
        try refuse(below)
        return CgroupEntrances(cloneDirectory: -1, tasks: [])
    }

    func attach(_ pid: Int32, below: [CgroupSubpath]) throws(CgroupError) {
        try refuse(below)
    }

    func set(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        try refuse(resources)
        return []
    }

    func freeze() throws(CgroupError) { throw Self.disabled }
    func thaw() throws(CgroupError) { throw Self.disabled }
    func isFrozen() throws(CgroupError) -> Bool { false }
    func processes(recursive: Bool) throws(CgroupError) -> [Int32] { [] }
    func kill(_ signal: Int32) throws(CgroupError) { throw Self.disabled }
    func remove() throws(CgroupError) {}
    func oomFacts() -> CgroupOOMFacts { CgroupOOMFacts() }
    func stats() throws(CgroupError) -> CgroupStats { CgroupStats() }

    private static var disabled: CgroupError {
        CgroupError("the container has no cgroup: cgroups are disabled")
    }

    private func refuse(_ below: [CgroupSubpath]) throws(CgroupError) {
        if !below.isEmpty { throw Self.disabled }
    }

    private func refuse(_ resources: CgroupResources) throws(CgroupError) {
        var limits = resources
        limits.devices = []
        if limits != CgroupResources() {
            throw CgroupError(
                "limits need a cgroup, and cgroups are disabled", property: "linux/resources")
        }
    }
}
