import Testing

@testable import Cgroups

@Suite("Names of systemd units")
struct UnitNameTests {
    static func name(_ path: String?, isUser: Bool = false) throws(CgroupError) -> UnitName {
        try UnitName(cgroupsPath: path, id: "box", isUser: isUser)
    }

    @Test(
        "the path says slice, prefix and name",
        arguments: [
            ("system.slice:docker:abc", "docker-abc.scope", "/system.slice/docker-abc.scope"),
            (":apus:abc", "apus-abc.scope", "/system.slice/apus-abc.scope"),
            ("::abc", "abc.scope", "/system.slice/abc.scope"),
            ("::", "box.scope", "/system.slice/box.scope"),
            (
                "kube-pods-one.slice:cri:abc", "cri-abc.scope",
                "/kube.slice/kube-pods.slice/kube-pods-one.slice/cri-abc.scope"
            ),
            ("-.slice:a:b", "a-b.scope", "/a-b.scope"),
            ("system.slice::pod-1.slice", "pod-1.slice", "/pod.slice/pod-1.slice"),
            (":a:b+c", "a-b\\x2bc.scope", "/system.slice/a-b\\x2bc.scope"),
        ])
    func forms(path: String, unit: String, place: String) throws {
        let name = try Self.name(path)
        #expect(name.unit == unit)
        #expect(try name.path() == place)
        #expect(name.isSlice == unit.hasSuffix(".slice"))
    }

    @Test("without a path the id names the unit")
    func absent() throws {
        #expect(try Self.name(nil).unit == "apus-box.scope")
        #expect(try Self.name("").slice == "system.slice")
        #expect(try Self.name(nil, isUser: true).slice == "user.slice")
    }

    @Test(
        "what is no such path is refused",
        arguments: [
            "/a/b", "a:b", "a:b:c", "a.slice:b:c:d", "/x.slice:b:c", "a--b.slice:b:c",
            "-a.slice:b:c", ".slice:b:c", "a/b.slice:b:c", "::a--b.slice",
        ])
    func refused(path: String) {
        #expect(throws: CgroupError.self) { try Self.name(path) }
    }

    @Test("a name that systemd could not keep is refused")
    func long() {
        let long = String(repeating: "x", count: 250)
        #expect(throws: CgroupError.self) { try Self.name("::" + long) }
    }

    @Test("a user's units are below the user's manager")
    func rootless() throws {
        let host = CgroupHost(
            layout: .unified,
            mounts: [
                .init(
                    controllers: "", mountPoint: "/cg",
                    ownPath: "/user.slice/user-7.slice/user@7.service/app.slice/a.scope")
            ])
        let request = CgroupRequest(id: "box", driver: .systemd, isRootless: true)
        let record = try CgroupChooser.choose(request, on: host).record
        #expect(record.unit == "apus-box.scope")
        #expect(
            record.path == "/user.slice/user-7.slice/user@7.service/user.slice/apus-box.scope")
        #expect(record.driver == .systemd)
    }

    @Test("where a process may be moved: the common ancestor decides")
    func ancestors() {
        #expect(CgroupReach.commonAncestor("/a/b/c", "/a/b/d") == "/a/b")
        #expect(CgroupReach.commonAncestor("/a/b", "/a/b/d") == "/a/b")
        #expect(CgroupReach.commonAncestor("/ab", "/a") == "/")
        #expect(CgroupReach.commonAncestor("/", "/a") == "/")
    }
}

@Suite("Limits become properties of a unit")
struct UnitLimitsTests {
    static func properties(
        _ file: String, _ value: String, controller: String = "", version: Int = 252
    ) throws(CgroupError) -> [UnitProperty] {
        let write = CgroupWrite(controller, file, value, "linux/resources/x")
        return try UnitLimits.properties(for: [write], version: version)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var file: String
        var value: String
        var expected: [UnitProperty]
        var version = 252
        var testDescription: String { "\(file) \(value)" }
    }

    static let rows: [Row] = [
        Row(
            file: "memory.max", value: "4096",
            expected: [UnitProperty("MemoryMax", .number(4096))]),
        Row(file: "memory.max", value: "max", expected: [UnitProperty("MemoryMax", .infinity)]),
        Row(file: "memory.low", value: "1", expected: [UnitProperty("MemoryLow", .number(1))]),
        Row(
            file: "memory.swap.max", value: "0",
            expected: [UnitProperty("MemorySwapMax", .number(0))]),
        Row(
            file: "memory.oom.group", value: "1",
            expected: [UnitProperty("OOMPolicy", .text("kill"))], version: 253),
        Row(
            file: "memory.oom.group", value: "0",
            expected: [UnitProperty("OOMPolicy", .text("continue"))], version: 253),
        Row(file: "memory.oom.group", value: "1", expected: []),
        Row(
            file: "io.bfq.weight", value: "10",
            expected: [UnitProperty("IOWeight", .number(10))]),
        Row(
            file: "io.bfq.weight", value: "1000",
            expected: [UnitProperty("IOWeight", .number(10_000))]),
        Row(file: "io.bfq.weight", value: "8:0 100", expected: []),
        Row(
            file: "io.weight", value: "default 200",
            expected: [UnitProperty("IOWeight", .number(200))]),
        Row(file: "io.weight", value: "8:0 200", expected: []),
        Row(file: "pids.max", value: "7", expected: [UnitProperty("TasksMax", .number(7))]),
        Row(file: "pids.max", value: "0", expected: [UnitProperty("TasksMax", .number(1))]),
        Row(file: "pids.max", value: "max", expected: [UnitProperty("TasksMax", .infinity)]),
        Row(
            file: "cpu.weight", value: "100",
            expected: [UnitProperty("CPUWeight", .number(100))]),
        Row(file: "cpu.idle", value: "1", expected: [UnitProperty("CPUWeight", .number(0))]),
        Row(file: "cpu.idle", value: "1", expected: [], version: 251),
        Row(file: "cpu.idle", value: "0", expected: []),
        Row(
            file: "cpu.max", value: "20000 50000",
            expected: [
                UnitProperty("CPUQuotaPerSecUSec", .number(400_000)),
                UnitProperty("CPUQuotaPeriodUSec", .number(50_000)),
            ]),
        Row(
            file: "cpu.max", value: "20000 50000",
            expected: [UnitProperty("CPUQuotaPerSecUSec", .number(400_000))], version: 241),
        Row(
            file: "cpu.max", value: "33333",
            expected: [UnitProperty("CPUQuotaPerSecUSec", .number(340_000))]),
        Row(
            file: "cpu.max", value: "1 1000000",
            expected: [
                UnitProperty("CPUQuotaPerSecUSec", .number(10_000)),
                UnitProperty("CPUQuotaPeriodUSec", .number(1_000_000)),
            ]),
        Row(
            file: "cpu.max", value: "max",
            expected: [UnitProperty("CPUQuotaPerSecUSec", .infinity)]),
        Row(
            file: "cpuset.cpus", value: "0-2,9",
            expected: [UnitProperty("AllowedCPUs", .bytes([7, 2]))]),
        Row(file: "cpuset.cpus", value: "0", expected: [], version: 243),
        Row(
            file: "cpuset.mems", value: "1",
            expected: [UnitProperty("AllowedMemoryNodes", .bytes([2]))]),
        Row(file: "cpu.max.burst", value: "5", expected: []),
        Row(file: "io.max", value: "7:0 rbps=1", expected: []),
    ]

    @Test("table", arguments: rows)
    func table(row: Row) throws {
        let result = try Self.properties(row.file, row.value, version: row.version)
        #expect(result == row.expected)
    }

    @Test("version 1 has names of its own")
    func versionOne() throws {
        #expect(
            try Self.properties("memory.limit_in_bytes", "-1", controller: "memory")
                == [UnitProperty("MemoryLimit", .infinity)])
        #expect(
            try Self.properties("cpu.shares", "512", controller: "cpu")
                == [UnitProperty("CPUShares", .number(512))])
        #expect(try Self.properties("cpu.cfs_quota_us", "1", controller: "cpu").isEmpty)
    }

    @Test(
        "what systemd could not read is an error of its place",
        arguments: [
            ("cpuset.cpus", "2-1"), ("cpuset.cpus", "x"), ("cpuset.cpus", "99999999"),
            ("cpuset.cpus", "1-"), ("cpu.max", "1 0"), ("cpu.max", "x"), ("memory.max", "1M"),
        ])
    func unreadable(file: String, value: String) {
        do throws(CgroupError) {
            let result = try Self.properties(file, value)
            Issue.record("\(result)")
        } catch {
            #expect(error.property == "linux/resources/x")
        }
    }
}

@Suite("Annotations become properties of a unit")
struct UnitAnnotationTests {
    static func property(_ name: String, _ value: String) throws(CgroupError) -> UnitProperty {
        try UnitAnnotation.property(
            CgroupRequest.Annotation(key: UnitAnnotation.prefix + name, value: value))
    }

    @Test(
        "values",
        arguments: [
            ("CollectMode", "'inactive-or-failed'", UnitValue.text("inactive-or-failed")),
            ("Description", "\"it's\"", .text("it's")),
            ("Description", "'it\\'s'", .text("it's")),
            ("IOAccounting", "true", .flag(true)),
            ("IOAccounting", " false ", .flag(false)),
            ("TimeoutStopUSec", "uint64 5000000", .number(5_000_000)),
            ("TasksMax", "@t 5", .number(5)),
            ("Number", "-5", .int32(-5)),
            ("Number", "1.5", .double(1.5)),
            ("Number", "int64 -9", .int64(-9)),
            ("Number", "uint32 9", .uint32(9)),
            ("After", "['a.service', 'b.service']", .texts(["a.service", "b.service"])),
            ("After", "@as []", .texts([])),
        ])
    func values(name: String, text: String, value: UnitValue) throws {
        #expect(try Self.property(name, text) == UnitProperty(name, value))
    }

    @Test(
        "seconds become microseconds",
        arguments: [("123", 123_000_000), ("1.5", 1_500_000), ("uint64 2", 2_000_000)])
    func seconds(text: String, value: UInt64) throws {
        #expect(
            try Self.property("TimeoutStopSec", text)
                == UnitProperty("TimeoutStopUSec", .number(value)))
    }

    @Test(
        "what cannot be read is refused",
        arguments: [
            ("TimeoutStopSec", "'5'"), ("TimeoutStopSec", "-1"), ("X", "true"), ("Bad Name", "1"),
            ("Bad-Name", "1"), ("", "1"), ("Name", ""), ("Name", "'open"), ("Name", "[1]"),
            ("Name", "['a' 'b']"), ("Name", "['a',]"), ("Name", "[]"), ("Name", "uint64 -1"),
            ("Name", "99999999999"), ("Name", "@q 5"), ("Name", "'a' b"),
        ])
    func refused(name: String, text: String) {
        do throws(CgroupError) {
            let result = try Self.property(name, text)
            Issue.record("\(result)")
        } catch {
            #expect(error.property == "annotations/" + UnitAnnotation.prefix + name)
        }
    }
}
