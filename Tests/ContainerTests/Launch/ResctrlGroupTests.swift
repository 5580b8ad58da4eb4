import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

/// What was done to a fake resctrl tree.
private final class Recorder: @unchecked Sendable {
    var writes: [String] = []
}

@Suite("Resctrl groups")
struct ResctrlGroupTests {
    private let directory = TemporaryDirectory()
    private let recorder = Recorder()

    init() throws {
        try Files.makeDirectory(directory.path + "/info", mode: 0o755)
        try put("schemata", "L3:0=fff;1=fff\nMB:0=100;1=100\n")
    }

    private func put(_ file: String, _ text: String) throws {
        try FileDescriptor.open("\(directory.path)/\(file)", O_WRONLY | O_CREAT, mode: 0o644)
            .writeAll(Array(text.utf8))
    }

    private var host: ResctrlHost {
        let (recorder, root) = (recorder, directory.path)
        return ResctrlHost(
            root: root,
            makeDirectory: { path throws(Errno) in
                recorder.writes.append("mkdir \(path.dropFirst(root.count + 1))")
                try Files.makeDirectory(path, mode: 0o755)
            },
            write: { path, text throws(Errno) in
                if text.hasPrefix("bad") { throw .invalid }
                if text == "13" { throw .noProcess }
                recorder.writes.append("\(path.dropFirst(root.count + 1)) \(text)")
            })
    }

    private func blueprint(_ spec: IntelRdt) -> ResctrlBlueprint {
        var diagnostics = Diagnostics()
        let blueprint = ResctrlBlueprint(spec, id: "box", &diagnostics)
        #expect(diagnostics.errors.isEmpty)
        return blueprint
    }

    private func create(_ spec: IntelRdt) throws -> ResctrlGroup {
        let group = ResctrlGroup(blueprint(spec), on: host)
        try group.create()
        return group
    }

    private func failure(_ spec: IntelRdt) -> RuntimeError? {
        do {
            _ = try create(spec)
            return nil
        } catch { return error as? RuntimeError }
    }

    @Test("without closID the directory has the container's name and goes with it")
    func unnamed() throws {
        let spec = IntelRdt(
            schemata: ["L2:0=f"], l3CacheSchema: "L3:0=f", memBwSchema: "MB:0=20")
        #expect(host.directoriesToRemove(blueprint(spec)) == [directory.path + "/box"])
        try create(spec).enter(42)
        #expect(
            recorder.writes == [
                "mkdir box", "box/schemata L3:0=f\n", "box/schemata MB:0=20\n",
                "box/schemata L2:0=f\n", "box/tasks 42",
            ])
        // Somebody else's directory of that name stays.
        #expect(host.directoriesToRemove(blueprint(spec)).isEmpty)
    }

    @Test("without any schema a group of the container's own is made all the same")
    func empty() throws {
        try create(IntelRdt()).enter(42)
        #expect(recorder.writes == ["mkdir box", "box/tasks 42"])
    }

    @Test("all threads enter, those that start meanwhile too, and what has ended is not missed")
    func everyThread() throws {
        let group = try create(IntelRdt())
        var answers: [[Int32]] = [[10, 11, 13], [10, 11, 12], [10, 12]]
        try group.enterAll { () throws(RuntimeError) in answers.removeFirst() }
        #expect(answers.isEmpty)
        #expect(
            recorder.writes == ["mkdir box", "box/tasks 10", "box/tasks 11", "box/tasks 12"])
        #expect(throws: RuntimeError.self) {
            try group.enterAll { () throws(RuntimeError) in throw StoredContainer.notRunning }
        }
    }

    @Test("a named group that is missing is made from its schemata and stays")
    func named() throws {
        let spec = IntelRdt(closID: "blue", l3CacheSchema: "L3:0=f")
        _ = try create(spec)
        #expect(recorder.writes == ["mkdir blue", "blue/schemata L3:0=f\n"])
        #expect(host.directoriesToRemove(blueprint(spec)).isEmpty)
    }

    @Test("a named group without schema must exist")
    func namedAndMissing() throws {
        let error = try #require(failure(IntelRdt(closID: "blue")))
        #expect(error.location == "linux/intelRdt/closID")
        #expect(recorder.writes.isEmpty)
        try Files.makeDirectory(directory.path + "/blue", mode: 0o755)
        try create(IntelRdt(closID: "blue")).enter(7)
        #expect(recorder.writes == ["blue/tasks 7"])
    }

    @Test("an existing group must have the schemata already")
    func existing() throws {
        try Files.makeDirectory(directory.path + "/blue", mode: 0o755)
        try put("blue/schemata", "    L3:0=00f;1=fff\n    MB:0= 20;1=100\n")
        _ = try create(
            IntelRdt(closID: "blue", l3CacheSchema: "L3:0=F", memBwSchema: "MB:0=20"))
        let error = try #require(failure(IntelRdt(closID: "blue", l3CacheSchema: "L3:0=3")))
        #expect(error.code == .invalidConfig)
        #expect(error.location == "linux/intelRdt/l3CacheSchema")
        #expect(failure(IntelRdt(closID: "blue", schemata: ["L2:0=1"])) != nil)
        #expect(recorder.writes.isEmpty)
    }

    @Test("/ is the root group")
    func rootGroup() throws {
        let spec = IntelRdt(closID: "/", enableMonitoring: true)
        try Files.makeDirectory(directory.path + "/mon_groups", mode: 0o755)
        #expect(host.directoriesToRemove(blueprint(spec)) == [directory.path + "/mon_groups/box"])
        try create(spec).enter(9)
        #expect(recorder.writes.first == "mkdir mon_groups/box")
        #expect(recorder.writes.suffix(2).map { $0.hasSuffix("tasks 9") } == [true, true])
        #expect(failure(IntelRdt(closID: "/", l3CacheSchema: "L3:0=1")) != nil)
    }

    @Test("what fails takes back what it made")
    func undo() throws {
        let group = ResctrlGroup(blueprint(IntelRdt(schemata: ["bad"])), on: host)
        #expect(throws: RuntimeError.self) { try group.create() }
        #expect(Files.exists(directory.path + "/box"))
        group.undo()
        #expect(!Files.exists(directory.path + "/box"))
    }

    @Test("the kernel's own words are passed on")
    func reason() throws {
        try put("info/last_cmd_status", "Mask out of range\n")
        let error = try #require(failure(IntelRdt(schemata: ["bad"])))
        #expect(error.message.contains("Mask out of range"))
        #expect(error.location == "linux/intelRdt/schemata/0")
    }

    @Test("a host without resctrl is an error")
    func missing() throws {
        let group = ResctrlGroup(
            blueprint(IntelRdt()),
            on: ResctrlHost(
                root: directory.path + "/none", makeDirectory: host.makeDirectory,
                write: host.write))
        #expect(throws: RuntimeError.self) { try group.create() }
    }

    @Test("removal ignores what is gone and reports the rest")
    func remove() throws {
        try Files.makeDirectory(directory.path + "/full", mode: 0o755)
        try put("full/file", "")
        let failures = ResctrlGroup.remove([
            directory.path + "/gone", directory.path + "/full", directory.path + "/info",
        ])
        #expect(failures.count == 1)
        #expect(!Files.exists(directory.path + "/info"))
    }

    @Test("names that are no group", arguments: ["a/b", "..", "info", "mon_groups"])
    func names(_ name: String) {
        var diagnostics = Diagnostics()
        _ = ResctrlBlueprint(IntelRdt(closID: name), id: "box", &diagnostics)
        #expect(diagnostics.errors.map(\.location) == ["linux/intelRdt/closID"])
    }

    @Test("a schema is one line")
    func lines() {
        var diagnostics = Diagnostics()
        _ = ResctrlBlueprint(
            IntelRdt(schemata: ["L3:0=f\nMB:0=10"]), id: "box", &diagnostics)
        #expect(diagnostics.errors.map(\.location) == ["linux/intelRdt/schemata/0"])
    }

    @Test("an update writes the new lines, and can take them back")
    func update() throws {
        try Files.makeDirectory(directory.path + "/box", mode: 0o755)
        try put("box/schemata", "    L3:0=fff;1=fff\n    MB:0=100;1=100\n")
        let group = ResctrlGroup(blueprint(IntelRdt()), on: host)
        let takeBack = try group.update([
            ResctrlBlueprint.Line(text: "L3:0=f", location: "--l3-cache-schema")
        ])
        #expect(recorder.writes == ["box/schemata L3:0=f\n"])
        takeBack()
        #expect(recorder.writes.suffix(1) == ["box/schemata L3:0=fff;1=fff\n"])
    }

    @Test("an update that is refused puts the old lines back")
    func refusedUpdate() throws {
        try Files.makeDirectory(directory.path + "/box", mode: 0o755)
        try put("box/schemata", "L3:0=fff\nMB:0=100\n")
        let group = ResctrlGroup(blueprint(IntelRdt()), on: host)
        let lines = [
            ResctrlBlueprint.Line(text: "L3:0=f", location: "--l3-cache-schema"),
            ResctrlBlueprint.Line(text: "badMB:0=1", location: "--mem-bw-schema"),
        ]
        do throws(RuntimeError) {
            _ = try group.update(lines)
            Issue.record("the line was taken")
        } catch {
            #expect(error.location == "--mem-bw-schema")
        }
        #expect(recorder.writes == ["box/schemata L3:0=f\n", "box/schemata L3:0=fff\n"])
    }

    @Test("an update of a group that is not there fails")
    func updateOfNothing() {
        let group = ResctrlGroup(blueprint(IntelRdt()), on: host)
        #expect(throws: RuntimeError.self) {
            _ = try group.update([ResctrlBlueprint.Line(text: "L3:0=f", location: "x")])
        }
    }
}
