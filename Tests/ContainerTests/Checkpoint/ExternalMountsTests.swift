import Cgroups
import Criu
import OCISpec
import Testing

@testable import Container

@Suite("Mounts that belong to the host")
struct ExternalMountsTests {
    private func blueprint(_ change: (inout Spec) -> Void) -> Blueprint {
        var spec = Configurations.minimal
        change(&spec)
        var diagnostics = Diagnostics()
        return Blueprint(
            spec, options: LaunchOptions(id: "box", bundle: "/bundle"), facts: HostFacts(),
            &diagnostics)
    }

    private let unified = CgroupRecord(
        layout: .unified, driver: .cgroupfs,
        hierarchies: [
            CgroupHierarchy(controllers: "", mountPoint: "/sys/fs/cgroup", path: "/box")
        ])
    private let legacy = CgroupRecord(
        layout: .hybrid, driver: .cgroupfs,
        hierarchies: [
            CgroupHierarchy(
                controllers: "cpu,cpuacct", mountPoint: "/sys/fs/cgroup/cpu,cpuacct", path: "/box"),
            CgroupHierarchy(controllers: "", mountPoint: "/sys/fs/cgroup/unified", path: "/box"),
        ])

    private func pairs(_ mounts: [RequestOptions.ExternalMount]) -> [String] {
        mounts.filter { !$0.key.hasPrefix("/dev/") || $0.key == "/dev/sda" || $0.value != $0.key }
            .map { "\($0.key)=\($0.value)" }
    }

    @Test("a dump names binds by their destination, a restore finds their source")
    func binds() {
        let container = blueprint { spec in
            spec.mounts = [
                Mount(destination: "/data//x/", type: "bind", source: "volume"),
                Mount(destination: "/tmp", type: "tmpfs", source: "tmpfs"),
                Mount(destination: "/etc/hosts", source: "/h", options: ["rbind", "ro"]),
            ]
        }
        let dump = ExternalMounts.ofDump(container, unified) { _ in true }
        #expect(pairs(dump) == ["/data/x=/data/x", "/etc/hosts=/etc/hosts"])
        let restore = ExternalMounts.ofRestore(container, unified)
        #expect(pairs(restore) == ["/data/x=/bundle/volume", "/etc/hosts=/h"])
    }

    @Test("a dump finds a bind where links in the image have led it, a restore by its name")
    func links() {
        let container = blueprint { spec in
            spec.mounts = [Mount(destination: "/var/run/token", type: "bind", source: "/t")]
        }
        let dump = ExternalMounts.ofDump(container, unified, isFile: { _ in true }) { path in
            path == "/var/run/token" ? "/run/token" : path
        }
        #expect(pairs(dump) == ["/run/token=/var/run/token"])
        #expect(pairs(ExternalMounts.ofRestore(container, unified)) == ["/var/run/token=/t"])
    }

    @Test("masked files are the host's null device, masked directories are CRIU's own")
    func masks() {
        let container = blueprint { spec in
            spec.linux?.maskedPaths = ["/proc/kcore", "/proc/acpi"]
        }
        let dump = ExternalMounts.ofDump(container, unified) { $0 == "/proc/kcore" }
        #expect(pairs(dump) == ["/proc/kcore=/dev/null"])
        let restore = ExternalMounts.ofRestore(container, unified)
        #expect(restore.last == RequestOptions.ExternalMount(key: "/dev/null", value: "/dev/null"))
    }

    @Test("devices may be binds")
    func devices() {
        let container = blueprint { spec in
            spec.linux?.devices = [Device(path: "/dev/sda", type: .block, major: 8, minor: 0)]
        }
        let dump = ExternalMounts.ofDump(container, unified) { _ in false }
        #expect(pairs(dump) == ["/dev/sda=/dev/sda"])
    }

    @Test("cgroups are binds where the container shares the host's namespace")
    func cgroups() {
        let mount = Mount(destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup")
        let shared = blueprint { $0.mounts = [mount] }
        #expect(
            pairs(ExternalMounts.ofRestore(shared, unified))
                == ["/sys/fs/cgroup=/sys/fs/cgroup/box"])
        #expect(
            pairs(ExternalMounts.ofRestore(shared, legacy))
                == ["/sys/fs/cgroup/cpu,cpuacct=/sys/fs/cgroup/cpu,cpuacct/box"])
        let own = blueprint { spec in
            spec.mounts = [mount]
            spec.linux?.namespaces = [Namespace(type: .mount), Namespace(type: .cgroup)]
        }
        #expect(pairs(ExternalMounts.ofRestore(own, unified)).isEmpty)
        #expect(pairs(ExternalMounts.ofDump(own, legacy) { _ in true }).isEmpty)
    }
}
