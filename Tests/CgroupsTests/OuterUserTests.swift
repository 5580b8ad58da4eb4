import Testing

@testable import Cgroups

@Suite("The caller outside of its user namespace")
struct OuterUserTests {
    @Test(
        "the map tells",
        arguments: [
            ("         0       1000          1\n         1     100000      65536\n", 0, 1000),
            ("0 1000 1\n1 100000 65536\n", 7, 100_006),
            ("0 0 4294967295\n", 1000, 1000),
            ("0 1000 1\n", 5, 5), ("", 0, 0), ("junk\n", 3, 3),
        ])
    func maps(map: String, own: UInt32, outer: UInt32) throws {
        let directory = try TemporaryDirectory()
        try directory.file("uid_map", map)
        #expect(OuterUser.uid(own, map: directory.path + "/uid_map") == outer)
    }

    @Test("without a map the number stays")
    func absent() {
        #expect(OuterUser.uid(12, map: "/nowhere/uid_map") == 12)
    }

    @Test("an ordinary user always has a manager to ask")
    func manager() {
        #expect(OuterUser.hasManager(1000))
    }
}
