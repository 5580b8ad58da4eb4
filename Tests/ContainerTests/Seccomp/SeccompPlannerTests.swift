import Cgroups
import Container
import OCISpec
import Testing

@Suite("The filter's place in the plan")
struct SeccompPlannerTests {
    private let plain = Seccomp(
        defaultAction: .allow, syscalls: [SyscallRule(names: ["mkdir"], action: .errno)])
    private let notifying = Seccomp(
        defaultAction: .allow, listenerPath: "/sock", listenerMetadata: "m",
        syscalls: [SyscallRule(names: ["mkdir"], action: .notify)])

    private func lines(
        _ seccomp: Seccomp?, noNewPrivileges: Bool, mode: LaunchOptions.Mode = .create
    ) -> [String] {
        let record = CgroupRecord(layout: .v1, driver: .disabled, hierarchies: [])
        let plan = Planner.plan(
            blueprint(seccomp, noNewPrivileges: noNewPrivileges, mode: mode),
            cgroup: Planner.Cgroup(record: record, plan: CgroupPlan(steps: [])))
        return PlanDescription.lines(plan).map { "\($0.actor) \($0.action)" }
    }

    /// The positions of the lines that begin with these texts, each of which must be there once.
    private func places(_ lines: [String], _ texts: String...) throws -> [Int] {
        try texts.map { text in
            let found = lines.indices.filter { lines[$0].hasPrefix(text) }
            #expect(found.count == 1, "\(text) is there \(found.count) times")
            return try #require(found.first)
        }
    }

    @Test("compiled before the init stage starts, loaded last with no_new_privs")
    func late() throws {
        let lines = lines(plain, noNewPrivileges: true)
        let places = try places(
            lines, "host compile seccomp filter [ALLOW unless one of 1 rules]", "host spawn",
            "init no new privileges", "init close descriptors", "init seccomp filter [spec-allow]",
            "init exec")
        #expect(places == places.sorted())
        #expect(places[5] == places[4] + 1)
    }

    @Test("before the credentials without no_new_privs")
    func early() throws {
        let lines = lines(plain, noNewPrivileges: false)
        let places = try places(
            lines, "sync ready", "init seccomp filter", "init capabilities bounding",
            "init setuid", "init wait for start", "init exec")
        #expect(places == places.sorted())
    }

    @Test("with a listener before the wait for start", arguments: [true, false])
    func listening(_ noNewPrivileges: Bool) throws {
        let lines = lines(notifying, noNewPrivileges: noNewPrivileges)
        let places = try places(
            lines, "init seccomp filter [spec-allow,listener]",
            "host send seccomp listener to /sock", "init wait for start")
        #expect(places == places.sorted())
        #expect(places[1] == places[0] + 1)
        let credentials = try self.places(lines, "init capabilities bounding", "init setuid")
        #expect(credentials.allSatisfy { ($0 < places[0]) == noNewPrivileges })
    }

    @Test("with a listener before the start of run")
    func listeningRun() throws {
        let lines = lines(notifying, noNewPrivileges: true, mode: .run)
        let places = try places(lines, "init seccomp filter", "sync start", "init exec")
        #expect(places == places.sorted())
    }

    @Test("nowhere without a profile", arguments: [true, false])
    func none(_ noNewPrivileges: Bool) {
        let lines = lines(nil, noNewPrivileges: noNewPrivileges)
        #expect(!lines.contains { $0.contains("seccomp") })
    }

    @Test("the compiled filter takes its place in the plan")
    func filled() throws {
        var plan = Plan()
        plan.add(.setsid, "init")
        plan.add(.seccomp(filter: [], instructions: 0, flags: 4), "linux/seccomp")
        let filter = SeccompFilter(code: [6, 0, 0, 0, 0, 0, 0xff, 0x7f])
        plan.fill(filter, [.log])
        #expect(
            plan.operations.map(\.op) == [
                .setsid, .seccomp(filter: filter.code, instructions: 1, flags: 2),
            ])
        #expect(plan.steps[1].origin == "linux/seccomp")
    }

    @Test("what the listener reads")
    func message() {
        let blueprint = blueprint(notifying, noNewPrivileges: true)
        let created = SeccompListener.message(blueprint, pid: 7)
        #expect(
            String(decoding: created, as: UTF8.self)
                == #"{"ociVersion":"1.3.0","fds":["seccompFd"],"pid":7,"metadata":"m","state":"#
                + #"{"ociVersion":"1.3.0","id":"box","pid":7,"status":"creating","#
                + #""bundle":"/bundle","annotations":{"key":"value"}}}"#)
        let joined = SeccompListener.message(blueprint, pid: 9, status: .running, initPid: 7)
        let text = String(decoding: joined, as: UTF8.self)
        #expect(text.contains(#""pid":9,"metadata""#))
        #expect(text.contains(#""pid":7,"status":"running""#))
    }
}
