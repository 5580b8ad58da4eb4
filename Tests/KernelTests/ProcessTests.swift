import Glibc
import Testing

@testable import Kernel

@Suite("Processes by descriptor")
struct ProcessTests {
    @Test(
        "a status is an exit status or a signal",
        arguments: [
            ("exit 0", WaitStatus.exited(0), Int32(0)),
            ("exit 3", .exited(3), 3),
            ("kill -TERM $$", .signaled(SIGTERM, core: false), 143),
        ])
    func reaps(script: String, expected: WaitStatus, shell: Int32) throws {
        let child = try spawnShell(script)
        let status = try child.pidfd.reap()
        #expect(status == expected)
        #expect(status.shellStatus == shell)
        let again = #expect(throws: Errno.self) { try child.pidfd.reap() }
        #expect(again == .noChild)
    }

    @Test("a status says in words how a process ended")
    func words() {
        #expect(WaitStatus.exited(3).description == "exited with status 3")
        #expect(WaitStatus.signaled(9, core: false).description == "killed by SIGKILL")
        #expect(WaitStatus.signaled(6, core: true).description == "killed by SIGABRT (core dumped)")
        #expect(WaitStatus(code: CLD_STOPPED_CODE, status: 19) == nil)
    }

    @Test("waiting ends at the deadline, and when the process is gone")
    func waits() throws {
        let child = try spawnShell("exec sleep 60")
        let early = try child.pidfd.waitExited(until: .after(milliseconds: 20))
        #expect(!early)
        let alive = try child.pidfd.hasExited()
        #expect(!alive)
        try child.pidfd.signal(SIGKILL)
        let late = try child.pidfd.waitExited(until: .after(milliseconds: 20_000))
        #expect(late)
        let identity = try ProcessIdentity.of(child.pid)
        #expect(!identity.isAlive(), "a zombie does not live")
        let status = try child.pidfd.reap()
        #expect(status == .signaled(SIGKILL, core: false))
        #expect(throws: Errno.noProcess) { try child.pidfd.signal(0) }
    }

    @Test("an identity holds only for the same start")
    func identity() throws {
        let own = try ProcessIdentity.of(getpid())
        #expect(own.isAlive())
        _ = try own.open()
        let other = ProcessIdentity(pid: own.pid, startTime: own.startTime + 1)
        #expect(!other.isAlive())
        #expect(throws: Errno.noProcess) { _ = try other.open() }
        let child = try spawnShell("exit 0")
        let gone = try ProcessIdentity.of(child.pid)
        _ = try child.pidfd.reap()
        #expect(!gone.isAlive())
        #expect(throws: Errno.noProcess) { _ = try gone.open() }
    }

    @Test(
        "a command named after the file's own syntax is parsed",
        arguments: [
            "12 (a) S 1 2) R 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 777 1 2\n",
            "12 () Z 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 777\n",
            "12 ((\n)) X 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 777 0",
        ])
    func stat(line: String) throws {
        let stat = parse(line)
        #expect(stat?.startTime == 777)
        #expect(stat?.isDead == (line.contains(" Z ") || line.contains(" X ")))
    }

    @Test(
        "what is no stat line is refused",
        arguments: [
            "", "12 (a", "12 (a) R", "12 (a) R 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 x 1",
            "12 (a) R 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 ",
            "12 (a) R 1 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999 1",
        ])
    func badStat(line: String) {
        #expect(parse(line) == nil)
    }

    @Test(
        "a process that has begun to end is told from one that runs",
        arguments: [
            ("R", 4_194_304, false), ("R", 4_194_308, true), ("S", 4_194_560, false),
            ("S", 4_210_948, true), ("Z", 0, true), ("X", 0, true),
        ])
    func ending(state: String, flags: UInt32, isEnding: Bool) throws {
        let line = "12 (a) \(state) 1 12 12 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 77 1"
        let stat = try #require(parse(line))
        #expect(stat.flags == flags && stat.startTime == 77)
        #expect(stat.isEnding == isEnding)
    }

    private func parse(_ line: String) -> ProcessStat? {
        let bytes = Array(line.utf8)
        return bytes.withUnsafeBytes { ProcessStat(parsing: $0) }
    }
}

private let CLD_STOPPED_CODE: Int32 = 5

@Suite("Spawning")
struct SpawnTests {
    @Test("arguments and environment arrive exactly, and nothing is inherited")
    func exact() throws {
        let pipe = try Pipe()
        let request = SpawnRequest(
            path: "/bin/sh",
            arguments: ["sh", "-c", "printf '%s|' \"$@\"; exec env", "0", "", "ä b", "c"],
            environment: ["A=1", "PATH=/usr/bin:/bin"],
            descriptors: [0, pipe.writer.rawValue, 2])
        let child = try request.spawn()
        let output = pipe.intoReader()
        let text = String(decoding: try output.readAll(), as: UTF8.self)
        let status = try child.pidfd.reap()
        #expect(status == .exited(0))
        let (before, after) = text.split(atFirst: "c|")
        #expect(before == "|ä b|")
        let names = after.split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names).isSubset(of: ["A", "PATH", "PWD", "SHLVL", "_", "OLDPWD"]))
        #expect(after.contains("A=1\n"))
    }

    @Test(
        "the given descriptors take their places, even when they trade them, and no other is open")
    func descriptors() throws {
        let pipe = try Pipe()
        // What a careless caller leaves open.
        let inherited = dup(pipe.reader.rawValue)
        defer { close(inherited) }
        let child = try spawnShell(
            "ls /proc/self/fd; readlink /proc/self/fd/0",
            descriptors: [
                pipe.writer.rawValue, pipe.writer.rawValue, 0,
            ])
        let output = pipe.intoReader()
        let text = String(decoding: try output.readAll(), as: UTF8.self)
        _ = try child.pidfd.reap()
        let lines = text.split(separator: "\n").map(String.init)
        // The fourth is the directory that ls reads.
        #expect(lines.dropLast() == ["0", "1", "2", "3"])
        #expect(lines.last?.hasPrefix("pipe:") == true)
    }

    @Test("a program that cannot be executed is an error here")
    func missing() {
        let request = SpawnRequest(path: "/nowhere/x", arguments: ["x"], environment: [])
        #expect(throws: Errno.noEntry) { _ = try request.spawn() }
        let directory = SpawnRequest(path: "/", arguments: ["x"], environment: [])
        #expect(throws: Errno.accessDenied) { _ = try directory.spawn() }
    }

    @Test("the working directory is the given one")
    func workingDirectory() throws {
        let directory = try FileDescriptor.open("/usr", O_PATH | O_DIRECTORY)
        let pipe = try Pipe()
        var request = SpawnRequest(
            path: "/bin/pwd", arguments: ["pwd"], environment: [],
            descriptors: [0, pipe.writer.rawValue, 2])
        request.workingDirectory = directory.rawValue
        let child = try request.spawn()
        let output = pipe.intoReader()
        let text = String(decoding: try output.readAll(), as: UTF8.self)
        _ = try child.pidfd.reap()
        #expect(text == "/usr\n")
    }
}

extension String {
    fileprivate func split(atFirst separator: String) -> (String, String) {
        var end = startIndex
        while end < endIndex, !self[end...].hasPrefix(separator) { end = index(after: end) }
        return (String(self[..<end]), String(self[end...].dropFirst(separator.count)))
    }
}
