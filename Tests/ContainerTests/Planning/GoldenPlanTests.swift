import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

/// One listing of `spec-fixtures/plans`: a configuration, and how a container is made from it.
struct GoldenPlan: CustomTestStringConvertible, Sendable {
    /// The listing's name, without its ending.
    var name: String
    /// The configuration's name below `spec-fixtures/config/good`.
    var fixture: String
    var machine: @Sendable () -> Machine = { .versionOne }
    var options: @Sendable (inout LaunchOptions) -> Void = { _ in }
    /// The container that a process joins, for the plan of an `exec`.
    var target: ExecTarget?

    var testDescription: String { name }

    /// A process of `exec` in a container made from a configuration.
    private static func exec(
        _ fixture: String, joins namespaces: UInt64, hasKeyring: Bool = true,
        machine: @escaping @Sendable () -> Machine = { .versionOne },
        options: @escaping @Sendable (inout LaunchOptions) -> Void = { _ in }
    ) -> GoldenPlan {
        GoldenPlan(
            name: fixture + "+exec", fixture: fixture, machine: machine,
            options: {
                $0.mode = .run
                $0.consoleSocket = nil
                options(&$0)
            },
            target: ExecTarget(
                process: ProcessIdentity(pid: 4711, startTime: 99), namespaces: namespaces,
                hasKeyring: hasKeyring))
    }

    /// Plans of `exec`.
    private static let execs: [GoldenPlan] = [
        exec("minimal", joins: CLONE_NEWNS),
        exec(
            "docker-default",
            joins: CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS),
        exec("userns", joins: CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID),
        exec(
            "rootless", joins: CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, hasKeyring: false,
            machine: { .ordinaryUser }),
        exec(
            "terminal", joins: CLONE_NEWNS | CLONE_NEWPID,
            options: {
                $0.isDetached = true
                $0.consoleSocket = "/run/console.sock"
                $0.pidFile = "/run/exec.pid"
                $0.preservedFDs = 2
            }),
        exec("process-execCPUAffinity", joins: CLONE_NEWNS),
        exec("process-scheduler", joins: CLONE_NEWNS),
        exec("process-selinuxLabel", joins: CLONE_NEWNS),
        exec("seccomp-default", joins: CLONE_NEWNS | CLONE_NEWPID),
        exec("seccomp-listener", joins: CLONE_NEWNS | CLONE_NEWPID),
        exec("linux-intelRdt", joins: CLONE_NEWNS),
        exec("namespace-mount-joined", joins: CLONE_NEWNS | CLONE_NEWPID),
    ]

    /// Listings besides those that each configuration has on the usual machine.
    static let variants: [GoldenPlan] = [
        GoldenPlan(name: "root+v2", fixture: "root", machine: { .versionTwo }),
        GoldenPlan(
            name: "root+run", fixture: "root",
            options: {
                $0.mode = .run
                $0.consoleSocket = nil
            }),
        GoldenPlan(
            name: "root+run-detached", fixture: "root",
            options: {
                $0.mode = .run
                $0.isDetached = true
            }),
        GoldenPlan(name: "root-unified+v2", fixture: "root-unified", machine: { .versionTwo }),
        GoldenPlan(
            name: "resources-unified", fixture: "resources-unified", machine: { .versionTwo }),
        GoldenPlan(name: "minimal+run", fixture: "minimal", options: { $0.mode = .run }),
        GoldenPlan(
            name: "minimal+no-pivot", fixture: "minimal", options: { $0.avoidsPivot = true }),
        GoldenPlan(
            name: "minimal+no-new-keyring", fixture: "minimal", options: { $0.keepsKeyring = true }),
        GoldenPlan(name: "minimal+strict", fixture: "minimal", options: { $0.isStrict = true }),
        GoldenPlan(
            name: "minimal+pidfd-socket", fixture: "minimal",
            options: { $0.pidfdSocket = "/run/pidfd.sock" }),
        GoldenPlan(name: "minimal+v2", fixture: "minimal", machine: { .versionTwo }),
        GoldenPlan(name: "rootless", fixture: "rootless", machine: { .ordinaryUser }),
        GoldenPlan(
            name: "rootless-binds", fixture: "rootless-binds", machine: { .ordinaryUser }),
        GoldenPlan(name: "userns+v2", fixture: "userns", machine: { .versionTwo }),
        GoldenPlan(
            name: "cgroup-mount+v2", fixture: "cgroup-mount", machine: { .versionTwo }),
        GoldenPlan(
            name: "cgroup-mount-namespace+v2", fixture: "cgroup-mount-namespace",
            machine: { .versionTwo }),
        GoldenPlan(name: "cgroup2-mount", fixture: "cgroup2-mount", machine: { .hybrid }),
        GoldenPlan(
            name: "cgroup2-mount-namespace", fixture: "cgroup2-mount-namespace",
            machine: { .hybrid }),
        GoldenPlan(name: "hooks+run", fixture: "hooks", options: { $0.mode = .run }),
        GoldenPlan(name: "docker-default+v2", fixture: "docker-default", machine: { .versionTwo }),
        GoldenPlan(
            name: "listen-fds", fixture: "minimal",
            machine: {
                var machine = Machine.versionOne
                machine.facts.listenFDs = 2
                return machine
            }),
    ]

    /// Every configuration as it is, unless a variant of that name says how.
    static var all: [GoldenPlan] {
        let plain = Repository.names(in: "spec-fixtures/config/good", ending: ".json")
            .filter { name in
                NotPlannable.all[name] == nil && !variants.contains { $0.name == name }
            }
            .map { GoldenPlan(name: $0, fixture: $0) }
        return plain + variants + execs
    }

    /// Decodes, validates and plans; the errors are those of the validation.
    func make() throws -> (plan: Plan?, findings: Findings) {
        let path = "spec-fixtures/config/good/\(fixture).json"
        let bytes = try #require(Repository.read(path), "\(path) cannot be read")
        let spec = try SpecDecoder.decode(bytes).spec
        let machine = machine()
        var options = LaunchOptions(id: "blue", bundle: "/bundle")
        if spec.process?.terminal ?? false { options.consoleSocket = "/run/console.sock" }
        self.options(&options)
        let (blueprint, findings) = validated(spec, options, machine.facts)
        guard findings.errors.isEmpty else { return (nil, findings) }
        if let target { return (ExecPlanner.plan(blueprint, target), findings) }
        let plan = Planner.plan(blueprint, cgroup: try machine.cgroup(blueprint))
        return (plan, findings)
    }

    /// The listing with the validation's remarks in front.
    func text() throws -> String {
        let (plan, findings) = try make()
        let made = try #require(plan, "\(fixture) is refused: \(findings.errors)")
        return findings.warnings.map { "note  \($0)\n" }.joined() + PlanDescription.text(made)
    }
}

/// The good configurations that no container can be made from, and why.
///
/// They show the decoder what a property looks like; everything else needs a listing.
enum NotPlannable {
    static let all: [String: String] = [
        "everything": "shows every property at once, so that some contradict each other"
    ]
}

/// Listings of plans: what `apus plan` prints, for fixed machines.
///
/// `APUS_UPDATE_GOLDENS=1 swift test --filter GoldenPlanTests` writes the listings anew; what
/// changes in them is then seen in the difference of the commit.
@Suite struct GoldenPlanTests {
    private static let directory = "spec-fixtures/plans"

    private static var isUpdating: Bool {
        getenv("APUS_UPDATE_GOLDENS").map { String(cString: $0) } == "1"
    }

    @Test("the plan is the one that is listed", arguments: GoldenPlan.all)
    func plan(_ golden: GoldenPlan) throws {
        let found = try golden.text()
        let path = "\(Self.directory)/\(golden.name).txt"
        if Self.isUpdating {
            #expect(Repository.write(path, found), "\(path) cannot be written")
            return
        }
        let expected = try #require(
            Repository.text(path),
            "\(path) is missing: APUS_UPDATE_GOLDENS=1 swift test --filter GoldenPlanTests")
        let difference = TextDiff.lines(expected: expected, found: found)
        #expect(difference.isEmpty, "\(path): \(difference)")
    }

    @Test("each listing has its configuration")
    func noStrays() {
        let names = Set(GoldenPlan.all.map(\.name))
        #expect(names.count == GoldenPlan.all.count)
        for name in Repository.names(in: Self.directory, ending: ".txt") {
            #expect(names.contains(name), "\(Self.directory)/\(name).txt belongs to nothing")
        }
    }

    @Test("what is left out cannot be planned", arguments: NotPlannable.all.keys.sorted())
    func exceptions(_ name: String) throws {
        let (plan, _) = try GoldenPlan(name: name, fixture: name).make()
        #expect(plan == nil)
    }

    @Test("the fixtures of the default configurations are what spec prints")
    func defaults() throws {
        let machines: [(String, Bool, Bool)] = [
            ("root", false, false), ("root-unified", false, true), ("rootless", true, true),
        ]
        for (name, isRootless, hasUnified) in machines {
            let id: UInt32 = isRootless ? 1000 : 0
            let facts = Defaults.Facts(hasUnifiedCgroup: hasUnified, euid: id, egid: id)
            let expected = Defaults.document(rootless: isRootless, facts)
            let path = "spec-fixtures/config/good/\(name).json"
            if Self.isUpdating {
                #expect(Repository.write(path, String(decoding: expected, as: UTF8.self)))
            }
            #expect(Repository.read(path) == expected, "\(path) is not what spec prints")
        }
    }

    @Test("a difference shows both sides")
    func difference() {
        #expect(TextDiff.lines(expected: "a\nb\n", found: "a\nb\n") == "")
        let shown = TextDiff.lines(expected: "1\n2\n3\n4\nx\n5\n", found: "1\n2\n3\n4\ny\n5\n")
        #expect(shown == "\n  ...\n  3\n  4\n- x\n+ y\n  5\n  \n")
    }
}
