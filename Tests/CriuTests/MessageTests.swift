import Testing

@testable import Criu

@Suite struct MessageTests {
    /// What CRIU's own Python bindings make of the same request (`rpc.proto` of CRIU 3.17).
    @Test func encodesADump() {
        var options = RequestOptions(imagesDirectory: 5)
        options.pid = 4242
        options.logFile = "dump.log"
        options.leavesRunning = true
        options.workDirectory = 6
        options.sendsNotifications = true
        options.managesCgroups = true
        options.cgroupsMode = .ignore
        options.externalMounts = [.init(key: "/data", value: "/data")]
        options.external = ["net[4026531]:extRootNetNS"]
        options.passesOrphanTerminals = true
        options.networkLock = .nftables
        options.pageServer = .init(address: "::1", port: 8080)
        #expect(
            hex(Request(.dump, options).encoded()) == """
                0801125b080510922118014804520864756d702e6c6f675a080a033a3a3110903f6001880106\
                ba010e0a052f6461746112052f64617461c00101900200aa02196e65745b343032363533315d\
                3a657874526f6f744e65744e53900301800402
                """)
    }

    @Test func encodesARestore() {
        var options = RequestOptions(imagesDirectory: 3)
        options.workDirectory = 4
        options.logFile = "restore.log"
        options.root = "/run/apus/x/criu-root"
        options.restoresAsSibling = true
        options.usesEvasiveDevices = true
        options.emptyNamespaces = 0x4000_0000
        options.cgroupRoots = [
            .init(controllers: "cpu,cpuacct", path: "/x"), .init(controllers: "", path: "/y"),
        ]
        options.inheritedDescriptors = [.init(key: "pipe:[7]", descriptor: 1)]
        options.joinedNamespaces = [.init(kind: "uts", path: "/proc/7/ns/uts")]
        options.lsmProfile = "apparmor:x"
        options.lsmMountContext = "c"
        options.closesTCP = true
        options.configFile = "/etc/criu/runc.conf"
        #expect(
            hex(Request(.restore, options).encoded()) == """
                080212a501080330014804520b726573746f72652e6c6f676a152f72756e2f617075732f782f\
                637269752d726f6f74880104ca01110a0b6370752c6370756163637412022f78ca01060a0012\
                022f79d00101da010c0a08706970653a5b375d1001b0028080808004ba02150a03757473120e\
                2f70726f632f372f6e732f7574739a03132f6574632f637269752f72756e632e636f6e66a003\
                01aa030a61707061726d6f723a78fa030163
                """)
    }

    @Test func encodesAnswersAndQuestions() {
        var answer = Request(.notify)
        answer.success = true
        #expect(answer.encoded() == [0x08, 6, 0x18, 1])
        answer.success = false
        #expect(answer.encoded() == [0x08, 6, 0x18, 0])
        var question = Request(.featureCheck)
        question.keepsOpen = true
        question.features = CriuFeatures(tracksMemory: true, lazyPages: true)
        #expect(question.encoded() == [0x08, 9, 0x20, 1, 0x2A, 4, 0x08, 1, 0x10, 1])
    }

    @Test func readsANotification() throws {
        let response = try Response([
            0x08, 6, 0x10, 1, 0x2A, 8, 0x0A, 3, 0x61, 0x2D, 0x62, 0x10, 0xAA, 0x01,
        ])
        #expect(response.kind == .notify)
        #expect(response.success)
        #expect(response.script == "a-b")
        #expect(response.scriptPid == 170)
    }

    @Test func readsAFailure() throws {
        let response = try Response([0x08, 1, 0x10, 0, 0x38, 22, 0x4A, 2, 0x6E, 0x6F])
        #expect(response.kind == .dump)
        #expect(!response.success)
        #expect(response.errorNumber == 22)
        #expect(response.errorMessage == "no")
    }

    @Test func readsFactsAndSkipsTheRest() throws {
        let version = try Response([0x08, 10, 0x10, 1, 0x52, 6, 0x08, 3, 0x10, 17, 0x20, 1])
        #expect(version.version == Response.Version(3, 17))
        let features = try Response([0x08, 9, 0x10, 1, 0x42, 4, 0x08, 1, 0x10, 0, 0x7A, 1, 0])
        #expect(features.features == CriuFeatures(tracksMemory: true))
        let restored = try Response([0x08, 2, 0x10, 1, 0x22, 2, 0x08, 99])
        #expect(restored.restoredPid == 99)
        let unknown = try Response([0x08, 77, 0x10, 1])
        #expect(unknown.kind == nil)
    }

    @Test(arguments: [[0x08], [0x12, 1], [0x0A, 1, 0], [0x2A, 2, 0x0A, 9]] as [[UInt8]])
    func refusesGarbage(bytes: [UInt8]) {
        #expect(throws: ProtobufReader.Malformed.self) { try Response(bytes) }
    }

    @Test func comparesVersions() {
        #expect(Response.Version(3, 9) < Response.Version(3, 16))
        #expect(Response.Version(3, 16) < Response.Version(4, 0))
        #expect(!(Response.Version(4, 0) < Response.Version(3, 18)))
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
