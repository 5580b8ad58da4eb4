import OCISpec
import Testing

@testable import Container

@Suite struct ExecProcessTests {
    private static let container = OCISpec.Process(
        terminal: true, user: User(uid: 1, gid: 2, additionalGids: [3]), args: ["init"],
        env: ["A=config", "B=config"], cwd: "/home",
        capabilities: Capabilities(
            bounding: ["CAP_KILL"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL"],
            permitted: ["CAP_KILL"]),
        rlimits: [Rlimit(type: .nofile, soft: 5, hard: 6)], noNewPrivileges: true)

    private func make(_ change: (inout ExecOptions) -> Void) throws -> OCISpec.Process {
        var options = ExecOptions(id: "box")
        options.arguments = ["sh"]
        change(&options)
        return try ExecProcess.make(options, Self.container)
    }

    @Test func withoutOptionsItIsTheContainersProcess() throws {
        let process = try make { _ in }
        #expect(process.args == ["sh"])
        #expect(process.terminal == false)
        #expect(process.user == Self.container.user)
        #expect(process.env == Self.container.env)
        #expect(process.rlimits == Self.container.rlimits)
        #expect(process.noNewPrivileges == true)
    }

    @Test func optionsReplaceAndAdd() throws {
        let process = try make { options in
            options.cwd = "/tmp"
            options.environment = ["A=flag"]
            options.hasTerminal = true
            options.uid = 7
            options.additionalGroups = [9]
            options.noNewPrivileges = false
        }
        #expect(process.cwd == "/tmp")
        #expect(process.env == ["A=config", "B=config", "A=flag"])
        #expect(process.terminal == true)
        #expect(process.user == User(uid: 7, gid: 2, additionalGids: [3, 9]))
        #expect(process.noNewPrivileges == false)
    }

    @Test(arguments: ["CAP_SYS_TIME", "sys_time", "cap_sys_time"])
    func capabilitiesAreAddedWithoutBecomingInheritable(name: String) throws {
        let sets = try #require(try make { $0.capabilities = [name] }.capabilities)
        #expect(sets.bounding == ["CAP_KILL", "CAP_SYS_TIME"])
        #expect(sets.effective == ["CAP_KILL", "CAP_SYS_TIME"])
        #expect(sets.permitted == ["CAP_KILL", "CAP_SYS_TIME"])
        #expect(sets.inheritable == ["CAP_KILL"])
        #expect(sets.ambient == nil)
    }

    @Test func whatIsInheritableBecomesAmbient() throws {
        let sets = try #require(try make { $0.capabilities = ["CAP_KILL"] }.capabilities)
        #expect(sets.ambient == ["CAP_KILL"])
    }

    @Test(arguments: ["CAP_NONSENSE", "", "5", "CAP_KILL+ep"])
    func unknownCapabilitiesAreLeftToTheWarning(name: String) throws {
        let sets = try #require(try make { $0.capabilities = [name] }.capabilities)
        #expect(sets.bounding?.last?.hasPrefix("CAP_") == true)
        let before = try #require(try make { $0.capabilities = [] }.capabilities)
        #expect(sets.effective == before.effective)
        #expect(sets.permitted == before.permitted)
    }

    @Test func noArguments() {
        #expect(throws: RuntimeError.self) { _ = try make { $0.arguments = [] } }
    }
}
