import Kernel
import OCISpec
import Testing

@testable import Container

/// When a mount turns read-only: its mount points and devices come first.
@Suite struct LateReadOnlyTests {
    private static func mounts(_ list: [Mount]) -> [MountBlueprint] {
        var diagnostics = Diagnostics()
        let mounts = list.enumerated().map { index, mount in
            MountBlueprint(mount, index: index, bundle: "/bundle", &diagnostics)
        }
        #expect(diagnostics.errors.isEmpty)
        return mounts
    }

    /// What the first of the mounts waits for.
    private static func moment(_ list: Mount...) -> LateReadOnly.Moment? {
        LateReadOnly.moment(of: 0, in: mounts(list))
    }

    private static func tmpfs(_ destination: String, _ options: String...) -> Mount {
        Mount(destination: destination, type: "tmpfs", options: options)
    }

    @Test("a read-only tmpfs waits to the end, by whichever option it is one")
    func readOnly() {
        #expect(Self.moment(Self.tmpfs("/a", "ro")) == .end)
        #expect(Self.moment(Self.tmpfs("/dev", "rro")) == .end)
        #expect(Self.moment(Self.tmpfs("/a", "rrw", "ro", "rro")) == .end)
        #expect(Self.moment(Self.tmpfs("/a")) == nil)
        #expect(Self.moment(Self.tmpfs("/a", "ro", "rw")) == nil)
        #expect(Self.moment(Self.tmpfs("/a", "ro", "rrw")) == nil)
    }

    @Test("what nothing is made in does not wait, but /dev whatever it is")
    func kinds() {
        #expect(Self.moment(Mount(destination: "/a", type: "proc", options: ["ro"])) == nil)
        #expect(
            Self.moment(Mount(destination: "/a", source: "/b", options: ["bind", "ro"])) == nil)
        #expect(Self.moment(Mount(destination: "/dev", type: "ramfs", options: ["ro"])) == .end)
        #expect(Self.moment(Mount(destination: "/a", type: "cgroup", options: ["rro"])) == .end)
    }

    @Test("a later remount decides when it says that the mount is writable")
    func remounts() {
        let mount = Self.tmpfs("/a", "ro")
        #expect(Self.moment(mount, Self.tmpfs("/a", "remount", "rw")) == nil)
        #expect(Self.moment(mount, Self.tmpfs("/a", "remount", "rrw")) == nil)
        #expect(Self.moment(mount, Self.tmpfs("/a", "remount", "ro")) == .end)
        #expect(Self.moment(mount, Self.tmpfs("/a", "remount", "nosuid")) == .end)
        #expect(Self.moment(mount, Self.tmpfs("/b", "remount", "rw")) == .end)
    }

    @Test("a mount that covers it comes after the change")
    func covered() {
        let mount = Self.tmpfs("/a/b", "ro")
        #expect(Self.moment(mount, Self.tmpfs("/x"), Self.tmpfs("/a/b")) == .before(2))
        #expect(Self.moment(mount, Self.tmpfs("/a"), Self.tmpfs("/a/b")) == .before(1))
        #expect(Self.moment(mount, Self.tmpfs("/a/b/c")) == .end)
        #expect(Self.moment(mount, Self.tmpfs("/a/bc")) == .end)
        #expect(
            Self.moment(mount, Self.tmpfs("/a/b"), Self.tmpfs("/a/b", "remount", "rw"))
                == .before(1))
    }

    @Test("the plan makes it read-only once, and writable before")
    func plan() throws {
        let spec = Configurations.changed { spec in
            spec.mounts = [
                Self.tmpfs("/a", "ro"), Self.tmpfs("/a"), Self.tmpfs("/dev", "rro", "rnosuid"),
            ]
        }
        let (blueprint, _) = validated(spec)
        let plan = Planner.plan(blueprint, cgroup: try Machine.versionOne.cgroup(blueprint))
        let lines = PlanDescription.lines(plan).filter { $0.origin.hasPrefix("mounts/") }
        #expect(
            lines.map(\.action) == [
                "mount tmpfs -> a", "set attributes a [ro]", "mount tmpfs -> a",
                "mount tmpfs -> dev", "set attributes dev [nosuid,recursive]",
                "set attributes dev [ro]",
            ])
    }

    @Test("a bind on /dev counts when it is the last mount there")
    func hostDev() throws {
        func makesNodes(_ mounts: Mount...) throws -> Bool {
            let (blueprint, _) = validated(Configurations.changed { $0.mounts = mounts })
            let plan = Planner.plan(blueprint, cgroup: try Machine.versionOne.cgroup(blueprint))
            return PlanDescription.lines(plan).contains { $0.action.hasPrefix("mknod dev/null") }
        }
        let bind = Mount(destination: "/dev", source: "/dev", options: ["rbind"])
        #expect(try !makesNodes(bind))
        #expect(try !makesNodes(Self.tmpfs("/dev"), bind))
        #expect(try makesNodes(bind, Self.tmpfs("/dev")))
        #expect(
            try !makesNodes(bind, Mount(destination: "/dev", options: ["remount", "bind", "ro"])))
    }
}
