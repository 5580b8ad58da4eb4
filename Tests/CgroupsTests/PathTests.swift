import Testing

@testable import Cgroups

@Suite("Cgroup paths and hosts")
struct PathTests {
    static let hybrid = CgroupHost(
        layout: .hybrid,
        mounts: [
            .init(controllers: "name=systemd", mountPoint: "/cg/systemd", ownPath: "/user"),
            .init(controllers: "cpu,cpuacct", mountPoint: "/cg/cpu,cpuacct"),
            .init(controllers: "", mountPoint: "/cg/unified"),
        ])
    static let unified = CgroupHost(
        layout: .unified,
        mounts: [
            .init(
                controllers: "", mountPoint: "/cg",
                ownPath: "/user.slice/user-7.slice/user@7.service/app.slice/shell.scope")
        ])

    static func path(
        _ cgroupsPath: String?, rootless: Bool = false, on host: CgroupHost = unified
    ) throws -> String? {
        let request = CgroupRequest(id: "box", cgroupsPath: cgroupsPath, isRootless: rootless)
        return try CgroupChooser.choose(request, on: host).record.path
    }

    @Test(
        "a path is cleaned",
        arguments: [
            ("/a/b", "/a/b"), ("a", "/a"), ("//a/./b//", "/a/b"), ("/", "/"), ("", "/"),
            ("/..a/b..", "/..a/b.."),
        ])
    func normalize(path: String, expected: String) throws {
        #expect(try CgroupPath.normalize(path) == expected)
    }

    @Test("a path must not climb", arguments: ["..", "/a/../b", "../../x", "/a/.."])
    func climbing(path: String) {
        #expect(throws: CgroupError.self) { try Self.path(path) }
    }

    @Test("the root cgroup is nobody's", arguments: ["/", "//", "/."])
    func root(path: String) {
        #expect(throws: CgroupError.self) { try Self.path(path) }
    }

    @Test("parents and prefixes")
    func parts() {
        #expect(CgroupPath.parent("/a/b") == "/a")
        #expect(CgroupPath.parent("/a") == "/")
        #expect(CgroupPath.parent("/") == "/")
        #expect(CgroupPath.prefixes("/a/bc/d") == ["/a", "/a/bc", "/a/bc/d"])
        #expect(CgroupPath.depth("/a/b") == 2)
        #expect(CgroupPath.depth("/") == 0)
        #expect(CgroupPath.join("/x", "/y") == "/x/y")
        #expect(CgroupPath.join("/", "/y") == "/y")
        #expect(CgroupPath.join("/x", "/") == "/x")
    }

    @Test("absolute, relative and absent paths have their places")
    func places() throws {
        #expect(try Self.path("/engine/x") == "/engine/x")
        #expect(try Self.path("engine/x") == "/engine/x")
        #expect(try Self.path(nil) == "/box")
        #expect(try Self.path("") == "/box")
    }

    @Test("without rights the place is near the caller, or where it was told to be")
    func rootless() throws {
        let base = "/user.slice/user-7.slice/user@7.service"
        #expect(try Self.path(nil, rootless: true) == base + "/app.slice/box")
        #expect(try Self.path("x", rootless: true) == base + "/x")
        #expect(try Self.path("/x", rootless: true) == "/x")
        let request = CgroupRequest(id: "box", isRootless: true)
        let record = try CgroupChooser.choose(request, on: Self.hybrid).record
        #expect(record.hierarchies.map(\.path) == ["/user/box", "/box", "/box"])
    }

    @Test("drivers")
    func drivers() throws {
        let none = try CgroupChooser.choose(
            CgroupRequest(id: "box", driver: .disabled), on: Self.hybrid)
        #expect(none.record.hierarchies.isEmpty)
        let unit = try CgroupChooser.choose(
            CgroupRequest(id: "box", driver: .systemd), on: Self.hybrid)
        #expect(unit.record.unit == "apus-box.scope")
        #expect(unit.record.hierarchies.allSatisfy { $0.path == "/system.slice/apus-box.scope" })
        let limits = CgroupResources.with { $0.pidsLimit = 1 }
        #expect(throws: CgroupError.self) { try none.create(limits) }
        #expect(try none.create(.with { $0.devices = DeviceRules.always }) == [])
        #expect(throws: CgroupError.self) { try none.freeze() }
        #expect(throws: CgroupError.self) { try none.kill(9) }
    }

    @Test("the own cgroups, with colons in paths and places outside of the namespace")
    func ownCgroups() {
        let text = "9:name=systemd:/a:b\n4:cpu,cpuacct:/\nbroken\n1:pids:/../x\n0::/u\n"
        #expect(
            OwnCgroups.parse(text) == [
                .init(controllers: "name=systemd", path: "/a:b"),
                .init(controllers: "cpu,cpuacct", path: "/"),
                .init(controllers: "pids", path: "/"), .init(controllers: "", path: "/u"),
            ])
    }

    @Test("an unusual mount point is found in the mount table")
    func mountTable() {
        let table = """
            30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755
            32 30 0:28 / /odd/place rw shared:10 - cgroup cgroup rw,xattr,name=systemd
            36 30 0:33 / /odd/cpu rw,nosuid master:3 shared:15 - cgroup cgroup rw,cpu,cpuacct
            37 30 0:34 / /odd/fake rw - tmpfs cgroup rw,memory
            """
        #expect(MountTable.parse(table, wanted: "cpu,cpuacct") == "/odd/cpu")
        #expect(MountTable.parse(table, wanted: "cpuacct") == "/odd/cpu")
        #expect(MountTable.parse(table, wanted: "name=systemd") == "/odd/place")
        #expect(MountTable.parse(table, wanted: "memory") == nil)
    }

    @Test("a place without cgroups is named in the error")
    func nothingMounted() throws {
        let directory = try TemporaryDirectory()
        try directory.file("cgroup", "0::/\n")
        let membership = directory.path + "/cgroup"
        for root in [directory.path, directory.path + "/missing"] where root != "/tmp" {
            do {
                let host = try CgroupHost.discover(root: root, membership: membership)
                // A tmpfs without hierarchies in it: nothing can be limited, and nothing is.
                #expect(host.mounts.isEmpty)
            } catch {
                #expect(error.message.hasPrefix("no cgroups are mounted on \(root)"))
            }
        }
        #expect(throws: CgroupError.self) {
            try CgroupHost.discover(root: directory.path, membership: "/nowhere/cgroup")
        }
    }
}
