import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite("Hooks of the runtime's namespaces")
struct HookRunnerTests {
    private let directory = TemporaryDirectory()
    private let location = "hooks/createRuntime"

    private func shell(
        _ script: String, env: [String]? = ["PATH=/usr/bin:/bin"], timeout: Int64? = nil
    ) -> Hook {
        Hook(path: "/bin/sh", args: ["sh", "-c", script], env: env, timeout: timeout)
    }

    private func run(_ hook: Hook, state: [UInt8] = [], bundle: String = "/") throws {
        try HookRunner(state: state, bundle: bundle)
            .run([hook], at: location)
    }

    private func failure(_ hook: Hook) -> RuntimeError? {
        #expect(throws: RuntimeError.self) { try run(hook) }
    }

    @Test("the state arrives on standard input, however long it is", arguments: [0, 10, 300_000])
    func state(count: Int) throws {
        let state = [UInt8](repeating: UInt8(ascii: "s"), count: count)
        try run(shell("cat > \(directory.path)/state"), state: state)
        let file = try FileDescriptor.open("\(directory.path)/state", O_RDONLY)
        let read = try file.readAll()
        #expect(read == state)
    }

    @Test("a hook that reads nothing of a long state is no failure")
    func unread() throws {
        try run(shell("exit 0"), state: [UInt8](repeating: 1, count: 1 << 20))
    }

    @Test("arguments and environment are exactly those of the configuration")
    func exact() throws {
        setenv("APUS_TEST_LEAK", "1", 1)
        let script = "/usr/bin/env > \(directory.path)/env; echo \"$0\" >> \(directory.path)/env"
        try run(Hook(path: "/bin/sh", args: ["the name", "-c", script], env: ["ONLY=this"]))
        let text = try Files.readText("\(directory.path)/env")
        #expect(text.contains("ONLY=this\n"))
        #expect(!text.contains("APUS_TEST_LEAK"))
        #expect(text.hasSuffix("the name\n"))
    }

    @Test("without arguments and environment the program has its own path and nothing else")
    func bare() throws {
        let script = "\(directory.path)/hook"
        let file = try FileDescriptor.open(script, O_CREAT | O_WRONLY, mode: 0o755)
        try file.writeAll(
            Array(
                "#!/bin/sh\necho \"$0 $#\"; /usr/bin/env | grep -c LEAK; exit 1\n".utf8))
        close(file.take())
        setenv("APUS_TEST_LEAK", "1", 1)
        let error = failure(Hook(path: script))
        #expect(error?.message == "exited with status 1: \(script) 0; 0")
    }

    @Test(
        "a failure says where, what, how and the last words",
        arguments: [
            ("exit 3", "exited with status 3"),
            ("echo out; echo err >&2; exit 1", "exited with status 1: out; err"),
            ("printf 'a\\n\\n  \\nb\\tc\\033[0m'; exit 2", "exited with status 2: a; b c[0m"),
            ("kill -KILL $$", "killed by SIGKILL"),
            ("exec >&- 2>&-; exit 4", "exited with status 4"),
        ])
    func fails(script: String, words: String) {
        let error = failure(shell(script))
        #expect(error?.code == .hook)
        #expect(error?.description == "hooks/createRuntime/0 (/bin/sh): \(words)")
    }

    @Test("the end of a long output is kept, and output never blocks a hook")
    func talkative() {
        let error = failure(
            shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit 1"))
        #expect(error?.message.hasSuffix("line 19998; line 19999") == true)
        #expect((error?.message.utf8.count ?? 0) < 1500)
    }

    @Test("a child that keeps the output open is not waited for")
    func daemon() throws {
        // Waiting for the child would take longer than the timeout.
        try run(shell("sleep 2 & exit 0", timeout: 1))
        let error = failure(
            shell("(while :; do echo y; done) & sleep 0.1; kill $!; exit 5", timeout: 10))
        #expect(error?.message.hasPrefix("exited with status 5: ") == true)
    }

    @Test("a hook that takes too long is killed and reaped")
    func timeout() {
        let error = failure(shell("echo $$; exec sleep 60", timeout: 1))
        #expect(error?.message.hasPrefix("not done after 1 s: killed because") == true)
        let pid = error?.message.split(separator: " ").last.flatMap { Int32($0) }
        #expect(pid != nil)
        if let pid { #expect(kill(pid, 0) == -1) }
    }

    @Test("what a killed hook has started ends with it", arguments: [true, false])
    func descendants(isInterrupted: Bool) throws {
        let pids = "\(directory.path)/pids"
        let script = "sh -c 'sleep 60 & echo $! >>\(pids); wait' & echo $! >>\(pids); wait"
        if isInterrupted {
            let interruption = try Interruption()
            defer { interruption.end(dropsPending: true) }
            let waiting = pthread_self()
            try Delayed.run {
                Self.wait { Self.numbers(in: pids).count == 2 }
                pthread_kill(waiting, SIGTERM)
            }
            let runner = HookRunner(state: [], bundle: "/", interruption: interruption)
            let error = #expect(throws: RuntimeError.self) {
                try runner.run([shell(script)], at: location)
            }
            #expect(error?.code == .interrupted)
            #expect(error?.signal == SIGTERM)
            #expect(error?.description == "interrupted by SIGTERM")
        } else {
            #expect(failure(shell(script, timeout: 3)) != nil)
        }
        let started = Self.numbers(in: pids)
        #expect(started.count == 2)
        for pid in started {
            // It needs a moment to go, and whoever adopted it need not have reaped it yet.
            let isGone = Self.wait { !Self.lives(pid) }
            #expect(isGone)
        }
    }

    /// Waits for what other processes do; false when it takes too long.
    @discardableResult
    private static func wait(for condition: () -> Bool) -> Bool {
        for _ in 0..<1000 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }

    private static func numbers(in file: String) -> [Int32] {
        ((try? Files.readText(file)) ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    private static func lives(_ pid: Int32) -> Bool {
        guard let stat = try? ProcessStat.read(pid) else { return false }
        return !stat.isDead
    }

    @Test("an endless timeout is none")
    func longTimeout() throws {
        try run(shell("exit 0", timeout: .max))
    }

    @Test("a hook that cannot be executed is an error")
    func missing() {
        let error = failure(Hook(path: "/nowhere/hook"))
        #expect(error?.code == .hook)
        let expected =
            "hooks/createRuntime/0 (/nowhere/hook): cannot run the hook: "
            + "ENOENT (execve /nowhere/hook): no such file or directory"
        #expect(error?.description == expected)
    }

    @Test("the first failure ends a list; poststop goes on")
    func order() throws {
        let out = "\(directory.path)/order"
        let hooks = [
            shell("echo 0 >> \(out)"), shell("echo 1 >> \(out); exit 1"), shell("echo 2 >> \(out)"),
        ]
        let runner = HookRunner(state: [], bundle: "/")
        let error = #expect(throws: RuntimeError.self) {
            try runner.run(hooks, at: "hooks/prestart")
        }
        #expect(error?.location == "hooks/prestart/1")
        #expect(try Files.readText(out) == "0\n1\n")
        let failures = runner.runAll(hooks, at: "hooks/poststop")
        #expect(failures.map { $0.location } == ["hooks/poststop/1"])
        #expect(try Files.readText(out) == "0\n1\n0\n1\n2\n")
        #expect(runner.runAll([], at: "hooks/poststop").isEmpty)
    }

    @Test("a hook starts in the bundle, or where the caller is when that is gone")
    func workingDirectory() throws {
        let place = "\(directory.path)/here"
        try run(shell("pwd > \(place)"), bundle: directory.path)
        #expect(try Files.readText(place) == directory.path + "\n")
        try run(shell("pwd > \(place)"), bundle: "/nowhere")
        #expect(try Files.readText(place) != "")
    }

    @Test("a failing call of the runtime is named", arguments: ["memfd_create", "pipe2", "clone3"])
    func forced(call: String) {
        SyscallRecorder.record { recorder in
            recorder.force(call, .tooManyOpen)
            let error = failure(shell("exit 0"))
            #expect(error?.underlying?.errno == .tooManyOpen)
        }
    }
}
