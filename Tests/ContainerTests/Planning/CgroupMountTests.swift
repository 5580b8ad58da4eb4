import Cgroups
import OCISpec
import Testing

@testable import Container

/// Mounts of cgroups that are refused, and those that an ordinary user or CRIU has to do with.
@Suite struct CgroupMountTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var machine: @Sendable () -> Machine
        var type: String
        var isNamespaced: Bool
        var options: [String]
        var errors: [String]

        var testDescription: String { "\(type) \(options) \(isNamespaced)" }
    }

    private static let missing = "mounts/0/type (/c): the host has no hierarchy of cgroup version 2"

    private static func unheeded(_ option: String) -> String {
        "mounts/0/options (/c): option \"\(option)\" has no effect on these cgroups"
    }

    static let rows: [Row] = [
        Row(
            machine: { .versionOne }, type: "cgroup", isNamespaced: false,
            options: ["ro", "nosuid", "relatime", "rprivate", "sync"], errors: []),
        Row(
            machine: { .versionOne }, type: "cgroup", isNamespaced: false,
            options: ["ro", "nonsense", "memory"], errors: [unheeded("nonsense")]),
        Row(
            machine: { .versionOne }, type: "cgroup", isNamespaced: true, options: ["xattr"],
            errors: [unheeded("xattr")]),
        Row(
            machine: { .versionOne }, type: "cgroup2", isNamespaced: false, options: [],
            errors: [missing]),
        Row(
            machine: { .versionOne }, type: "cgroup2", isNamespaced: true, options: [],
            errors: [missing]),
        Row(machine: { .hybrid }, type: "cgroup2", isNamespaced: false, options: [], errors: []),
        Row(
            machine: { .hybrid }, type: "cgroup2", isNamespaced: false, options: ["nsdelegate"],
            errors: [unheeded("nsdelegate")]),
        // The kernel sees to it.
        Row(
            machine: { .hybrid }, type: "cgroup2", isNamespaced: true, options: ["nsdelegate"],
            errors: []),
        Row(
            machine: { .versionTwo }, type: "cgroup", isNamespaced: true, options: ["nonsense"],
            errors: []),
        Row(
            machine: { .versionTwo }, type: "cgroup", isNamespaced: false, options: ["nonsense"],
            errors: [unheeded("nonsense")]),
        Row(
            machine: { .versionTwo }, type: "cgroup2", isNamespaced: false, options: [], errors: []),
    ]

    private func blueprint(_ row: Row) -> Blueprint {
        let mount = Mount(
            destination: "/c", type: row.type, source: "cgroup", options: row.options)
        let spec = Configurations.changed { spec in
            spec.mounts = [mount]
            if row.isNamespaced { spec.linux?.namespaces?.append(Namespace(type: .cgroup)) }
        }
        return validated(spec, LaunchOptions(id: "box", bundle: "/bundle"), row.machine().facts).0
    }

    @Test("what nothing heeds is refused", arguments: rows)
    func check(row: Row) throws {
        let blueprint = blueprint(row)
        let record = try row.machine().cgroup(blueprint).record
        var diagnostics = Diagnostics()
        CgroupMountPlanner.check(blueprint, record, &diagnostics)
        #expect(diagnostics.errors.map(\.description) == row.errors)
    }

    @Test("what is not the container's own cannot be written, not after a remount either")
    func disabled() throws {
        let spec = Spec(
            ociVersion: "1.3.0", root: Root(path: "rootfs"),
            mounts: [
                Mount(destination: "/c", type: "cgroup2", source: "cgroup", options: ["rw"]),
                Mount(destination: "/c", options: ["remount", "rw"]),
                Mount(destination: "/t", type: "tmpfs", source: "tmpfs", options: ["rw"]),
            ])
        let options = LaunchOptions(id: "box", bundle: "/bundle")
        for (driver, isReadOnly) in [(CgroupDriver.disabled, true), (.cgroupfs, false)] {
            var blueprint = validated(spec, options, Machine.hybrid.facts).0
            let request = CgroupRequest(id: "box", driver: driver)
            let mount = CgroupHost.Mount(controllers: "", mountPoint: "/none", ownPath: "/")
            let host = CgroupHost(layout: .unified, mounts: [mount])
            let manager = try CgroupChooser.choose(request, on: host)
            // The host of the test may have no cgroups to be shown.
            _ = try? CgroupMountPlanner.view(&blueprint, manager)
            #expect(blueprint.mounts.map(\.options.isReadOnly) == [isReadOnly, isReadOnly, false])
        }
    }

    @Test("without privileges the host's version 2 hierarchy is shown")
    func hostsTree() throws {
        var row = Row(
            machine: { .hybrid }, type: "cgroup2", isNamespaced: false, options: [], errors: [])
        row.machine = {
            var machine = Machine.hybrid
            machine.facts.toleratesCgroups = true
            return machine
        }
        let blueprint = blueprint(row)
        let plan = Planner.plan(blueprint, cgroup: try row.machine().cgroup(blueprint))
        let actions = PlanDescription.lines(plan).map(\.action)
        #expect(actions.contains { $0.hasPrefix("bind /none/unified -> c ") })
        #expect(!actions.contains { $0.hasPrefix("bind /sys/fs/cgroup ") })
    }

    @Test("CRIU is told of the part that is bound")
    func externalMounts() throws {
        let row = Row(
            machine: { .hybrid }, type: "cgroup2", isNamespaced: false, options: [], errors: [])
        let blueprint = blueprint(row)
        let record = try row.machine().cgroup(blueprint).record
        let places = CgroupMountPlanner.binds(blueprint.mounts[0], record, blueprint)
        #expect(places.map(\.target) == ["/c"])
        #expect(places.map(\.source) == [record.hierarchies.last?.directory])
    }
}
