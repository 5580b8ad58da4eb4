import CInit
import Glibc
import Kernel
import Testing

@testable import Container

@Suite("Start barrier")
struct ExecFifoTests {
    private let directory = TemporaryDirectory()

    private func create() throws -> StateDirectory {
        let state = try StateStore(root: directory.path).create(try ContainerID("one"))
        _ = try state.makeFifo(uid: geteuid(), gid: getegid())
        return state
    }

    /// A shell in the place of init.
    private func initProcess(_ script: String) throws -> Pidfd {
        try spawnShell("exec 3> \(directory.path)/one/exec.fifo; \(script)").intoPidfd()
    }

    private func start(_ script: String) throws -> (ExecFifo.Outcome, hasFifo: Bool) {
        let state = try create()
        let process = try initProcess(script)
        let outcome = try ExecFifo(in: state).wait(for: process, in: state)
        let hasFifo = state.hasFifo()
        try? process.signal(SIGKILL)
        _ = try process.reap()
        return (outcome, hasFifo)
    }

    @Test(
        "two bytes and the end of the fifo is a program that runs",
        arguments: [
            "printf 01 >&3; exec 3>&-; sleep 60", "printf 0 >&3; printf 1 >&3; exec sleep 60 3>&-",
            "sleep 0.1; printf 0 >&3; sleep 0.1; printf 1 >&3", "printf 01 >&3",
        ])
    func runs(script: String) throws {
        let (outcome, hasFifo) = try start(script)
        #expect(isExecuted(outcome))
        #expect(!hasFifo)
    }

    @Test(
        "one byte and the end of the fifo is a death before the program",
        arguments: [
            "printf 0 >&3", "printf 0 >&3; kill -KILL $$", "printf 0 >&3; exec sleep 0 3>&-",
        ])
    func killed(script: String) throws {
        let (outcome, hasFifo) = try start(script)
        guard case .killed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(!hasFifo)
    }

    private func isExecuted(_ outcome: ExecFifo.Outcome) -> Bool {
        if case .executed = outcome { return true }
        return false
    }

    @Test("a message before the end says what failed", arguments: ["", "1"])
    func message(second: String) throws {
        var message = sync_message()
        message.magic = SYNC_MAGIC
        message.kind = sync_kind.SYNC_FAIL.rawValue
        message.op = 42
        message.err = ENOENT
        let file = try FileDescriptor.open(
            "\(directory.path)/message", O_CREAT | O_WRONLY, mode: 0o600)
        try file.writeAll(withUnsafeBytes(of: &message) { Array($0) })
        let (outcome, hasFifo) = try start(
            "printf 0\(second) >&3; sleep 0.1; cat \(directory.path)/message >&3")
        guard case .failed(let received) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(received.op == 42)
        #expect(received.err == ENOENT)
        #expect(!hasFifo)
    }

    @Test(
        "bytes that are no message are an error",
        arguments: [
            "printf 012 >&3", "head -c 257 /dev/zero >&3", "head -c 258 /dev/zero >&3",
            "head -c 100000 /dev/zero >&3",
        ])
    func garbage(script: String) throws {
        let error = #expect(throws: RuntimeError.self) { _ = try start(script) }
        #expect(error?.code == .system)
        #expect(error?.message.hasPrefix("init left ") == true)
    }

    @Test("an init that died has stopped")
    func dead() throws {
        let state = try create()
        let process = try spawnShell("exit 0").intoPidfd()
        _ = try process.waitExited()
        let fifo = try ExecFifo(in: state)
        let error = expectFailure(fifo, process, state)
        #expect(error?.code == .wrongState)
        #expect(error?.message == "cannot start a container that has stopped")
        let hasFifo = state.hasFifo()
        #expect(hasFifo)
        _ = try process.reap()
    }

    @Test("a second start finds no fifo, or no byte")
    func second() throws {
        let state = try create()
        let process = try initProcess("printf 01 >&3; exec 3>&-; exec sleep 60")
        let late = try ExecFifo(in: state)
        let path = "\(directory.path)/one/exec.fifo"
        let first = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        _ = try Poll.readable(first.rawValue)
        var bytes = [UInt8](repeating: 0, count: 2)
        _ = try Stream.read(first.rawValue, into: &bytes)
        let error = expectFailure(late, process, state)
        #expect(error?.message == "cannot start an already running container")
        try state.removeFifo()
        let missing = #expect(throws: RuntimeError.self) { _ = try ExecFifo(in: state) }
        #expect(missing?.message == "cannot start an already running container")
        try process.signal(SIGKILL)
        _ = try process.reap()
    }

    @Test("what is no fifo is not read")
    func impostor() throws {
        let state = try create()
        try state.removeFifo()
        let file = try FileDescriptor.open(
            "\(directory.path)/one/exec.fifo", O_CREAT | O_WRONLY, mode: 0o600)
        withExtendedLifetime(file.rawValue) {}
        let error = #expect(throws: RuntimeError.self) { _ = try ExecFifo(in: state) }
        #expect(error?.underlying?.errno == .invalid)
    }

    private func expectFailure(
        _ fifo: consuming ExecFifo, _ process: borrowing Pidfd, _ state: borrowing StateDirectory
    ) -> RuntimeError? {
        do throws(RuntimeError) {
            _ = try fifo.wait(for: process, in: state)
            return nil
        } catch {
            return error
        }
    }
}
