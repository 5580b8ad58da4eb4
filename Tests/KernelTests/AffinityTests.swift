import Kernel
import Testing

@Suite struct AffinityTests {
    @Test(
        arguments: [
            ("0", [0]), ("0-3,7", [0, 1, 2, 3, 7]), ("7, 0-1", [0, 1, 7]), ("63-65", [63, 64, 65]),
            ("5-5", [5]), ("1000", [1000]),
        ] as [(String, [Int])])
    func listsOfProcessors(list: String, processors: [Int]) throws {
        let affinity = try #require(CPUAffinity(list: list))
        #expect((0..<1024).filter { affinity.contains($0) } == processors)
    }

    @Test(arguments: ["", ",", "1,", "-1", "1-", "3-1", "x", "0x1", "1-2-3", "1 2", "65536", "+1"])
    func textsThatAreNoLists(list: String) {
        #expect(CPUAffinity(list: list) == nil)
    }

    @Test func ownProcessorsAreAppliedAgain() throws {
        let own = try CPUAffinity.of(0)
        try own.apply(to: 0)
        #expect(try CPUAffinity.of(0) == own)
    }

    @Test func processorsThatAreNotThere() throws {
        let missing = try #require(CPUAffinity(list: "60000"))
        #expect(throws: Errno.invalid) { try missing.apply(to: 0) }
    }

    @Test(
        arguments: [
            (0, .exited(0)), (0x2a00, .exited(42)), (0xff00, .exited(255)),
            (9, .signaled(9, core: false)), (0x8b, .signaled(11, core: true)),
        ] as [(Int32, WaitStatus)])
    func statusWords(code: Int32, status: WaitStatus) {
        #expect(WaitStatus(waitCode: code) == status)
    }

    @Test func statusOfAZombie() throws {
        var request = SpawnRequest(
            path: "/bin/sh", arguments: ["sh", "-c", "exit 7"], environment: [],
            descriptors: [0, 1, 2])
        request.newSession = true
        let child = try request.spawn()
        let identity = try ProcessIdentity.of(child.pid)
        #expect(try child.pidfd.waitExited())
        #expect(child.pidfd.foreignStatus(identity) == .exited(7))
        _ = try child.pidfd.reap()
    }
}
