import Testing

@testable import CLI

extension Surroundings {
    /// Root on the host in `/here`, unless told otherwise.
    static func testing(
        user: UInt32 = 0, _ environment: [String: String] = [:], inNamespace: Bool = false,
        directory: String? = "/here"
    ) -> Surroundings {
        Surroundings(
            effectiveUser: user, environment: { environment[$0] },
            isInUserNamespace: { inNamespace }, workingDirectory: { directory })
    }
}

@Suite struct GlobalOptionsTests {
    private func options(
        _ line: String, _ surroundings: Surroundings = .testing()
    ) throws(UsageError) -> GlobalOptions {
        try GlobalOptions(try parsed(line + " state", GlobalOptions.declaration), surroundings)
    }

    private let runtime = ["XDG_RUNTIME_DIR": "/run/user/7"]
    private let rootShell = ["XDG_RUNTIME_DIR": "/run/user/7", "USER": "root"]

    @Test func theRootIsTheSystemsForRoot() throws {
        #expect(try options("").root.path == "/run/apus")
        #expect(try options("", .testing(runtime)).root.path == "/run/apus")
        #expect(try options("", .testing(user: 7)).root.path == "/run/apus")
        #expect(
            try options("", .testing(rootShell, inNamespace: true)).root.path == "/run/apus")
        #expect(
            try options("--rootless=false", .testing(runtime, inNamespace: true)).root.path
                == "/run/apus")
    }

    @Test func theRootIsTheUsersForOthers() throws {
        let user = try options("", .testing(user: 7, runtime))
        #expect(user.root.path == "/run/user/7/apus")
        #expect(user.root.isUnderRuntimeDirectory)
        #expect(
            try options("", .testing(runtime, inNamespace: true)).root.path == "/run/user/7/apus")
        #expect(
            try options("--rootless=true", .testing(rootShell, inNamespace: true)).root.path
                == "/run/user/7/apus")
        #expect(
            try options("", .testing(user: 7, ["XDG_RUNTIME_DIR": "relative"])).root.path
                == "/run/apus")
    }

    @Test(arguments: [
        ("/r", "/r"), ("r", "/here/r"), ("./r/../s", "/here/s"), ("/r//x/", "/r/x"),
    ])
    func aGivenRootIsMadeAbsolute(given: String, path: String) throws {
        let root = try options("--root \(given)", .testing(user: 7, runtime)).root
        #expect(root.path == path)
        #expect(!root.isUnderRuntimeDirectory)
    }

    @Test(arguments: ["/", "//", "/.", "/x/..", "..", "../../..", ""])
    func theWholeFileSystemIsRefused(given: String) {
        #expect(throws: UsageError.self) { try options("--root=\(given)") }
    }

    @Test func aRelativeRootNeedsADirectory() throws {
        #expect(throws: UsageError.self) { try options("--root r", .testing(directory: nil)) }
        #expect(try options("--root /r", .testing(directory: nil)).root.path == "/r")
    }

    @Test(
        arguments: [
            ("", .cgroupfs), ("--systemd-cgroup", .systemd), ("--systemd-cgroup=false", .cgroupfs),
            ("--cgroup-manager systemd", .systemd), ("--cgroup-manager=disabled", .disabled),
            ("--systemd-cgroup --cgroup-manager disabled", .disabled),
            ("--cgroup-manager cgroupfs --systemd-cgroup", .cgroupfs),
        ] as [(String, GlobalOptions.CgroupDriver)])
    func cgroupDriver(line: String, driver: GlobalOptions.CgroupDriver) throws {
        #expect(try options(line).cgroupDriver == driver)
    }

    @Test(
        arguments: [
            ("", .automatic), ("--rootless auto", .automatic), ("--rootless=true", .yes),
            ("--rootless=0", .no),
        ] as [(String, GlobalOptions.Rootless)])
    func rootless(line: String, value: GlobalOptions.Rootless) throws {
        #expect(try options(line).rootless == value)
    }

    @Test(arguments: [
        "--rootless=maybe", "--cgroup-manager openrc", "--log-format xml", "--log-level loud",
        "--log=", "--log file:",
    ])
    func refuses(line: String) {
        #expect(throws: UsageError.self) { try options(line) }
    }

    @Test(
        arguments: [
            ("", .standardError, .text, .warning),
            ("--log /l", .file(path: "/l"), .text, .error),
            ("--log file:/l --log-format json", .file(path: "/l"), .json, .error),
            ("--log /l --debug", .file(path: "/l"), .text, .debug),
            ("--log /l --log-level warn", .file(path: "/l"), .text, .warning),
            ("--log journald:web", .journal(identifier: "web"), .text, .warning),
            ("--log journald:", .journal(identifier: "apus"), .text, .warning),
            ("--log syslog:web --log-level info", .syslog(identifier: "web"), .text, .info),
            ("--log ./journald:x", .file(path: "./journald:x"), .text, .error),
            ("--log file:journald:x", .file(path: "journald:x"), .text, .error),
            ("--log-level error --debug", .standardError, .text, .debug),
        ] as [(String, LogOptions.Sink, LogOptions.Format, LogLevel)])
    func log(
        line: String, sink: LogOptions.Sink, format: LogOptions.Format, level: LogLevel
    ) throws {
        let log = try options(line).log
        #expect(log.sink == sink)
        #expect(log.format == format)
        #expect(log.level == level)
    }
}
