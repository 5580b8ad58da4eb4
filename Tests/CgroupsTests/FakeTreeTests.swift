import Glibc
import Kernel
import Testing

@testable import Cgroups

/// A plain directory laid out like a host's cgroups, with the container's cgroup already there: the
/// kernel is not here to fill a new one with files.
struct FakeTree {
    let directory: TemporaryDirectory
    let host: CgroupHost
    let path: String

    static func unified(_ path: String = "/box", controllers: String) throws -> FakeTree {
        let directory = try TemporaryDirectory()
        try directory.file("cgroup.controllers", controllers + "\n")
        try directory.file("cgroup.subtree_control")
        for prefix in CgroupPath.prefixes(path) {
            try directory.directory(prefix)
            try directory.file(prefix + "/cgroup.subtree_control")
        }
        try directory.file(path + "/cgroup.procs")
        try directory.file(path + "/cgroup.type", "domain\n")
        try directory.file(path + "/cgroup.events", "populated 0\nfrozen 0\n")
        try directory.file(path + "/cgroup.controllers", controllers + "\n")
        let mount = CgroupHost.Mount(controllers: "", mountPoint: directory.path)
        return FakeTree(
            directory: directory, host: CgroupHost(layout: .unified, mounts: [mount]), path: path)
    }

    static func versionOne(
        _ controllers: [String], unified: String? = nil, path: String = "/box"
    ) throws -> FakeTree {
        let directory = try TemporaryDirectory()
        var host = CgroupHost(layout: unified == nil ? .v1 : .hybrid, mounts: [])
        for name in controllers {
            try directory.file(name + path + "/cgroup.procs")
            let mount = directory.path + "/" + name
            host.mounts.append(.init(controllers: name, mountPoint: mount))
        }
        if let unified {
            try directory.file("unified/cgroup.controllers", unified + "\n")
            try directory.file("unified/cgroup.subtree_control")
            try directory.file("unified" + path + "/cgroup.procs")
            host.mounts.append(.init(controllers: "", mountPoint: directory.path + "/unified"))
        }
        return FakeTree(directory: directory, host: host, path: path)
    }

    func manager(skipsDevices: Bool = true) throws(CgroupError) -> any CgroupManager {
        try CgroupChooser.choose(
            CgroupRequest(id: "box", cgroupsPath: path, skipsDevices: skipsDevices), on: host)
    }
}

@Suite("Version 2 on a plain directory")
struct FakeUnifiedTests {
    @Test("controllers are handed down from the top and limits are written")
    func create() throws {
        let tree = try FakeTree.unified("/a/box", controllers: "cpu memory pids")
        for file in ["memory.max", "memory.swap.max", "pids.max", "cpu.weight"] {
            try tree.directory.file("a/box/" + file)
        }
        let manager = try tree.manager()
        try manager.create(
            .with {
                $0.memory.limit = 1000
                $0.memory.swap = 3000
                $0.pidsLimit = 5
                $0.cpu.shares = 1024
            })
        let root = tree.directory
        #expect(try root.text("cgroup.subtree_control") == "+cpu +memory +pids")
        #expect(try root.text("a/cgroup.subtree_control") == "+cpu +memory +pids")
        #expect(try root.text("a/box/cgroup.subtree_control") == "")
        #expect(try root.text("a/box/memory.max") == "1000")
        #expect(try root.text("a/box/memory.swap.max") == "2000")
        #expect(try root.text("a/box/pids.max") == "5")
        #expect(try root.text("a/box/cpu.weight") == "100")
    }

    @Test("what is enabled already is not written again")
    func enabled() throws {
        let tree = try FakeTree.unified("/a/box", controllers: "cpu pids")
        try tree.directory.file("a/cgroup.subtree_control", "pids cpu\n")
        try tree.manager().create(CgroupResources())
        #expect(try tree.directory.text("cgroup.subtree_control") == "")
    }

    @Test("a limit without its controller is refused before anything is made")
    func missingController() throws {
        let tree = try FakeTree.unified(controllers: "memory pids")
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "other", skipsDevices: true), on: tree.host)
        do {
            try manager.create(.with { $0.cpu.shares = 5 })
            Issue.record("the limit was not refused")
        } catch {
            #expect(
                error.description == "linux/resources/cpu/shares: controller cpu is not available "
                    + "(mounted: memory, pids)")
        }
        #expect(!tree.directory.exists("other"))
    }

    @Test("a failing write names its place and leaves nothing behind")
    func failingWrite() throws {
        let tree = try FakeTree.unified(controllers: "memory pids")
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "x", cgroupsPath: "/new/deep/x", skipsDevices: true), on: tree.host)
        do {
            try manager.create(.with { $0.pidsLimit = 5 })
            Issue.record("a plain directory has no pids.max")
        } catch {
            #expect(error.property == "linux/resources/pids/limit")
            #expect(error.cause?.call == "write +pids")
        }
        #expect(!tree.directory.exists("new"))
        #expect(tree.directory.exists("box"))
    }

    @Test("a cgroup with processes, or one that is frozen, is refused and stays")
    func occupied() throws {
        let tree = try FakeTree.unified(controllers: "")
        try tree.directory.file("box/cgroup.procs", "12\n34\n")
        #expect(
            throws: CgroupError(
                "container's cgroup is not empty: 2 process(es) found",
                property: "linux/cgroupsPath")
        ) { try tree.manager().create(CgroupResources()) }
        try tree.directory.file("box/cgroup.procs", "")
        try tree.directory.file("box/cgroup.events", "populated 0\nfrozen 1\n")
        #expect(
            throws: CgroupError(
                "container's cgroup unexpectedly frozen", property: "linux/cgroupsPath")
        ) { try tree.manager().create(CgroupResources()) }
        #expect(tree.directory.exists("box"))
    }

    @Test("below threads a cgroup becomes threaded, and cannot limit memory")
    func threaded() throws {
        let tree = try FakeTree.unified(controllers: "cpu memory")
        try tree.directory.file("box/cgroup.type", "domain invalid\n")
        try tree.directory.file("box/cpu.weight")
        try tree.directory.file("box/memory.max")
        do {
            try tree.manager().create(.with { $0.memory.limit = 1 })
            Issue.record("memory needs a domain")
        } catch {
            #expect(error.message.contains("domain invalid"))
            #expect(error.property == "linux/cgroupsPath")
        }
        try tree.manager().create(.with { $0.cpu.shares = 1024 })
        #expect(try tree.directory.text("box/cgroup.type").hasPrefix("threaded"))
    }

    @Test("an update keeps the quota when the period changes, and the limit when swap does")
    func coupledValues() throws {
        let tree = try FakeTree.unified(controllers: "cpu memory")
        try tree.directory.file("box/cpu.max", "20000 100000\n")
        try tree.directory.file("box/memory.max", "1000\n")
        try tree.directory.file("box/memory.swap.max", "     ")
        let manager = try tree.manager()
        try manager.set(
            .with {
                $0.cpu.period = 50_000
                $0.memory.swap = 1500
            })
        #expect(try tree.directory.text("box/cpu.max").hasPrefix("20000 50000"))
        #expect(try tree.directory.text("box/memory.swap.max").hasPrefix("500"))
    }

    @Test("a limit below the use is refused when that is asked for")
    func checkBeforeUpdate() throws {
        let tree = try FakeTree.unified(controllers: "memory")
        try tree.directory.file("box/memory.current", "5000\n")
        try tree.directory.file("box/memory.max")
        let manager = try tree.manager()
        let limits = CgroupResources.with {
            $0.memory.limit = 4096
            $0.memory.checkBeforeUpdate = true
        }
        do {
            try manager.set(limits)
            Issue.record("the limit is below the use")
        } catch {
            #expect(
                error.description == "linux/resources/memory/limit: "
                    + "rejecting memory limit 4096 < usage 5000")
        }
        try manager.set(.with { $0.memory.limit = 4096 })
        #expect(try tree.directory.text("box/memory.max") == "4096")
    }

    @Test("an update that fails puts back what it changed")
    func rollback() throws {
        let tree = try FakeTree.unified(controllers: "cpu memory pids")
        try tree.directory.file("box/memory.max", "1111\n")
        try tree.directory.file("box/cpu.weight", "55\n")
        let manager = try tree.manager()
        do {
            try manager.set(
                .with {
                    $0.memory.limit = 2222
                    $0.cpu.shares = 128
                    $0.pidsLimit = 5
                })
            Issue.record("there is no pids.max")
        } catch {
            #expect(error.property == "linux/resources/pids/limit")
        }
        #expect(try tree.directory.text("box/memory.max") == "1111\n")
        #expect(try tree.directory.text("box/cpu.weight") == "55\n")
    }

    @Test(
        "what a file is put back to",
        arguments: [
            ("memory.max", "5", "max\n", "max"), ("cpu.max", "5", "max 100000\n", "max 100000"),
            ("io.max", "8:0 rbps=5", "8:16 rbps=1\n8:0 rbps=2 wbps=max\n", "8:0 rbps=2 wbps=max"),
            ("io.max", "8:0 rbps=5", "", "8:0 rbps=max wbps=max riops=max wiops=max"),
            ("io.weight", "500", "default 100\n8:0 50\n", "default 100"),
            ("io.bfq.weight", "8:0 5", "default 100\n", "8:0 default"),
            ("blkio.throttle.read_bps_device", "8:0 5", "8:16 1\n", "8:0 0"),
            ("net_prio.ifpriomap", "eth0 5", "lo 0\neth0 2\n", "eth0 2"),
            ("memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 0\n", "0"),
        ])
    func snapshotValues(file: String, new: String, old: String, expected: String) {
        #expect(CgroupSnapshot.previous(file, new, old) == expected)
    }

    @Test("the block weight goes where the kernel has it")
    func fallback() throws {
        let tree = try FakeTree.unified(controllers: "io")
        try tree.directory.file("box/io.weight")
        try tree.manager().create(.with { $0.blockIO.weight = 100 })
        #expect(try tree.directory.text("box/io.weight") == "910")
    }

    @Test("a frozen cgroup is told apart, and one that is gone is not frozen")
    func frozen() throws {
        let tree = try FakeTree.unified(controllers: "")
        let manager = try tree.manager()
        #expect(try !manager.isFrozen())
        try tree.directory.file("box/cgroup.freeze", "1\n")
        #expect(try manager.isFrozen())
        #expect(try CgroupChooser.open(manager.record).isFrozen())
    }

    @Test("a dry run touches nothing")
    func dryRun() throws {
        let tree = try FakeTree.unified(controllers: "cpu pids")
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "new", cgroupsPath: "/engine/new"), on: tree.host)
        let plan = try manager.plan(for: .with { $0.pidsLimit = 9 })
        let root = tree.directory.path
        #expect(
            plan.steps.map(\.description) == [
                "cgroup create \(root)/engine/new", "cgroup enable \(root)/engine/new [cpu pids]",
                "cgroup write pids.max 9",
                "cgroup devices \(root)/engine/new [62 instructions]",
                "cgroup enter \(root)/engine/new",
            ])
        #expect(
            plan.steps.map(\.property) == [
                "linux/cgroupsPath", "linux/cgroupsPath", "linux/resources/pids/limit",
                "linux/resources/devices", "linux/cgroupsPath",
            ])
        #expect(!tree.directory.exists("engine"))
    }
}

@Suite("Version 1 on a plain directory")
struct FakeV1Tests {
    @Test("every hierarchy is used, and joint controllers share one")
    func create() throws {
        let tree = try FakeTree.versionOne(["cpu,cpuacct", "pids", "devices"])
        try tree.directory.file("cpu,cpuacct/box/cpu.shares")
        try tree.directory.file("devices/box/devices.deny")
        try tree.directory.file("devices/box/devices.allow")
        try tree.manager(skipsDevices: false).create(.with { $0.cpu.shares = 77 })
        #expect(try tree.directory.text("cpu,cpuacct/box/cpu.shares") == "77")
        #expect(try tree.directory.text("devices/box/devices.deny") == "a")
        #expect(try tree.directory.text("devices/box/devices.allow").contains("c 1:3 rwm"))
    }

    @Test("an empty cpuset is filled from the top down, one that is not stays")
    func cpuset() throws {
        let tree = try FakeTree.versionOne(["cpuset"], path: "/a/box")
        try tree.directory.file("cpuset/cpuset.cpus", "0-3\n")
        try tree.directory.file("cpuset/cpuset.mems", "0\n")
        try tree.directory.file("cpuset/a/cpuset.cpus", "\n")
        try tree.directory.file("cpuset/a/cpuset.mems", "0\n")
        try tree.directory.file("cpuset/a/box/cpuset.cpus")
        try tree.directory.file("cpuset/a/box/cpuset.mems")
        try tree.manager().create(CgroupResources())
        #expect(try tree.directory.text("cpuset/a/cpuset.cpus") == "0-3")
        #expect(try tree.directory.text("cpuset/a/cpuset.mems") == "0\n")
        #expect(try tree.directory.text("cpuset/a/box/cpuset.cpus") == "0-3")
        #expect(try tree.directory.text("cpuset/a/box/cpuset.mems") == "0")
    }

    @Test("a limit without its controller names what is mounted")
    func missingController() throws {
        let tree = try FakeTree.versionOne(["cpu,cpuacct", "pids"])
        do {
            _ = try tree.manager().plan(for: .with { $0.network.classID = 1 })
            Issue.record("net_cls is not mounted")
        } catch {
            #expect(
                error.description == "linux/resources/network/classID: "
                    + "controller net_cls is not available (mounted: cpu, cpuacct, pids)")
        }
        do {
            _ = try tree.manager(skipsDevices: false).plan(
                for: .with { $0.devices = DeviceRules.always })
            Issue.record("devices is not mounted")
        } catch {
            #expect(error.property == "linux/resources/devices")
        }
    }

    @Test("a hybrid host limits what only its version 2 half has, in that half's words")
    func hybrid() throws {
        let tree = try FakeTree.versionOne(["memory"], unified: "hugetlb")
        try tree.directory.file("unified/box/hugetlb.2MB.max")
        try tree.manager().create(
            .with {
                $0.hugepages = [.init(pageSize: "2MB", limit: 4096)]
                $0.unified = [.init("hugetlb.2MB.max", "4096")]
            })
        #expect(try tree.directory.text("unified/cgroup.subtree_control") == "+hugetlb")
        #expect(try tree.directory.text("unified/box/hugetlb.2MB.max") == "4096")
        #expect(throws: CgroupError.self) {
            try tree.manager().create(.with { $0.unified = [.init("memory.max", "1")] })
        }
    }

    @Test("a directory without control files is no cgroup: the limit fails, nothing stays")
    func failingWrite() throws {
        let tree = try FakeTree.versionOne(["pids", "memory"])
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "x", cgroupsPath: "/n/x", skipsDevices: true), on: tree.host)
        #expect(throws: CgroupError.self) { try manager.create(.with { $0.pidsLimit = 5 }) }
        #expect(!tree.directory.exists("pids/n"))
        #expect(!tree.directory.exists("memory/n"))
    }

    @Test("a subpath for exec must exist below the cgroup and cannot leave it")
    func subpaths() throws {
        let tree = try FakeTree.versionOne(["memory", "pids"])
        try tree.directory.file("memory/box/sub/cgroup.procs")
        try tree.directory.file("memory/box/sub/tasks")
        try tree.directory.file("memory/box/tasks")
        try tree.directory.file("pids/box/tasks")
        let manager = try tree.manager()
        try manager.attach(1, below: [CgroupSubpath("sub", controllers: ["memory"])])
        #expect(try tree.directory.text("memory/box/sub/cgroup.procs") == "1")
        #expect(try tree.directory.text("pids/box/cgroup.procs") == "1")
        do {
            let entrances = try manager.openEntrances(
                below: [CgroupSubpath("/sub", controllers: ["memory"])])
            #expect(entrances.tasks.count == 2)
            #expect(entrances.cloneDirectory == -1)
        }
        #expect(throws: CgroupError.self) {
            try manager.attach(1, below: [CgroupSubpath("../other")])
        }
        #expect(throws: CgroupError.self) {
            _ = try manager.openEntrances(below: [CgroupSubpath("missing")])
        }
    }

    @Test("a dry run names every hierarchy")
    func dryRun() throws {
        let tree = try FakeTree.versionOne(["cpuset", "pids"])
        let root = tree.directory.path
        let plan = try tree.manager().plan(
            for: .with {
                $0.pidsLimit = 3
                $0.memory.kernel = 5
            })
        #expect(
            plan.steps.map(\.description) == [
                "cgroup create \(root)/cpuset/box", "cgroup inherit \(root)/cpuset/box cpuset.cpus",
                "cgroup inherit \(root)/cpuset/box cpuset.mems", "cgroup create \(root)/pids/box",
                "cgroup write pids.max 3", "cgroup enter \(root)/cpuset/box",
                "cgroup enter \(root)/pids/box",
            ])
        #expect(plan.warnings.count == 1)
    }

    @Test("a caller without rights has no cgroup, unless it asks for one")
    func withoutRights() throws {
        let tree = try FakeTree.versionOne(["pids"])
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "new", isRootless: true), on: tree.host)
        SyscallRecorder.record { recorder in
            recorder.force("mkdirat", .accessDenied)
            #expect(throws: Never.self) { try manager.create(CgroupResources()) }
        }
        #expect(manager.record.hierarchies.isEmpty)
        #expect(try manager.processes(recursive: true) == [])
        let asking = try CgroupChooser.choose(
            CgroupRequest(id: "new", cgroupsPath: "/new", isRootless: true), on: tree.host)
        let limiting = try CgroupChooser.choose(
            CgroupRequest(id: "new", isRootless: true), on: tree.host)
        SyscallRecorder.record { recorder in
            recorder.force("mkdirat", .accessDenied)
            #expect(throws: CgroupError.self) { try asking.create(CgroupResources()) }
            #expect(throws: CgroupError.self) { try limiting.create(.with { $0.pidsLimit = 1 }) }
        }
    }
}
