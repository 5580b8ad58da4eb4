internal import CInit
internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Lets the program of a created container run, and waits until it is executed.
    ///
    /// - Throws: `wrongState` when it is not created; what failed before or in exec otherwise.
    package func start(_ id: String) throws(RuntimeError) {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        switch container.status(in: directory) {
        case .created: break
        case .stopped:
            throw RuntimeError(.wrongState, "cannot start a container that has stopped")
        case .paused where directory.hasFifo():
            throw RuntimeError(
                .wrongState, "cannot start a container that is paused (resume it first)")
        case .running, .paused:
            throw RuntimeError(.wrongState, "cannot start an already running container")
        case .creating:
            throw RuntimeError(.wrongState, "cannot start a container that is being created")
        }
        let process = try container.open()
        // Before the program runs, so that nothing is lost and a wrong address costs nothing.
        var notify: NotifySocket?
        if let address = NotifySocket.address(Environment.value("NOTIFY_SOCKET")) {
            notify = try NotifySocket(in: directory, address: address)
        }
        let fifo = try ExecFifo(in: directory)
        // Unlocks when the container is ours to start, before it waits for hooks.
        switch try fifo.wait(for: process, in: directory) {
        case .executed: break
        case .failed(let message): throw StartFailure.error(message)
        case .killed: throw death(container, process)
        }
        try runPoststart(container, process)
        if let notify, let identity = container.record.process {
            try notify.wait(for: process, pid: identity.pid)
        }
    }

    /// How init ended before its program, as far as one who is not its parent can know.
    private func death(
        _ container: StoredContainer, _ process: borrowing Pidfd
    ) -> RuntimeError {
        var status: WaitStatus?
        // The fifo closes a little earlier than the process is gone.
        if (try? process.waitExited(until: .after(milliseconds: 1000))) == true {
            status = container.record.process.flatMap { process.foreignStatus($0) }
        }
        return InitDeath.error(status, (try? container.manager())?.oomFacts())
    }

    /// A failing poststart hook stops the container (runtime-spec 1.3, "Poststart").
    private func runPoststart(
        _ container: StoredContainer, _ process: borrowing Pidfd
    ) throws(RuntimeError) {
        guard let hooks = container.record.poststart, !hooks.isEmpty else { return }
        let state = container.hookState(.running)
        do throws(RuntimeError) {
            try HookRunner(
                state: state, bundle: container.record.bundle,
                outputs: HookOutputs(container.record)
            ).run(hooks, at: "hooks/poststart")
        } catch {
            try? process.signal(SIGKILL)
            throw error
        }
    }
}

/// Turns what the init stage left in exec.fifo into a sentence.
///
/// The plan is gone by then; the message itself says what was being done.
enum StartFailure {
    static func error(_ message: sync_message) -> RuntimeError {
        let detail = InitFailure.text(message)
        let kind = plan_kind(rawValue: UInt16(truncatingIfNeeded: message.value2))
        let call = String(cString: sync_call_name(message.call))
        let errno = Errno(message.err)
        switch kind {
        case .PLAN_OP_EXEC:
            return RuntimeError(
                .program, "unable to start container process: exec: \"\(detail)\": \(errno.text)",
                at: "process/args", underlying: SystemError(call, detail, errno))
        case .PLAN_OP_HOOK:
            return InitFailure.hookError(
                message, path: InitFailure.hookText(message).path, timeout: nil,
                at: "hooks/startContainer")
        default:
            let name = String(cString: plan_op_name(UInt16(truncatingIfNeeded: message.value2)))
            return RuntimeError(
                .system, "cannot start the program: \(name)",
                underlying: SystemError(call, detail, errno))
        }
    }
}
