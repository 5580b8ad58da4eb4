import Cgroups
import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite("Container record")
struct ContainerRecordTests {
    @Test("a record survives writing and reading")
    func roundTrip() throws {
        #expect(try ContainerRecord.parse(sampleRecord.json(.compact)) == sampleRecord)
        var least = ContainerRecord(
            id: "x", ociVersion: "1.0.0", bundle: "/b", rootfs: "/r", created: "t",
            cgroup: CgroupRecord(layout: .unified, driver: .disabled, hierarchies: []), ownerUID: 0)
        #expect(try ContainerRecord.parse(least.json(.compact)) == least)
        least.poststop = []
        #expect(try ContainerRecord.parse(least.json(.spaces)) == least)
    }

    @Test("a record of another format is refused", arguments: [0, 2, 99])
    func version(number: Int) throws {
        let text = String(decoding: sampleRecord.json(.compact), as: UTF8.self)
        let other = text.replacingFirst("\"version\":1", with: "\"version\":\(number)")
        let error = #expect(throws: RuntimeError.self) {
            _ = try ContainerRecord.parse(Array(other.utf8))
        }
        #expect(error?.message.contains("expected 1, found \(number)") == true)
    }

    @Test(
        "a member that does not fit is named",
        arguments: [
            ("\"pid\":4711", "\"pid\":0", "/pid"),
            ("\"pid\":4711", "\"pid\":2147483648", "/pid"),
            ("\"startTime\"", "\"startTimes\"", "startTime is needed"),
            ("\"ownerUID\"", "\"owner\"", "/ownerUID"),
            ("\"layout\":\"hybrid\"", "\"layout\":\"v3\"", "/cgroup/layout"),
            ("\"driver\":\"systemd\"", "\"driver\":\"none\"", "/cgroup/driver"),
            ("\"cgroup\":", "\"croup\":", "cgroup is missing"),
            ("\"mountPoint\"", "\"mount\"", "/cgroup/hierarchies/0/mountPoint"),
        ])
    func damaged(old: String, new: String, place: String) throws {
        let text = String(decoding: sampleRecord.json(.compact), as: UTF8.self)
        let other = text.replacingFirst(old, with: new)
        #expect(other != text)
        let error = #expect(throws: RuntimeError.self) {
            _ = try ContainerRecord.parse(Array(other.utf8))
        }
        #expect(error?.message.contains(place) == true)
    }
}

@Suite("Derived status")
struct ContainerStatusTests {
    @Test(
        "a status follows from what is there",
        arguments: [
            (false, false, false, true, false, ContainerStatus.creating),
            (false, false, true, true, false, .creating),
            (false, false, true, false, false, .stopped),
            (true, false, true, false, false, .stopped),
            (true, false, false, false, true, .stopped),
            (true, true, true, false, false, .created),
            (true, true, true, true, false, .created),
            (true, true, false, false, false, .running),
            (true, true, false, false, true, .paused),
            (true, true, true, false, true, .paused),
        ])
    func derives(
        process: Bool, alive: Bool, fifo: Bool, busy: Bool, frozen: Bool, expected: ContainerStatus
    ) {
        let facts = StatusFacts(
            hasProcess: process, isAlive: alive, hasFifo: fifo, isBusy: busy)
        var asked = 0
        let status = ContainerStatus.derive(facts) {
            asked += 1
            return frozen
        }
        #expect(status == expected)
        #expect(asked == (alive ? 1 : 0))
    }

    @Test("a directory tells the status of its record")
    func directory() throws {
        let temporary = TemporaryDirectory()
        let store = try StateStore(root: temporary.path)
        let id = try ContainerID("one")
        var record = sampleRecord
        let state = try store.create(id)
        let asked = try store.open(id, .shared)
        let creating = asked.status(of: nil) { false }
        #expect(creating == .creating)
        record.process = try ProcessIdentity.of(1)
        _ = try state.makeFifo(uid: geteuid(), gid: getegid())
        let created = asked.status(of: record) { false }
        #expect(created == .created)
        try state.removeFifo()
        let running = asked.status(of: record) { false }
        #expect(running == .running)
        record.process = ProcessIdentity(pid: 1, startTime: 1 << 60)
        let stopped = asked.status(of: record) { true }
        #expect(stopped == .stopped)
    }
}

extension String {
    func replacingFirst(_ old: String, with new: String) -> String {
        var start = startIndex
        while start < endIndex, !self[start...].hasPrefix(old) { start = index(after: start) }
        guard start < endIndex else { return self }
        return self[..<start] + new + self[start...].dropFirst(old.count)
    }
}
