import Kernel
import OCISpec
import Testing

@testable import Container

/// Namespaces that exist already: what belongs to them is not made again.
@Suite struct JoinedNamespaceTests {
    private static let first = IDMapping(containerID: 0, hostID: 100_000, size: 1000)
    private static let second = IDMapping(containerID: 1000, hostID: 101_000, size: 10)
    private static let apart = IDMapping(containerID: 1000, hostID: 5, size: 10)

    // MARK: - User namespaces

    private static func user(_ uid: [IDMapping]?, _ gid: [IDMapping]?, id: UInt32 = 0) -> Spec {
        var spec = Configurations.linux { linux in
            linux.namespaces?.append(Namespace(type: .user, path: "/proc/1/ns/user"))
            linux.uidMappings = uid
            linux.gidMappings = gid
        }
        spec.process?.user = User(uid: id, gid: 0)
        return spec
    }

    private static func actions(_ spec: Spec, _ machine: Machine = .versionOne) throws -> [String] {
        let (blueprint, findings) = validated(spec, testOptions(), machine.facts)
        #expect(findings.errors == [])
        let plan = Planner.plan(blueprint, cgroup: try machine.cgroup(blueprint))
        return PlanDescription.lines(plan).map { "\($0.actor) \($0.action)" }
    }

    @Test("mappings of a joined user namespace are compared before anything depends on them")
    func compared() throws {
        let lines = try Self.actions(Self.user([Self.first], [Self.second, Self.first]))
        let place = try #require(lines.firstIndex(of: "sync idmap"))
        #expect(lines[place - 1] == "init setns user")
        #expect(
            lines[place + 1]
                == "host compare ids uid 0:100000:1000 gid 1000:101000:10,0:100000:1000")
        #expect(lines[place + 2] == "init become root")
        #expect(!lines.contains { $0.hasPrefix("host map ids") })
    }

    @Test("without mappings there is nothing to compare")
    func silent() throws {
        #expect(try !Self.actions(Self.user(nil, nil)).contains { $0.contains("compare") })
    }

    @Test("mappings are given whole and right, and hold for the program's user")
    func refused() {
        let both = "linux/uidMappings: uidMappings and gidMappings must be given both or neither"
        #expect(findings(Self.user([Self.first], nil)).errors == [both])
        #expect(findings(Self.user([], [Self.first])).errors == [both])
        #expect(
            findings(Self.user([Self.first, Self.first], [Self.first])).errors == [
                "linux/uidMappings/1: overlaps with mapping 0"
            ])
        #expect(
            findings(Self.user([Self.first], [Self.first], id: 1000)).errors == [
                "process/user/uid: uid 1000 is not mapped in the user namespace"
            ])
    }

    @Test("the same ranges in other words are the same")
    func equal() throws {
        let text = "         0     100000       1000\n      1000     101000         10\n"
        #expect(JoinedMappings.parse(text) == [Self.first, Self.second])
        try JoinedMappings.compare([Self.second, Self.first], text, "linux/uidMappings")
        let whole = IDMapping(containerID: 0, hostID: 100_000, size: 1010)
        try JoinedMappings.compare([whole], text, "linux/uidMappings")
        #expect(JoinedMappings.merged([Self.first, Self.apart]).count == 2)
        let full = IDMapping(containerID: 0, hostID: 0, size: .max)
        #expect(JoinedMappings.merged([full, Self.second]).count == 2)
    }

    @Test("other ranges are an error that tells them")
    func different() {
        let text = "0 100000 1000\n"
        for mappings in [[], [Self.second], [Self.first, Self.second]] {
            let error = #expect(throws: RuntimeError.self) {
                try JoinedMappings.compare(mappings, text, "linux/gidMappings")
            }
            #expect(
                error?.description == "linux/gidMappings: the joined user namespace has other "
                    + "mappings (0:100000:1000)")
        }
    }

    // MARK: - Parameters

    @Test("parameters of a joined namespace are not set in the host's")
    func sysctl() throws {
        let spec = Configurations.linux { linux in
            linux.namespaces = [
                Namespace(type: .mount), Namespace(type: .network, path: "/n"),
                Namespace(type: .ipc),
            ]
            linux.sysctl = [
                StringEntry(key: "net.core.a", value: "1"),
                StringEntry(key: "net/core/b", value: "1"),
                StringEntry(key: "kernel.sem", value: "1"),
            ]
        }
        let lines = try Self.actions(spec)
        #expect(
            lines.filter { $0.contains("refuse") } == ["host refuse /n if it is our net namespace"])
        #expect(SysctlRules.namespace(of: "fs.mqueue.msg_max") == .ipc)
        #expect(SysctlRules.namespace(of: "kernel/domainname") == .uts)
        #expect(SysctlRules.namespace(of: "kernel.pid_max") == nil)
    }

    // MARK: - Mount namespaces

    private static func mount(_ change: (inout Spec) -> Void = { _ in }) -> Spec {
        var spec = Configurations.linux {
            $0.namespaces = [Namespace(type: .mount, path: "/proc/1/ns/mnt")]
        }
        change(&spec)
        return spec
    }

    @Test("nothing is changed in a joined mount namespace, and its root stays")
    func mountNamespace() throws {
        let spec = Self.mount { spec in
            spec.root = Root(path: "/box/root")
            spec.process?.cwd = "/work"
        }
        let lines = try Self.actions(spec)
        #expect(lines.contains("init change root to /box/root"))
        let words = [
            "clone tree", "rootfs", "mount ", "bind ", "pivot", "move root", "mkdir", "mknod",
            "symlink", "unlink", "set attributes", "propagation",
        ]
        for line in lines {
            for word in words {
                #expect(!line.contains(" \(word)") || line.contains("cgroup"), "\(line)")
            }
        }
    }

    @Test("what would change it is refused")
    func mountNamespaceOfOthers() {
        let spec = Self.mount { spec in
            spec.mounts = [Mount(destination: "/a", type: "tmpfs")]
            spec.root = Root(path: "rootfs", readonly: true)
            spec.linux?.devices = [Device(path: "/dev/x", type: .character, major: 1, minor: 3)]
            spec.linux?.rootfsPropagation = .private
            spec.linux?.readonlyPaths = ["/proc/sys"]
            spec.linux?.maskedPaths = ["/proc/keys"]
        }
        let places = [
            "mounts", "root/readonly", "linux/devices", "linux/rootfsPropagation",
            "linux/readonlyPaths", "linux/maskedPaths",
        ]
        #expect(
            findings(spec).errors
                == places.map {
                    "\($0): impossible in a mount namespace that is joined: "
                        + "its other processes would be changed"
                })
    }

    @Test("the notify socket is not mounted there, which is told")
    func notify() throws {
        let options = testOptions { $0.notifyDirectory = "/run/apus/blue/notify" }
        let (blueprint, findings) = validated(Self.mount(), options)
        #expect(findings.errors == [])
        #expect(findings.warnings.count == 1)
        #expect(ProcessPlanner.environment(blueprint).isEmpty)
    }

    @Test("a process of exec gets the container's root there")
    func exec() throws {
        let (blueprint, _) = validated(Self.mount())
        let target = ExecTarget(
            process: ProcessIdentity(pid: 4711, startTime: 1), namespaces: CLONE_NEWNS,
            hasKeyring: false)
        let lines = PlanDescription.lines(ExecPlanner.plan(blueprint, target)).map(\.action)
        let join = try #require(lines.firstIndex(of: "setns mnt"))
        #expect(lines[join + 1] == "change root")
        #expect(lines.contains("open root of process 4711"))
        let (plain, _) = validated(Configurations.minimal)
        let usual = PlanDescription.lines(ExecPlanner.plan(plain, target)).map(\.action)
        #expect(!usual.contains { $0.contains("root") })
    }
}
