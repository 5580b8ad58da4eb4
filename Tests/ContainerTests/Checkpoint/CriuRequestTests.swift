import Criu
import Kernel
import Testing

@testable import Container

@Suite("What CRIU is asked")
struct CriuRequestTests {
    private let directory = TemporaryDirectory()

    private func asked(
        _ change: (inout CheckpointOptions) -> Void
    ) throws -> RequestOptions {
        var options = CheckpointOptions(CriuSettings(imagePath: directory.path + "/images"))
        change(&options)
        let directories = try CriuDirectories.forCheckpoint(options.criu)
        return CriuRequest.checkpoint(options, directories)
    }

    @Test("a plain checkpoint")
    func plain() throws {
        let request = try asked { _ in }
        #expect(!request.leavesRunning && !request.tracksMemory && !request.restoresAsSibling)
        #expect(request.logFile == "dump.log")
        #expect(request.managesCgroups && request.sendsNotifications)
        #expect(request.passesOrphanTerminals)
        #expect(request.cgroupsMode == nil && request.networkLock == nil)
        #expect(request.emptyNamespaces == nil && request.pageServer == nil)
    }

    @Test("a dump of the memory leaves the container running and tracks")
    func preDump() throws {
        let request = try asked { $0.isPreDump = true }
        #expect(request.leavesRunning && request.tracksMemory)
        let next = try asked { $0.parentPath = "../old" }
        #expect(next.parentImage == "../old" && next.tracksMemory && !next.leavesRunning)
    }

    @Test(
        "modes",
        arguments: [
            (CriuSettings.CgroupsMode.soft, RequestOptions.CgroupsMode.soft), (.full, .full),
            (.strict, .strict), (.ignore, .ignore),
        ])
    func modes(_ given: CriuSettings.CgroupsMode, _ expected: RequestOptions.CgroupsMode) throws {
        #expect(try asked { $0.criu.cgroupsMode = given }.cgroupsMode == expected)
    }

    @Test(
        "locks",
        arguments: [
            (CriuSettings.NetworkLock.iptables, RequestOptions.NetworkLock.iptables),
            (.nftables, .nftables), (.skip, .skip),
        ])
    func locks(_ given: CriuSettings.NetworkLock, _ expected: RequestOptions.NetworkLock) throws {
        #expect(try asked { $0.criu.networkLock = given }.networkLock == expected)
    }

    @Test("a restore makes a sibling, and has its own options")
    func restore() throws {
        var settings = CriuSettings(imagePath: directory.path)
        settings.workPath = directory.path + "/work"
        settings.emptiesNetwork = true
        settings.lazyPages = true
        var options = RestoreOptions(settings)
        options.closesTCP = true
        options.lsmProfile = "selinux:x"
        options.lsmMountContext = "y"
        let directories = try CriuDirectories.forRestore(settings)
        let request = CriuRequest.restore(options, directories)
        #expect(request.restoresAsSibling && request.usesEvasiveDevices && request.closesTCP)
        #expect(request.logFile == "restore.log")
        #expect(request.lsmProfile == "selinux:x" && request.lsmMountContext == "y")
        #expect(request.emptyNamespaces == 0x4000_0000 && request.lazyPages)
        #expect(request.workDirectory != request.imagesDirectory)
    }

    @Test("directories that cannot be used leave nothing")
    func directories() {
        var settings = CriuSettings(imagePath: directory.path + "/images")
        settings.workPath = directory.path + "/no/where"
        #expect(throws: RuntimeError.self) {
            _ = try CriuDirectories.forCheckpoint(settings).workNumber
        }
        #expect(!Files.exists(settings.imagePath))
        #expect(throws: RuntimeError.self) {
            _ = try CriuDirectories.forRestore(CriuSettings(imagePath: settings.imagePath))
                .workNumber
        }
    }
}
