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
    /// - Throws: `wrongState` with `container not running`.
    package func kill(_ id: String, signal: Int32, all: Bool) throws(RuntimeError) {
        let directory = try store.open(ContainerID(id), .shared)
        let container = try StoredContainer(directory, id)
        let status = container.status(in: directory)
        if all || (signal == SIGKILL && !container.record.hasPrivatePIDs && status != .stopped) {
            return try killAll(container, signal)
        }
        if status == .stopped { throw StoredContainer.notRunning }
        let process = try container.open()
        do throws(Errno) { try process.signal(signal) } catch .noProcess {
            throw StoredContainer.notRunning
        } catch {
            throw RuntimeError(
                .system, "unable to signal init",
                underlying: SystemError("pidfd_send_signal", "\(signal)", error))
        }
    }

    private func killAll(_ container: StoredContainer, _ signal: Int32) throws(RuntimeError) {
        let manager = try container.manager()
        do throws(CgroupError) { try manager.kill(signal) } catch {
            throw RuntimeError(
                .system, "unable to kill all processes: \(error.message)", underlying: error.cause)
        }
    }
}
