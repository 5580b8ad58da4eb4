internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Sends a signal to a container's program, or to all of its processes.
    ///
    /// Without a PID namespace of its own, SIGKILL goes to all: nothing else would end the children
    /// of a container whose init does not take them along.
    ///
    /// - Parameter isStrict: a stopped container is an error with `all` too, as the specification has
    ///   it; engines use that to end what its program left behind.
    /// - Throws: `wrongState` with `container not running`.
    package func kill(
        _ id: String, signal: Int32, all: Bool, isStrict: Bool = false
    ) throws(RuntimeError) {
        let directory = try store.open(ContainerID(id), .shared)
        let container = try StoredContainer(directory, id)
        let status = container.status(in: directory)
        let hasCgroup = container.record.cgroup.driver != .disabled
        let needsAll = signal == SIGKILL && !container.record.hasPrivatePIDs && hasCgroup
        if isStrict && status == .stopped { throw StoredContainer.notRunning }
        if all || (needsAll && status != .stopped) {
            return try killAll(container, signal)
        }
        if status == .stopped { throw StoredContainer.notRunning }
        let process = try container.open()
        do throws(Errno) {
            try process.signal(signal)
            // On cgroup v1 a frozen process dies only after the thaw.
            if signal == SIGKILL, status == .paused { try? container.manager().thaw() }
        } catch .noProcess {
            throw StoredContainer.notRunning
        } catch {
            throw RuntimeError(
                .system, "unable to signal init",
                underlying: SystemError("pidfd_send_signal", "\(signal)", error))
        }
    }

    private func killAll(_ container: StoredContainer, _ signal: Int32) throws(RuntimeError) {
        if container.record.cgroup.driver == .disabled {
            throw RuntimeError(
                .invalidRequest, "unable to kill all processes: the container has no cgroup")
        }
        let manager = try container.manager()
        do throws(CgroupError) { try manager.kill(signal) } catch {
            throw RuntimeError(
                .system, "unable to kill all processes: \(error.message)", underlying: error.cause)
        }
    }
}
