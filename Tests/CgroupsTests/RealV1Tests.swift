import Glibc
import Kernel
import Testing

@testable import Cgroups

@Suite(
    "Version 1 on this host",
    .enabled(if: RealHost.isUsable, Comment(rawValue: RealHost.reason ?? "")), .serialized)
struct RealV1Tests {
    @Test("a cgroup is made in every hierarchy with its limits, and removed whole")
    func lifecycle() throws {
        let manager = try RealHost.manager("life")
        var resources = CgroupResources()
        resources.pidsLimit = 17
        resources.memory.limit = 64 << 20
        resources.memory.swap = 96 << 20
        resources.cpu.shares = 512
        resources.cpu.quota = 20_000
        resources.cpu.period = 50_000
        #expect(try manager.create(resources) == [])
        defer { manager.undoCreate() }
        #expect(try RealHost.value(manager, "pids", "pids.max") == "17")
        #expect(try RealHost.value(manager, "memory", "memory.limit_in_bytes") == "67108864")
        #expect(try RealHost.value(manager, "memory", "memory.memsw.limit_in_bytes") == "100663296")
        #expect(try RealHost.value(manager, "cpu", "cpu.shares") == "512")
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_quota_us") == "20000")
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_period_us") == "50000")
        #expect(try !RealHost.value(manager, "cpuset", "cpuset.cpus").isEmpty)
        let devices = try RealHost.value(manager, "devices", "devices.list").split(separator: "\n")
        #expect(devices.count == 11)
        #expect(devices.contains("c 1:3 rwm"))
        #expect(devices.contains("b *:* m"))
        try manager.remove()
        for hierarchy in manager.record.hierarchies {
            #expect(!Files.exists(hierarchy.directory))
        }
        try manager.remove()
    }

    @Test("a child enters every hierarchy, is stopped, let go, counted and killed")
    func processes() throws {
        let manager = try RealHost.manager("proc")
        try manager.create(CgroupResources())
        let child = try RealHost.sleeper(in: manager)
        defer { try? manager.remove() }
        let own = try Files.readText("/proc/\(child.pid)/cgroup")
        for hierarchy in manager.record.hierarchies {
            #expect(own.contains(":\(hierarchy.controllers):\(hierarchy.path)\n"))
        }
        #expect(try manager.processes(recursive: true) == [child.pid])
        #expect(try !manager.isFrozen())
        try manager.freeze()
        #expect(try manager.isFrozen())
        #expect(try RealHost.value(manager, "freezer", "freezer.state") == "FROZEN")
        try manager.thaw()
        #expect(try !manager.isFrozen())
        try manager.freeze()
        try manager.kill(SIGKILL)
        #expect(try child.pidfd.waitExited(until: .after(milliseconds: 5000)))
        #expect(try child.pidfd.reap().shellStatus == 128 + SIGKILL)
        try manager.remove()
        #expect(try manager.processes(recursive: true) == [])
    }

    @Test("what fails half-way leaves nothing, parents included")
    func failure() throws {
        let top = "/apus-unit-\(getpid())-top"
        let manager = try RealHost.manager("fail", path: top + "/deep/box")
        do {
            try manager.create(.with { $0.cpu.cpus = "4000" })
            Issue.record("this host has no processor 4000")
        } catch {
            #expect(error.property == "linux/resources/cpu/cpus")
            #expect(error.cause?.call == "write")
        }
        for hierarchy in manager.record.hierarchies {
            #expect(!Files.exists(hierarchy.mountPoint + top))
        }
    }

    @Test("undoing takes the parents back, removing leaves them")
    func undo() throws {
        let top = "/apus-unit-\(getpid())-undo"
        let manager = try RealHost.manager("undo", path: top + "/box")
        let mounts = manager.record.hierarchies.map(\.mountPoint)
        try manager.create(CgroupResources())
        manager.undoCreate()
        for mount in mounts { #expect(!Files.exists(mount + top)) }
        try manager.create(CgroupResources())
        try manager.remove()
        for mount in mounts {
            #expect(Files.exists(mount + top))
            #expect(!Files.exists(mount + top + "/box"))
            try Files.removeDirectory(mount + top)
        }
    }

    @Test("a cgroup with processes or a frozen one is refused, and stays as it is")
    func refused() throws {
        let manager = try RealHost.manager("used")
        try manager.create(CgroupResources())
        defer { try? manager.remove() }
        let child = try RealHost.sleeper(in: manager)
        let again = try CgroupChooser.open(manager.record)
        #expect(
            throws: CgroupError(
                "container's cgroup is not empty: 1 process(es) found",
                property: "linux/cgroupsPath")
        ) { try again.create(CgroupResources()) }
        #expect(try manager.processes(recursive: false) == [child.pid])
        try again.kill(SIGKILL)
        _ = try child.pidfd.reap()
        try manager.freeze()
        #expect(
            throws: CgroupError(
                "container's cgroup unexpectedly frozen", property: "linux/cgroupsPath")
        ) { try again.create(CgroupResources()) }
        try manager.thaw()
        try again.create(CgroupResources())
    }

    @Test("memory and its total go up and down together in either order")
    func memoryOrder() throws {
        let manager = try RealHost.manager("memory")
        func limits(_ limit: Int64?, _ swap: Int64?) -> CgroupResources {
            .with {
                $0.memory.limit = limit.map { $0 << 20 }
                $0.memory.swap = swap.map { $0 << 20 }
            }
        }
        func present() throws -> [String] {
            [
                try RealHost.value(manager, "memory", "memory.limit_in_bytes"),
                try RealHost.value(manager, "memory", "memory.memsw.limit_in_bytes"),
            ]
        }
        try manager.create(limits(64, 64))
        defer { try? manager.remove() }
        #expect(try present() == ["67108864", "67108864"])
        try manager.set(limits(128, 256))
        #expect(try present() == ["134217728", "268435456"])
        try manager.set(limits(32, 32))
        #expect(try present() == ["33554432", "33554432"])
        do {
            try manager.set(limits(64, nil))
            Issue.record("the limit is above the total")
        } catch {
            #expect(error.property == "linux/resources/memory/limit")
            #expect(error.cause?.errno == .invalid)
        }
        try manager.set(.with { $0.memory.limit = -1 })
        #expect(try present()[0].hasPrefix("92233720368547"))
        #expect(try present()[1].hasPrefix("92233720368547"))
    }

    @Test("an update that the kernel refuses half-way changes nothing")
    func rollback() throws {
        let manager = try RealHost.manager("rollback")
        try manager.create(
            .with {
                $0.memory.limit = 64 << 20
                $0.memory.swap = 96 << 20
                $0.cpu.shares = 700
            })
        defer { try? manager.remove() }
        #expect(throws: CgroupError.self) {
            try manager.set(
                .with {
                    $0.memory.limit = 128 << 20
                    $0.memory.swap = 256 << 20
                    $0.cpu.shares = 50
                    $0.hugepages = [.init(pageSize: "3MB", limit: 1)]
                })
        }
        #expect(throws: CgroupError.self) {
            try manager.set(
                .with {
                    $0.cpu.shares = 50
                    $0.cpu.cpus = "4000"
                })
        }
        #expect(try RealHost.value(manager, "cpu", "cpu.shares") == "700")
        #expect(try RealHost.value(manager, "memory", "memory.limit_in_bytes") == "67108864")
        #expect(try RealHost.value(manager, "memory", "memory.memsw.limit_in_bytes") == "100663296")
    }

    @Test("quota, period and burst go through every change")
    func quotaOrder() throws {
        let manager = try RealHost.manager("quota")
        try manager.create(
            .with {
                $0.cpu.quota = 10_000
                $0.cpu.period = 100_000
                $0.cpu.burst = 5_000
            })
        defer { try? manager.remove() }
        try manager.set(
            .with {
                $0.cpu.quota = 90_000
                $0.cpu.burst = 60_000
            })
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_burst_us") == "60000")
        try manager.set(
            .with {
                $0.cpu.quota = 2_000
                $0.cpu.period = 1_000
                $0.cpu.burst = 1_000
            })
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_quota_us") == "2000")
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_period_us") == "1000")
        // Of the two that do not fit the sentence names the one that is in force, too.
        for (resources, burst, quota) in [
            (CgroupResources.with { $0.cpu.burst = 3_000 }, 3_000, 2_000),
            (CgroupResources.with { $0.cpu.quota = 999 }, 1_000, 999),
        ] {
            let reason = "the burst of \(burst) is above the quota of \(quota): EINVAL"
            let error = #expect(throws: CgroupError.self) { try manager.set(resources) }
            #expect(error?.description.contains(reason) == true)
        }
        try manager.set(.with { $0.cpu.quota = -1 })
        #expect(try RealHost.value(manager, "cpu", "cpu.cfs_quota_us") == "-1")
    }

    @Test("moving a process by its number works too, as does a signal for a whole tree")
    func attachAndSignal() throws {
        let manager = try RealHost.manager("attach")
        try manager.create(CgroupResources())
        defer { try? manager.remove() }
        var request = SpawnRequest(
            path: "/bin/sh", arguments: ["sh", "-c", "sleep 60 & sleep 60"], environment: [])
        request.firstDescriptor = 3
        let entrances = try manager.openEntrances()
        request.cgroupTasks = entrances.tasks
        let child = try request.spawn()
        let sleeper = try SpawnRequest(
            path: "/bin/sleep", arguments: ["sleep", "60"], environment: []
        ).spawn()
        try manager.attach(sleeper.pid)
        while try manager.processes(recursive: true).count < 3 { sched_yield() }
        try manager.kill(SIGTERM)
        #expect(try sleeper.pidfd.reap().shellStatus == 128 + SIGTERM)
        #expect(try child.pidfd.reap().shellStatus == 128 + SIGTERM)
        #expect(try !manager.isFrozen())
        #expect(throws: CgroupError.self) { try manager.attach(sleeper.pid) }
    }

    @Test("cgroups below are listed, emptied and removed")
    func nested() throws {
        let manager = try RealHost.manager("nested")
        try manager.create(CgroupResources())
        let child = try RealHost.sleeper(in: manager)
        for hierarchy in manager.record.hierarchies where hierarchy.controllers != "cpuset" {
            try Files.makeDirectory(hierarchy.directory + "/a.b", mode: 0o755)
            try Files.makeDirectory(hierarchy.directory + "/a.b/c", mode: 0o755)
            try Files.writeText(hierarchy.directory + "/a.b/c/cgroup.procs", String(child.pid))
        }
        #expect(try manager.processes(recursive: false) == [])
        #expect(try manager.processes(recursive: true) == [child.pid])
        try manager.kill(SIGKILL)
        try manager.remove()
        _ = try child.pidfd.reap()
        for hierarchy in manager.record.hierarchies {
            #expect(!Files.exists(hierarchy.directory))
        }
    }

    @Test("the figures are those of the kernel")
    func figures() throws {
        let manager = try RealHost.manager("stats")
        try manager.create(
            .with {
                $0.memory.limit = 32 << 20
                $0.pidsLimit = 7
            })
        let child = try RealHost.sleeper(in: manager)
        defer { try? manager.remove() }
        let stats = try manager.stats()
        #expect(stats.pids?.current == 1)
        #expect(stats.pids?.limit == 7)
        #expect(stats.memory?.usage.limit == 32 << 20)
        #expect((stats.memory?.usage.usage ?? 0) > 0)
        #expect((stats.cpu?.total ?? 0) > 0)
        #expect(stats.cpuset?.cpus.isEmpty == false)
        #expect(stats.cpu?.perCPU.isEmpty == false)
        #expect(manager.oomFacts().limit == 32 << 20)
        #expect(manager.oomFacts().oomKills == 0)
        #expect((manager.oomFacts().peak ?? 0) > 0)
        try manager.kill(SIGKILL)
        _ = try child.pidfd.reap()
    }

    @Test("a killed memory eater leaves its facts")
    func outOfMemory() throws {
        let manager = try RealHost.manager("oom")
        try manager.create(
            .with {
                $0.memory.limit = 16 << 20
                $0.memory.swap = 16 << 20
            })
        defer { try? manager.remove() }
        let entrances = try manager.openEntrances()
        var request = SpawnRequest(
            path: "/usr/bin/tail", arguments: ["tail", "/dev/zero"], environment: [])
        request.cgroupTasks = entrances.tasks
        let status = try request.spawn().pidfd.reap()
        #expect(status.shellStatus != 0)
        let facts = manager.oomFacts()
        #expect((facts.oomKills ?? 0) >= 1)
        #expect((facts.peak ?? 0) > 12 << 20)
    }
}

@Suite(
    "A controller that only the version 2 half has",
    .enabled(if: RealHost.hybridReason == nil, Comment(rawValue: RealHost.hybridReason ?? "")))
struct RealHybridTests {
    @Test("huge pages are limited where they are counted")
    func hugetlb() throws {
        let manager = try RealHost.manager("huge")
        try manager.create(.with { $0.hugepages = [.init(pageSize: "2MB", limit: 4 << 20)] })
        defer { try? manager.remove() }
        #expect(try RealHost.value(manager, "", "hugetlb.2MB.max") == "4194304")
        try manager.set(.with { $0.hugepages = [.init(pageSize: "2MB", limit: 6 << 20)] })
        #expect(try RealHost.value(manager, "", "hugetlb.2MB.max") == "6291456")
        #expect(try manager.stats().hugetlb.contains { $0.pageSize == "2MB" })
        do {
            try manager.set(.with { $0.hugepages = [.init(pageSize: "3MB", limit: 1)] })
            Issue.record("there are no pages of 3 MB")
        } catch {
            #expect(error.property == "linux/resources/hugepageLimits/0/limit")
        }
    }
}
