import Kernel
import Testing

@testable import Cgroups

@Suite("Cgroups below a unit")
struct UnitSubgroupTests {
    static let unified = CgroupHost(
        layout: .unified, mounts: [.init(controllers: "", mountPoint: "/none/cgroup")])

    static func request(
        _ driver: CgroupDriver, _ subgroup: String?, _ delegate: String? = nil,
        path: String? = nil
    ) -> CgroupRequest {
        var request = CgroupRequest(id: "box", cgroupsPath: path, driver: driver)
        request.subgroup = subgroup
        request.delegate = delegate
        return request
    }

    static func refused(
        _ request: CgroupRequest, on host: CgroupHost = unified
    ) -> String? {
        do throws(CgroupError) {
            _ = try CgroupChooser.choose(request, on: host)
            return nil
        } catch {
            return error.property
        }
    }

    @Test("the container's cgroup is below the unit's")
    func place() throws {
        let manager = try CgroupChooser.choose(Self.request(.systemd, "in"), on: Self.unified)
        let record = manager.record
        #expect(record.path == "/system.slice/apus-box.scope/in")
        #expect(record.unit == "apus-box.scope")
        #expect(record.subgroup == "in")
        #expect(record.ofUnit.path == "/system.slice/apus-box.scope")
        #expect(record.ofUnit.subgroup == nil)
        #expect(try CgroupChooser.open(record).record == record)
        let steps = try manager.plan(for: CgroupResources()).steps
        #expect(steps.first == .makeDirectory(record.hierarchies[0]))
        #expect(steps.last == .enter(record.hierarchies[0]))
    }

    @Test("without one the unit's own is the container's")
    func absent() throws {
        let record = try CgroupChooser.choose(Self.request(.systemd, nil), on: Self.unified).record
        #expect(record.path == "/system.slice/apus-box.scope")
        #expect(record.subgroup == nil)
        #expect(record.ofUnit == record)
    }

    @Test("only systemd on version 2 makes one", arguments: [CgroupLayout.v1, .hybrid])
    func versionOne(layout: CgroupLayout) throws {
        let host = CgroupHost(
            layout: layout,
            mounts: [
                .init(controllers: "memory", mountPoint: "/cg/memory"),
                .init(controllers: "", mountPoint: "/cg/unified"),
            ])
        let record = try CgroupChooser.choose(Self.request(.systemd, "in"), on: host).record
        #expect(record.subgroup == nil)
        #expect(record.hierarchies.allSatisfy { $0.path == "/system.slice/apus-box.scope" })
        #expect(
            Self.refused(Self.request(.systemd, "in", "own"), on: host)
                == "annotations/run.oci.delegate-cgroup")
    }

    @Test("a name that the kernel uses is refused")
    func controlFile() throws {
        let directory = try TemporaryDirectory()
        try directory.file("unit/memory.max", "max")
        let hierarchy = CgroupHierarchy(
            controllers: "", mountPoint: directory.path, path: "/unit/memory.max")
        #expect(
            throws: CgroupError(
                "the kernel has a file of this name in a cgroup",
                property: "annotations/run.oci.systemd.subgroup")
        ) {
            try UnitSubgroup.enter(1, hierarchy)
        }
        #expect(try Files.readText(directory.path + "/unit/memory.max") == "max")
    }

    @Test("without systemd it has no effect")
    func files() throws {
        let record = try CgroupChooser.choose(Self.request(.cgroupfs, "in"), on: Self.unified)
            .record
        #expect(record.path == "/box")
        #expect(record.subgroup == nil)
    }

    @Test("what cannot be handed over is refused")
    func delegation() {
        let place = "annotations/run.oci.delegate-cgroup"
        #expect(Self.refused(Self.request(.systemd, "in", "own")) == nil)
        #expect(Self.refused(Self.request(.systemd, nil, "own")) == place)
        #expect(Self.refused(Self.request(.cgroupfs, "in", "own")) == place)
        #expect(Self.refused(Self.request(.disabled, "in", "own")) == place)
        #expect(Self.refused(Self.request(.disabled, "in")) == nil)
    }

    @Test("a slice has no such cgroup")
    func slice() {
        let path = "::pod-1.slice"
        #expect(
            Self.refused(Self.request(.systemd, "in", path: path))
                == "annotations/run.oci.systemd.subgroup")
        #expect(Self.refused(Self.request(.systemd, nil, path: path)) == nil)
    }
}
