import Glibc
import Kernel
import Testing

@testable import Cgroups

@Suite(
    "Device filter in the kernel",
    .enabled(
        if: RealHost.unifiedReason == nil, Comment(rawValue: RealHost.unifiedReason ?? "")),
    .serialized)
struct DeviceFilterTests {
    private func withCgroup(_ body: (CgroupHierarchy) throws -> Void) throws {
        let root = try #require(RealHost.unifiedRoot)
        let hierarchy = CgroupHierarchy(
            controllers: "", mountPoint: root, path: "/apus-unit-\(getpid())-filter")
        try Files.makeDirectory(hierarchy.directory, mode: 0o755)
        defer { _ = try? Files.removeDirectory(hierarchy.directory) }
        try body(hierarchy)
    }

    private func attached(_ hierarchy: CgroupHierarchy) throws -> [UInt32] {
        let directory = try FileDescriptor.open(hierarchy.directory, O_RDONLY | O_DIRECTORY)
        return try BPF.attached(to: directory.rawValue, as: .cgroupDevice)
    }

    /// Opens a device in a child that is born in the cgroup; 0 when it could.
    private func tryDevice(_ path: String, in hierarchy: CgroupHierarchy) throws -> Int32 {
        let directory = try FileDescriptor.open(hierarchy.directory, O_PATH | O_DIRECTORY)
        var request = SpawnRequest(
            path: "/bin/dd",
            arguments: ["dd", "if=\(path)", "of=/dev/zero", "bs=1", "count=1", "status=none"],
            environment: [])
        request.firstDescriptor = 0
        let null = try FileDescriptor.open("/dev/null", O_RDWR)
        request.descriptors = [null.rawValue, null.rawValue, null.rawValue]
        request.cloneFlags = CLONE_INTO_CGROUP
        request.cgroup = directory.rawValue
        return try request.spawn().pidfd.reap().shellStatus
    }

    @Test("the verifier takes random programs", arguments: 1...20)
    func verifier(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let count = Int.random(in: 0...30, using: &generator)
        let rules = (0..<count).map { _ in CgroupDeviceRule.random(&generator) }
        let program = DeviceProgram(DeviceRules.effective(rules))
        _ = try BPF.load(.cgroupDevice, program.encoded, name: "apus_test")
    }

    @Test("a broken program is refused")
    func broken() {
        #expect(throws: Errno.self) { _ = try BPF.load(.cgroupDevice, [0x95], name: "apus_test") }
    }

    @Test("what is attached holds, and is replaced as one")
    func replace() throws {
        try withCgroup { hierarchy in
            let strict = DeviceProgram(DeviceRules.effective([]))
            try DeviceFilter.apply(strict, to: hierarchy.directory)
            let first = try attached(hierarchy)
            #expect(first.count == 1)
            #expect(try tryDevice("/dev/zero", in: hierarchy) == 0)
            #expect(try tryDevice("/dev/kmsg", in: hierarchy) != 0)
            let open = DeviceProgram(
                DeviceRules.effective([CgroupDeviceRule(allow: true, kind: .all)]))
            try DeviceFilter.apply(open, to: hierarchy.directory)
            let second = try attached(hierarchy)
            #expect(second.count == 1)
            #expect(second != first)
        }
    }

    @Test("several old programs all go")
    func replaceMany() throws {
        try withCgroup { hierarchy in
            let program = DeviceProgram(DeviceRules.effective([]))
            let directory = try FileDescriptor.open(hierarchy.directory, O_RDONLY | O_DIRECTORY)
            for name: StaticString in ["apus_one", "apus_two"] {
                let loaded = try BPF.load(.cgroupDevice, program.encoded, name: name)
                try BPF.attach(loaded, to: directory.rawValue, as: .cgroupDevice)
            }
            #expect(try attached(hierarchy).count == 2)
            try DeviceFilter.apply(program, to: hierarchy.directory)
            #expect(try attached(hierarchy).count == 1)
        }
    }

    @Test("beside an init system a process enters where that one is")
    func neighbour() throws {
        let root = try #require(RealHost.unifiedRoot)
        let host = CgroupHost(
            layout: .unified, mounts: [.init(controllers: "", mountPoint: root)])
        let path = "/apus-unit-\(getpid())-init"
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "x", cgroupsPath: path, skipsDevices: true), on: host)
        try manager.create(CgroupResources())
        defer { try? manager.remove() }
        let controllers = try Files.readText(root + path + "/cgroup.controllers")
        guard let controller = controllers.split(whereSeparator: \.isWhitespace).first else {
            return  // Nothing can be handed down on this host.
        }
        let child = try RealHost.sleeper(in: manager)
        try Files.makeDirectory(root + path + "/init.scope", mode: 0o755)
        try Files.writeText(root + path + "/init.scope/cgroup.procs", String(child.pid))
        func directory(_ below: [CgroupSubpath], _ pid: Int32?) throws -> String {
            let entrances = try manager.openEntrances(below: below, neighbour: pid)
            return try Files.readLink("/proc/self/fd/\(entrances.cloneDirectory)")
        }
        #expect(try directory([], child.pid) == root + path)
        try Files.writeText(root + path + "/cgroup.subtree_control", "+" + String(controller))
        #expect(try directory([], child.pid) == root + path + "/init.scope")
        #expect(try directory([], nil) == root + path)
        #expect(try directory([CgroupSubpath("/")], child.pid) == root + path)
        #expect(try directory([], getpid()) == root + path)
        try manager.kill(SIGKILL)
        _ = try child.pidfd.reap()
    }

    @Test("a version 2 manager makes, filters, kills and removes on the unified half")
    func manager() throws {
        let root = try #require(RealHost.unifiedRoot)
        let host = CgroupHost(
            layout: .unified, mounts: [.init(controllers: "", mountPoint: root)])
        let path = "/apus-unit-\(getpid())-v2"
        let manager = try CgroupChooser.choose(
            CgroupRequest(id: "x", cgroupsPath: path + "/deep"), on: host)
        try manager.create(.with { $0.devices = [CgroupDeviceRule(allow: false, kind: .all)] })
        defer { _ = try? Files.removeDirectory(root + path) }
        let hierarchy = try #require(manager.record.hierarchies.first)
        #expect(try attached(hierarchy).count == 1)
        let child = try RealHost.sleeper(in: manager)
        try manager.freeze()
        #expect(try manager.isFrozen())
        #expect(throws: CgroupError.self) { try manager.create(CgroupResources()) }
        #expect(try manager.processes(recursive: true) == [child.pid])
        // Unlike version 1, a stopped process dies of a signal that it does not handle.
        try manager.kill(SIGTERM)
        #expect(try child.pidfd.waitExited(until: .after(milliseconds: 5000)))
        #expect(try child.pidfd.reap().shellStatus == 128 + SIGTERM)
        try manager.thaw()
        let second = try RealHost.sleeper(in: manager)
        try Files.makeDirectory(hierarchy.directory + "/inner", mode: 0o755)
        try Files.writeText(hierarchy.directory + "/inner/cgroup.procs", String(second.pid))
        #expect(try manager.processes(recursive: false) == [])
        #expect(try manager.processes(recursive: true) == [second.pid])
        try manager.kill(SIGKILL)
        try manager.remove()
        #expect(try second.pidfd.reap().shellStatus == 128 + SIGKILL)
        #expect(!Files.exists(hierarchy.directory))
    }
}
