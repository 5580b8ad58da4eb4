import OCISpec
import Testing

@testable import Container

@Suite struct MountBlueprintTests {
    private static func sorted(_ mount: Mount) -> (mount: MountBlueprint, findings: Findings) {
        var diagnostics = Diagnostics()
        let blueprint = MountBlueprint(mount, index: 3, bundle: "/bundle", &diagnostics)
        return (blueprint, Findings(diagnostics))
    }

    private static func errors(_ mount: Mount) -> [String] { sorted(mount).findings.errors }

    @Test("what is mounted")
    func kinds() {
        let cases: [(Mount, MountBlueprint.Kind)] = [
            (
                Mount(destination: "/a", type: "tmpfs", source: "shm"),
                .filesystem(type: "tmpfs", source: "shm")
            ),
            (Mount(destination: "/a", type: "tmpfs"), .filesystem(type: "tmpfs", source: "tmpfs")),
            (Mount(destination: "/a", source: "/s", options: ["bind"]), .bind(source: "/s")),
            (
                Mount(destination: "/a", source: "s/t", options: ["rbind"]),
                .bind(source: "/bundle/s/t")
            ),
            (
                Mount(destination: "/a", type: "none", source: "/s", options: ["rbind"]),
                .bind(source: "/s")
            ),
            (
                Mount(destination: "/a", type: "tmpfs", source: "/s", options: ["bind"]),
                .bind(source: "/s")
            ),
            (Mount(destination: "/a", type: "bind", source: "/s"), .bind(source: "/s")),
            (Mount(destination: "/a", type: "cgroup"), .cgroup(isUnified: false)),
            (Mount(destination: "/a", type: "cgroup2"), .cgroup(isUnified: true)),
            (
                Mount(destination: "/a", options: ["remount", "bind", "ro"]),
                .filesystem(type: "", source: "")
            ),
        ]
        for (mount, kind) in cases {
            let (sorted, findings) = Self.sorted(mount)
            #expect(sorted.kind == kind)
            #expect(findings.errors == [])
        }
    }

    @Test("the type bind alone binds one mount, and an option says what it says")
    func bindType() {
        func bind(_ options: [String]?) -> MountOptions.Bind {
            let mount = Mount(destination: "/a", type: "bind", source: "/s", options: options)
            return Self.sorted(mount).mount.options.bind
        }
        #expect(bind(nil) == .single)
        #expect(bind(["ro"]) == .single)
        #expect(bind(["bind"]) == .single)
        #expect(bind(["rbind"]) == .recursive)
    }

    @Test(
        "a destination is absolute and plain",
        arguments: [
            ("/a/b", "/a/b"), ("/a//b/", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"),
            ("/../../b", "/b"),
        ])
    func destinations(written: String, destination: String) {
        let (mount, findings) = Self.sorted(Mount(destination: written, type: "tmpfs"))
        #expect(mount.destination == destination)
        #expect(findings == Findings(Diagnostics()))
    }

    @Test("a relative destination counts from the root, with a remark")
    func relativeDestination() {
        let (mount, findings) = Self.sorted(Mount(destination: "a/b", type: "tmpfs"))
        #expect(mount.destination == "/a/b")
        #expect(findings.errors == [])
        #expect(findings.warnings == ["mounts/3/destination: a/b is not absolute, taken from /"])
    }

    @Test("the root cannot be mounted over", arguments: ["/", "//", "/.", "/a/..", "", "."])
    func rootDestination(destination: String) {
        #expect(
            Self.errors(Mount(destination: destination, type: "tmpfs")).first
                == "mounts/3/destination"
                + (destination.isEmpty ? "" : " (\(destination))") + ": cannot mount over the root")
    }

    @Test("what makes no sense")
    func errors() {
        let cases: [(Mount, [String])] = [
            (
                Mount(destination: "/a"),
                [
                    "mounts/3/type (/a): a type is needed where neither bind nor rbind is an option"
                ]
            ),
            (
                Mount(destination: "/a", options: ["bind"]),
                ["mounts/3/source (/a): a bind mount needs a source"]
            ),
            (
                Mount(destination: "/a", source: "", options: ["rbind"]),
                ["mounts/3/source (/a): a bind mount needs a source"]
            ),
            (
                Mount(destination: "/a", source: "/s", options: ["bind", "ro", "size=1", "x"]),
                ["mounts/3/options (/a): unknown bind mount option \"size=1\""]
            ),
            (
                Mount(destination: "/a", type: "proc", options: ["tmpcopyup"]),
                ["mounts/3/options (/a): tmpcopyup is for tmpfs only"]
            ),
            (
                Mount(destination: "/a", source: "/s", options: ["bind", "tmpcopyup"]),
                ["mounts/3/options (/a): tmpcopyup is for tmpfs only"]
            ),
            (Mount(destination: "/a", type: "tmpfs", options: ["tmpcopyup"]), []),
        ]
        for (mount, errors) in cases { #expect(Self.errors(mount) == errors) }
    }

    @Test("id mappings come in pairs and for binds")
    func mappings() {
        let map = [IDMapping(containerID: 0, hostID: 1, size: 1)]
        let bind = ["bind"]
        let cases: [(Mount, [String])] = [
            (
                Mount(
                    destination: "/a", source: "/s", options: bind, uidMappings: map,
                    gidMappings: map),
                []
            ),
            (
                Mount(destination: "/a", source: "/s", options: bind, uidMappings: map),
                ["mounts/3 (/a): uidMappings and gidMappings must be given both or neither"]
            ),
            (
                Mount(destination: "/a", source: "/s", options: bind, gidMappings: map),
                ["mounts/3 (/a): uidMappings and gidMappings must be given both or neither"]
            ),
            (
                Mount(destination: "/a", type: "tmpfs", uidMappings: map, gidMappings: map),
                ["mounts/3 (/a): id mapping is for bind mounts only"]
            ),
            (
                Mount(destination: "/a", type: "tmpfs", options: ["idmap"]),
                ["mounts/3 (/a): id mapping is for bind mounts only"]
            ),
            (Mount(destination: "/a", source: "/s", options: ["rbind", "ridmap"]), []),
        ]
        for (mount, errors) in cases { #expect(Self.errors(mount) == errors) }
    }

    // MARK: - /proc

    private static let onlyProc = "mounts/3 (/proc): only procfs can be mounted on /proc"

    @Test("on /proc there is procfs or the host's")
    func proc() {
        let cases: [(Mount, [String])] = [
            (Mount(destination: "/proc", type: "proc"), []),
            (Mount(destination: "/proc", source: "/proc", options: ["rbind"]), []),
            (Mount(destination: "/proc", source: "/proc/", options: ["rbind"]), []),
            (Mount(destination: "/proc", type: "tmpfs"), [Self.onlyProc]),
            (Mount(destination: "/proc", source: "/srv/proc", options: ["bind"]), [Self.onlyProc]),
            (
                Mount(destination: "/proc", source: "/proc/../srv", options: ["bind"]),
                [Self.onlyProc]
            ),
            (Mount(destination: "/proc", type: "cgroup"), [Self.onlyProc]),
            (
                Mount(destination: "/x/../proc", type: "tmpfs"),
                ["mounts/3 (/x/../proc): only procfs can be mounted on /proc"]
            ),
        ]
        for (mount, errors) in cases { #expect(Self.errors(mount) == errors) }
    }

    @Test(
        "below /proc lxcfs may cover files",
        arguments: [
            "cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo",
            "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled",
        ])
    func coverable(name: String) {
        let mount = Mount(
            destination: "/proc/\(name)", source: "/var/lib/lxcfs/x", options: ["bind"])
        #expect(Self.errors(mount) == [])
    }

    @Test(
        "nothing else below /proc is covered",
        arguments: [
            "self", "self/attr", "sys", "sysrq-trigger", "1/attr/exec", "cpuinfox", "cpuinfo/x",
            "\u{301}",
        ])
    func uncoverable(name: String) {
        let destination = "/proc/\(name)"
        let expected = ["mounts/3 (\(destination)): this place below /proc cannot be mounted over"]
        #expect(Self.errors(Mount(destination: destination, type: "tmpfs")) == expected)
        let bind = Mount(destination: destination, source: "/srv", options: ["bind"])
        #expect(Self.errors(bind) == expected)
        let own = Mount(destination: destination, source: destination, options: ["bind"])
        #expect(Self.errors(own) == [])
    }

    @Test("a name that only begins like /proc is an ordinary one")
    func procx() {
        #expect(Self.errors(Mount(destination: "/process", type: "tmpfs")) == [])
    }
}
