import OCISpec
import Testing

@testable import Container

@Suite struct ProcessBlueprintTests {
    private static func decided(
        _ process: Process, isStrict: Bool = false, lastCapability: Int = 40
    ) -> (process: ProcessBlueprint, findings: Findings) {
        var diagnostics = Diagnostics()
        let blueprint = ProcessBlueprint(
            process, facts: HostFacts(lastCapability: lastCapability), isStrict: isStrict,
            &diagnostics)
        return (blueprint, Findings(diagnostics))
    }

    private static func environment(_ env: [String]) -> [String] {
        decided(Process(env: env, cwd: "/")).process.environment
    }

    // MARK: - Environment

    @Test(
        "of a name given twice the last value counts",
        arguments: [
            ([], []), (["A=1"], ["A=1"]), (["A=1", "A=2"], ["A=2"]),
            (["A=1", "B=1", "A=2"], ["B=1", "A=2"]), (["A=1", "a=2"], ["A=1", "a=2"]),
            (["A=", "A"], ["A="]), (["A=1=2", "A=3=4"], ["A=3=4"]),
            (["AB=1", "A=2"], ["AB=1", "A=2"]),
            (["A=1", "A=1", "A=1"], ["A=1"]), (["A=\u{301}x"], ["A=\u{301}x"]),
            (["e\u{301}=1", "\u{e9}=2"], ["e\u{301}=1", "\u{e9}=2"]),
        ] as [([String], [String])])
    func lastCounts(given: [String], kept: [String]) {
        let found = Self.environment(given)
        #expect(found.map { Array($0.utf8) } == kept.map { Array($0.utf8) })
    }

    @Test("what is no variable is an error", arguments: ["A", "", "=", "=1"])
    func malformed(entry: String) {
        let (process, findings) = Self.decided(Process(env: ["B=1", entry], cwd: "/"))
        #expect(process.environment == ["B=1"])
        #expect(
            findings.errors == [
                "process/env/1: invalid environment variable: \"\(entry)\" is not NAME=VALUE"
            ])
    }

    @Test("the value of a variable")
    func values() {
        let env = ["PATH=/bin:/sbin", "PATHS=x", "EMPTY=", "MARK=\u{301}x", "TWO=a=b"]
        let (process, _) = Self.decided(Process(env: env, cwd: "/"))
        #expect(process.value(of: "PATH") == "/bin:/sbin")
        #expect(process.value(of: "EMPTY") == "")
        #expect(process.value(of: "MARK") == "\u{301}x")
        #expect(process.value(of: "TWO") == "a=b")
        #expect(process.value(of: "PAT") == nil)
        #expect(process.value(of: "ATH") == nil)
        #expect(process.value(of: "path") == nil)
    }

    // MARK: - Defaults

    @Test("the umask is what engines expect, or what the specification says")
    func umask() {
        let silent = Process(cwd: "/")
        let set = Process(user: User(umask: 0o77), cwd: "/")
        let zero = Process(user: User(umask: 0), cwd: "/")
        #expect(Self.decided(silent).process.umask == 0o22)
        #expect(Self.decided(silent, isStrict: true).process.umask == nil)
        for isStrict in [false, true] {
            #expect(Self.decided(set, isStrict: isStrict).process.umask == 0o77)
            #expect(Self.decided(zero, isStrict: isStrict).process.umask == 0)
        }
    }

    @Test("what is not given is decided")
    func defaults() {
        let (process, findings) = Self.decided(Process(cwd: "/"))
        #expect(findings == Findings(Diagnostics()))
        #expect(process.uid == 0 && process.gid == 0 && process.groups == [])
        #expect(!process.hasTerminal && !process.noNewPrivileges)
        #expect(process.capabilities == nil)
        #expect(process.oomScoreAdj == nil)
    }

    @Test("labels that say nothing are none")
    func labels() {
        let (process, _) = Self.decided(
            Process(cwd: "/", apparmorProfile: "", selinuxLabel: ""))
        #expect(process.apparmorProfile == nil && process.selinuxLabel == nil)
        let (labelled, _) = Self.decided(Process(cwd: "/", apparmorProfile: "a", selinuxLabel: "b"))
        #expect(labelled.apparmorProfile == "a" && labelled.selinuxLabel == "b")
    }

    @Test("a size without terminal does not count")
    func consoleSize() {
        let size = ConsoleSize(height: 24, width: 80)
        #expect(Self.decided(Process(consoleSize: size, cwd: "/")).process.consoleSize == nil)
        let (process, _) = Self.decided(Process(terminal: true, consoleSize: size, cwd: "/"))
        #expect(process.consoleSize == size)
    }

    // MARK: - Capabilities

    @Test("each set is its own mask")
    func capabilitySets() {
        let (process, findings) = Self.decided(
            Process(
                cwd: "/",
                capabilities: Capabilities(
                    bounding: ["CAP_CHOWN"], effective: ["CAP_DAC_OVERRIDE"],
                    inheritable: ["CAP_KILL", "CAP_KILL"],
                    permitted: ["CAP_CHECKPOINT_RESTORE", "CAP_KILL"], ambient: ["CAP_KILL"])))
        #expect(findings == Findings(Diagnostics()))
        #expect(process.capabilities?.bounding == 1)
        #expect(process.capabilities?.effective == 2)
        #expect(process.capabilities?.inheritable == 32)
        #expect(process.capabilities?.permitted == 1 << 40 | 32)
        #expect(process.capabilities?.ambient == 32)
    }

    @Test(
        "an ambient capability must be permitted and inheritable, and is left out with a remark",
        arguments: [
            ("CAP_CHOWN", "CAP_CHOWN", true), ("CAP_CHOWN", "CAP_KILL", false),
            ("CAP_KILL", "CAP_CHOWN", false),
        ])
    func ambient(permitted: String, inheritable: String, isGranted: Bool) {
        let sets = Capabilities(
            inheritable: [inheritable], permitted: [permitted], ambient: ["CAP_CHOWN"])
        var diagnostics = Diagnostics()
        let result = CapabilitySets(sets, lastCapability: 40, &diagnostics)
        #expect(result.ambient == (isGranted ? 1 : 0))
        let remark =
            "process/capabilities/ambient: 0x1 cannot be granted: not permitted and inheritable"
        #expect(diagnostics.remarks == (isGranted ? [] : [remark]))
        #expect(diagnostics.warnings.isEmpty && diagnostics.errors.isEmpty)
    }

    @Test("empty sets are sets")
    func emptySets() {
        let (process, _) = Self.decided(Process(cwd: "/", capabilities: Capabilities()))
        #expect(process.capabilities?.bounding == 0)
    }

    @Test(
        "a name that the kernel does not know is a remark and grants nothing",
        arguments: [
            "CAP_NO_SUCH", "CAP_", "", "cap_kill", "KILL", "CAP_KILL ", " CAP_KILL", "CAP_KILL,x",
            "5", "CAP_5", "ALL", "CAP_KILL\u{301}",
        ])
    func unknownCapability(name: String) {
        let (process, findings) = Self.decided(
            Process(cwd: "/", capabilities: Capabilities(permitted: ["CAP_CHOWN", name])))
        #expect(process.capabilities?.permitted == 1)
        #expect(findings.errors == [])
        #expect(
            findings.warnings == [
                "process/capabilities/permitted/1: unknown capability \(name) is ignored"
            ])
    }

    @Test("a capability that is younger than the kernel is a remark")
    func youngCapability() {
        let process = Process(
            cwd: "/", capabilities: Capabilities(bounding: ["CAP_BPF", "CAP_PERFMON"]))
        #expect(Self.decided(process, lastCapability: 39).findings.warnings == [])
        let (old, findings) = Self.decided(process, lastCapability: 38)
        #expect(old.capabilities?.bounding == 1 << 38)
        #expect(
            findings.warnings == [
                "process/capabilities/bounding/0: unknown capability CAP_BPF is ignored"
            ])
    }
}
