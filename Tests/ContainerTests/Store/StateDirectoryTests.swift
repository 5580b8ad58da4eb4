import Cgroups
import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite("State directory")
struct StateDirectoryTests {
    private let directory = TemporaryDirectory()

    private func create() throws -> StateDirectory {
        try StateStore(root: directory.path).create(try ContainerID("one"))
    }

    private var path: String { directory.path + "/one" }

    @Test("a record is replaced in one step and read back")
    func record() throws {
        let state = try create()
        let none = try state.readRecord()
        #expect(none == nil)
        var record = sampleRecord
        record.process = nil
        try state.writeRecord(record)
        let first = try state.readRecord()
        #expect(first == record)
        try state.writeRecord(sampleRecord)
        let second = try state.readRecord()
        #expect(second == sampleRecord)
        #expect(try Files.list(path) == ["state.json"])
    }

    @Test("what a killed writer left is replaced")
    func leftover() throws {
        let state = try create()
        let temporary = ".state-\(getpid())"
        _ = try FileDescriptor.open("\(path)/\(temporary)", O_CREAT | O_WRONLY, mode: 0o600)
        try state.writeRecord(sampleRecord)
        #expect(try Files.list(path) == ["state.json"])
    }

    @Test(
        "a write that fails leaves the old record and nothing else",
        arguments: [
            "renameat2", "write",
        ])
    func failedWrite(call: String) throws {
        let state = try create()
        try state.writeRecord(sampleRecord)
        var other = sampleRecord
        other.bundle = "/other"
        SyscallRecorder.record { recorder in
            recorder.force(call, .noSpace)
            let error = #expect(throws: RuntimeError.self) { try state.writeRecord(other) }
            #expect(error?.message == "cannot write state.json")
            #expect(error?.underlying?.errno == .noSpace)
        }
        let record = try state.readRecord()
        #expect(record == sampleRecord)
        #expect(try Files.list(path) == ["state.json"])
    }

    @Test(
        "a damaged record is an error that says where",
        arguments: [
            "", "{", "{\"version\":1}", "[]", "{\"version\":\"1\"}",
        ])
    func damaged(text: String) throws {
        let state = try create()
        let file = try FileDescriptor.open(
            "\(path)/state.json", O_CREAT | O_WRONLY, mode: 0o600)
        try file.writeAll(Array(text.utf8))
        let error = #expect(throws: RuntimeError.self) { _ = try state.readRecord() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("state.json") == true)
    }

    @Test("what is no file, or another container's, is damage and can be removed")
    func impostors() throws {
        let makers: [(String) throws -> Void] = [
            { try Files.makeDirectory($0, mode: 0o700) },
            { path in #expect(mkfifo(path, 0o600) == 0) },
            { path in #expect(symlink("/dev/zero", path) == 0) },
            { path in
                var other = sampleRecord
                other.id = "two"
                let file = try FileDescriptor.open(path, O_CREAT | O_WRONLY, mode: 0o600)
                try file.writeAll(other.json(.compact))
            },
        ]
        for make in makers {
            let state = try create()
            try make("\(path)/state.json")
            let error = #expect(throws: RuntimeError.self) { _ = try state.readRecord() }
            #expect(error?.code == .damaged)
            try state.remove()
            #expect(!Files.exists(path))
        }
    }

    @Test("the configuration is kept as it was")
    func config() throws {
        let state = try create()
        let bytes = Array("{ \"ociVersion\" : \"1.0.0\" }\n".utf8)
        try state.writeConfig(bytes)
        let read = try state.readConfig()
        #expect(read == bytes)
        #expect(throws: RuntimeError.self) { try state.writeConfig([1]) }
    }

    @Test("a missing configuration is an error")
    func noConfig() throws {
        let state = try create()
        let error = #expect(throws: RuntimeError.self) { _ = try state.readConfig() }
        #expect(error?.underlying?.errno == .noEntry)
    }

    @Test("the fifo is the container's, whatever the umask")
    func fifo() throws {
        let state = try create()
        let before = state.hasFifo()
        #expect(!before)
        let owner: UInt32 = geteuid() == 0 ? 100_000 : geteuid()
        let group: UInt32 = geteuid() == 0 ? 100_001 : getegid()
        let place = try state.makeFifo(uid: owner, gid: group)
        let status = try Files.status("\(path)/exec.fifo")
        #expect(status.st_mode == S_IFIFO | 0o622)
        #expect(status.st_uid == owner)
        #expect(status.st_gid == group)
        #expect(try Files.status(of: place).st_ino == status.st_ino)
        let during = state.hasFifo()
        #expect(during)
        try state.removeFifo()
        try state.removeFifo()
        let after = state.hasFifo()
        #expect(!after)
    }

    @Test("everything of the runtime's is removed, and the name is free")
    func remove() throws {
        let state = try create()
        try state.writeConfig([1])
        try state.writeRecord(sampleRecord)
        _ = try state.makeFifo(uid: geteuid(), gid: getegid())
        _ = try FileDescriptor.open("\(path)/.state-1", O_CREAT | O_WRONLY, mode: 0o600)
        try state.remove()
        #expect(!Files.exists(path))
        _ = try create()
    }

    @Test("what is not the runtime's stays, and is an error")
    func foreign() throws {
        let state = try create()
        try Files.makeDirectory("\(path)/theirs", mode: 0o755)
        let error = failure(of: state)
        #expect(error?.underlying?.errno == .notEmpty)
        #expect(Files.exists("\(path)/theirs"))
    }

    private func failure(of state: consuming StateDirectory) -> RuntimeError? {
        do throws(RuntimeError) {
            try state.remove()
            return nil
        } catch {
            return error
        }
    }

    @Test("a removal that is cut short keeps the record until the end, and can be repeated")
    func cutShort() throws {
        let id = try ContainerID("one")
        let store = try StateStore(root: directory.path)
        do {
            let state = try create()
            try state.writeConfig([1])
            try state.writeRecord(sampleRecord)
            _ = try state.makeFifo(uid: geteuid(), gid: getegid())
        }
        let calls = try SyscallRecorder.record { recorder in
            try store.open(id, .exclusive).remove()
            return recorder.calls.filter { $0 == "unlinkat" }.count
        }
        #expect(calls == 4)
        // Stop after each of the removals in turn.
        for stop in 0..<4 {
            let state = try create()
            try state.writeConfig([1])
            try state.writeRecord(sampleRecord)
            _ = try state.makeFifo(uid: geteuid(), gid: getegid())
            for name in ["exec.fifo", "config.json", "state.json"].prefix(stop) {
                try Files.remove("\(path)/\(name)")
            }
            let record = try state.readRecord()
            #expect((record != nil) == (stop < 3))
            try state.remove()
            #expect(!Files.exists(path))
        }
    }
}

let sampleRecord = ContainerRecord(
    id: "one", ociVersion: "1.3.0", bundle: "/b \"x\"\n", rootfs: "/b/rootfs",
    process: ProcessIdentity(pid: 4711, startTime: UInt64(Int64.max)),
    created: "2025-01-31T08:09:10.12Z",
    cgroup: CgroupRecord(
        layout: .hybrid, driver: .systemd,
        hierarchies: [
            CgroupHierarchy(
                controllers: "cpu,cpuacct", mountPoint: "/sys/fs/cgroup/cpu", path: "/x"),
            CgroupHierarchy(controllers: "", mountPoint: "/sys/fs/cgroup/unified", path: "/x"),
        ], unit: "apus-one.scope", subgroup: "box"),
    annotations: [StringEntry(key: "k", value: "ä\u{1}"), StringEntry(key: "e", value: "")],
    poststart: [Hook(path: "/h", args: ["h", ""], env: [], timeout: 3)],
    poststop: [Hook(path: "/i")], ownerUID: .max, externalDescriptors: ["/dev/null", "pipe:[1]"],
    console: "/dev/pts/0")
