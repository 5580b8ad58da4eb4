import Cgroups
import OCISpec
import Testing

@testable import Container

/// Plans for hosts with security modules, which the machine of the test need not have.
@Suite("Labels")
struct LabelTests {
    private var spec: Spec {
        var spec = Spec(ociVersion: "1.3.0")
        spec.root = Root(path: "rootfs")
        spec.process = Process(cwd: "/")
        spec.process?.args = ["/bin/true"]
        spec.linux = Linux(namespaces: [Namespace(type: .mount), Namespace(type: .pid)])
        return spec
    }

    private func plan(
        _ spec: Spec, _ facts: HostFacts, _ diagnostics: inout Diagnostics
    ) -> [String] {
        let blueprint = Blueprint(
            spec, options: LaunchOptions(id: "box", bundle: "/b"), facts: facts, &diagnostics)
        let cgroup = Planner.Cgroup(
            record: CgroupRecord(layout: .unified, driver: .disabled, hierarchies: []),
            plan: CgroupPlan(steps: []))
        return PlanDescription.lines(Planner.plan(blueprint, cgroup: cgroup)).map(\.action)
    }

    @Test("AppArmor changes the profile when the program is executed")
    func appArmor() throws {
        var spec = spec
        spec.process?.apparmorProfile = "box-profile"
        var diagnostics = Diagnostics()
        let lines = plan(spec, HostFacts(hasAppArmor: true), &diagnostics)
        #expect(diagnostics.errors.isEmpty)
        let label = try #require(lines.firstIndex(of: "label apparmor/exec exec box-profile"))
        #expect(label < lines.firstIndex(of: "ready") ?? 0)
    }

    @Test("SELinux labels the program and the keyring made for it")
    func seLinux() throws {
        var spec = spec
        spec.process?.selinuxLabel = "u:r:t:s0"
        var diagnostics = Diagnostics()
        let lines = plan(spec, HostFacts(hasSELinux: true), &diagnostics)
        #expect(diagnostics.errors.isEmpty)
        #expect(lines.contains("label exec u:r:t:s0"))
        let keyring = try #require(lines.firstIndex(of: "keyring _ses.box"))
        #expect(lines[keyring - 1] == "label keycreate u:r:t:s0")
        #expect(lines[keyring + 1] == "label keycreate \n")
    }

    @Test("a mount label is an option of new file systems, and not of all")
    func mountLabel() {
        var spec = spec
        spec.linux?.mountLabel = "u:object_r:file_t:s0:c1,c2"
        spec.linux?.maskedPaths = ["/secret"]
        spec.mounts = [
            Mount(destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=1m"]),
            Mount(destination: "/given", type: "tmpfs", source: "t", options: ["context=other"]),
            Mount(destination: "/proc", type: "proc", source: "proc"),
            Mount(destination: "/dev/mqueue", type: "mqueue", source: "mqueue"),
            Mount(destination: "/data", type: "bind", source: "/data", options: ["bind"]),
        ]
        var diagnostics = Diagnostics()
        let lines = plan(spec, HostFacts(hasSELinux: true), &diagnostics)
        #expect(diagnostics.errors.isEmpty)
        let label = "context=u:object_r:file_t:s0:c1,c2"
        #expect(lines.contains("mount tmpfs -> tmp [size=1m,\(label)]"))
        #expect(lines.contains("mount tmpfs -> given [context=other]"))
        #expect(lines.contains("mount proc -> proc"))
        #expect(lines.contains("relabel /dev/mqueue u:object_r:file_t:s0:c1,c2"))
        #expect(lines.filter { $0.contains(label) }.count == 1)
    }

    @Test("a label is an error where its module is not enabled")
    func missingModule() {
        var spec = spec
        spec.process?.apparmorProfile = "box-profile"
        spec.process?.selinuxLabel = "u:r:t:s0"
        spec.linux?.mountLabel = "a\"b"
        var diagnostics = Diagnostics()
        _ = plan(spec, HostFacts(), &diagnostics)
        #expect(
            diagnostics.errors.map(\.location) == [
                "process/apparmorProfile", "process/selinuxLabel", "linux/mountLabel",
                "linux/mountLabel",
            ])
    }

    @Test("empty strings are no labels")
    func empty() {
        var spec = spec
        spec.process?.apparmorProfile = ""
        spec.process?.selinuxLabel = ""
        spec.linux?.mountLabel = ""
        var diagnostics = Diagnostics()
        let lines = plan(spec, HostFacts(), &diagnostics)
        #expect(diagnostics.errors.isEmpty)
        #expect(!lines.contains { $0.hasPrefix("label ") })
    }
}
