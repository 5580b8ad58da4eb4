import Container
import Kernel
import OCISpec
import Testing

@Suite struct ExecPlanTests {
    private static let process = ProcessIdentity(pid: 4711, startTime: 99)

    private func lines(
        _ namespaces: UInt64, hasKeyring: Bool = true,
        _ change: (inout OCISpec.Process, inout LaunchOptions) -> Void = { _, _ in }
    ) -> [String] {
        var process = Process(args: ["sh"], cwd: "/")
        var options = LaunchOptions(id: "box", bundle: "/bundle")
        options.mode = .run
        change(&process, &options)
        let spec = Spec(ociVersion: "1.3.0", process: process, root: Root(path: "rootfs"))
        var diagnostics = Diagnostics()
        let blueprint = Blueprint(spec, options: options, facts: HostFacts(), &diagnostics)
        let target = ExecTarget(
            process: Self.process, namespaces: namespaces, hasKeyring: hasKeyring)
        return PlanDescription.lines(ExecPlanner.plan(blueprint, target)).map {
            "\($0.actor) \($0.action)"
        }
    }

    @Test func allNamespacesAreJoinedAtOnce() throws {
        let all =
            CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
            | CLONE_NEWCGROUP | CLONE_NEWTIME
        let lines = lines(all)
        #expect(lines.filter { $0.contains("setns") }.count == 1)
        let join = try #require(lines.firstIndex { $0.hasPrefix("init setns") })
        #expect(lines[join].contains("user,mnt,uts,ipc,pid,net,cgroup,time"))
        #expect(lines[join + 1] == "init become root")
        #expect(lines[join + 2] == "init fork")
        #expect(lines.first == "host open process 4711")
    }

    @Test func sharedNamespacesAreLeftOut() {
        let lines = lines(CLONE_NEWNS | CLONE_NEWUTS)
        #expect(lines.contains("init setns mnt,uts"))
        #expect(!lines.contains("init fork"))
        #expect(!lines.contains("init become root"))
    }

    @Test func noNamespaceAtAll() {
        #expect(!lines(0).contains { $0.contains("setns") })
    }

    @Test func keyringOnlyWhereTheContainerHasOne() {
        #expect(lines(CLONE_NEWNS).contains("init keyring _ses.box"))
        #expect(!lines(CLONE_NEWNS, hasKeyring: false).contains { $0.contains("keyring") })
    }

    @Test func processorsBeforeAndAfterTheStart() throws {
        let lines = lines(0) { process, _ in
            process.execCPUAffinity = ExecCPUAffinity(initial: "0", final: "1-2")
        }
        let spawn = try #require(lines.firstIndex { $0.hasPrefix("host spawn") })
        #expect(lines[spawn - 1] == "host start on processors 0")
        #expect(lines[spawn + 1] == "host run on processors 1-2")
    }

    @Test func nothingOfTheContainerIsMade() {
        let words = [
            "mount", "pivot", "cgroup", "mkdir", "hostname", "exec.fifo", "hook", "publish",
        ]
        for line in lines(CLONE_NEWNS | CLONE_NEWPID) {
            for word in words { #expect(!line.contains(" \(word)")) }
        }
    }

    @Test func filterComesLast() {
        var process = Process(args: ["sh"], cwd: "/", noNewPrivileges: true)
        process.terminal = false
        let spec = Spec(
            ociVersion: "1.3.0", process: process, root: Root(path: "rootfs"),
            linux: Linux(seccomp: Seccomp(defaultAction: .allow)))
        var diagnostics = Diagnostics()
        var options = LaunchOptions(id: "box", bundle: "/bundle")
        options.mode = .run
        let blueprint = Blueprint(spec, options: options, facts: HostFacts(), &diagnostics)
        let target = ExecTarget(process: Self.process, namespaces: 0, hasKeyring: true)
        let lines = PlanDescription.lines(ExecPlanner.plan(blueprint, target)).map(\.action)
        #expect(lines.suffix(2).first?.hasPrefix("seccomp") == true)
        #expect(lines.last == "exec sh")
    }
}
