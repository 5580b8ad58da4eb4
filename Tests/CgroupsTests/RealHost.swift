import Cgroups
import Glibc
import Kernel

/// What the tests on a real host need: root, and hierarchies of version 1.
enum RealHost {
    static let reason: String? = {
        if geteuid() != 0 { return "needs root" }
        guard let host = try? CgroupHost.discover() else { return "needs mounted cgroups" }
        return host.layout == .unified ? "needs cgroup v1" : nil
    }()

    static var isUsable: Bool { reason == nil }

    /// The version 2 hierarchy of this host, alone or beside version 1.
    static let unifiedRoot: String? = {
        guard let host = try? CgroupHost.discover() else { return nil }
        return host.mounts.last { $0.controllers.isEmpty }?.mountPoint
    }()

    static var unifiedReason: String? {
        if geteuid() != 0 { return "needs root" }
        return unifiedRoot == nil ? "needs a cgroup v2 hierarchy" : nil
    }

    static var hybridReason: String? {
        if let reason { return reason }
        let names = unifiedRoot.flatMap { try? Files.readText($0 + "/cgroup.controllers") } ?? ""
        return names.contains("hugetlb") ? nil : "needs hugetlb in cgroup v2 beside cgroup v1"
    }

    /// A manager for a cgroup that no other test uses.
    static func manager(
        _ name: String, path: String? = nil
    ) throws -> any CgroupManager {
        let id = "apus-unit-\(getpid())-\(name)"
        return try CgroupChooser.choose(
            CgroupRequest(id: id, cgroupsPath: path ?? "/\(id)"))
    }

    static func directory(_ manager: any CgroupManager, _ controller: String) -> String {
        manager.record.hierarchies.first { $0.controllers == controller }?.directory ?? "/missing"
    }

    static func value(
        _ manager: any CgroupManager, _ controller: String, _ file: String
    ) throws -> String {
        let text = try Files.readText(directory(manager, controller) + "/" + file)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Starts `sleep` in the cgroup the way that containers are started.
    static func sleeper(in manager: any CgroupManager) throws -> ChildProcess {
        let entrances = try manager.openEntrances()
        var request = SpawnRequest(
            path: "/bin/sleep", arguments: ["sleep", "60"], environment: [])
        request.firstDescriptor = 3
        request.cgroupTasks = entrances.tasks
        if entrances.cloneDirectory >= 0 {
            request.cloneFlags = CLONE_INTO_CGROUP
            request.cgroup = entrances.cloneDirectory
        }
        return try request.spawn()
    }
}
