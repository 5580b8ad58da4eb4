import OCISpec
import Testing

@testable import Container

/// What stands in for a file system that the kernel refuses to mount.
@Suite struct RefusedMountTests {
    private static let sysfs = Mount(
        destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noatime"])
    private static let mqueue = Mount(destination: "/dev/mqueue", type: "mqueue", source: "mqueue")
    private static let cgroup = Mount(
        destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid"])

    private static func actions(
        _ mounts: [Mount], new: [NamespaceType] = [], _ machine: Machine = .versionTwo,
        _ change: (inout Spec) -> Void = { _ in }
    ) throws -> [String] {
        var spec = Configurations.mapped { spec in
            spec.mounts = mounts
            spec.linux?.namespaces?.append(contentsOf: new.map { Namespace(type: $0) })
        }
        change(&spec)
        let (blueprint, findings) = validated(spec, testOptions(), machine.facts)
        #expect(findings.errors == [])
        let plan = Planner.plan(blueprint, cgroup: try machine.cgroup(blueprint))
        return PlanDescription.lines(plan).filter { $0.origin.hasPrefix("mounts/") }.map(\.action)
    }

    @Test("the host's sysfs, and nothing of it can be written")
    func sys() throws {
        #expect(
            try Self.actions([Self.sysfs], new: [.network]) == [
                "mount sysfs -> sys [nosuid,noatime] (if it is allowed)",
                "bind /sys -> sys [cloned inside] (if not)",
                "set attributes sys [ro,nosuid,recursive] (if not)",
            ])
    }

    @Test("the host's queues only where the container uses those of the host")
    func queues() throws {
        #expect(try Self.actions([Self.mqueue], new: [.ipc]) == ["mount mqueue -> dev/mqueue"])
        #expect(
            try Self.actions([Self.mqueue]) == [
                "mount mqueue -> dev/mqueue (if it is allowed)",
                "bind /dev/mqueue -> dev/mqueue [cloned inside] (if not)",
            ])
    }

    @Test("its own cgroup, or the host's read-only where it may have none")
    func cgroups() throws {
        let own = try Self.actions([Self.cgroup], new: [.cgroup])
        #expect(own.first == "mount cgroup2 -> sys/fs/cgroup [nosuid] (if it is allowed)")
        #expect(own.dropFirst().first?.hasPrefix("bind /none/cgroup/") ?? false)
        #expect(own.last == "set attributes sys/fs/cgroup [nosuid,recursive] (if not)")
        let hosts = try Self.actions([Self.cgroup], new: [.cgroup], .ordinaryUser)
        #expect(hosts.contains("bind /sys/fs/cgroup -> sys/fs/cgroup [cloned inside] (if not)"))
        #expect(hosts.contains("set attributes sys/fs/cgroup [ro,nosuid,recursive] (if not)"))
    }

    @Test("a refused procfs is an error")
    func proc() throws {
        let mount = Mount(destination: "/proc", type: "proc", source: "proc")
        #expect(try Self.actions([mount], new: [.pid]) == ["mount proc -> proc"])
    }

    @Test("without a user namespace nothing is refused for these reasons")
    func noUserNamespace() throws {
        let plain: (inout Spec) -> Void = { spec in
            spec.linux = Linux(namespaces: [Namespace(type: .mount), Namespace(type: .network)])
        }
        #expect(
            try Self.actions([Self.sysfs], .versionTwo, plain) == [
                "mount sysfs -> sys [nosuid,noatime]"
            ])
        var inside = Machine.versionTwo
        inside.facts.isInUserNamespace = true
        #expect(try Self.actions([Self.sysfs], inside, plain).count == 3)
    }
}
