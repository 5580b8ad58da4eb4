internal import Cgroups
internal import OCISpec

extension ContainerHost {
    /// Stops all processes of a container until `resume`; returns when all have stopped.
    ///
    /// - Throws: `wrongState` when it neither runs nor waits for its start.
    package func pause(_ id: String) throws(RuntimeError) {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        switch container.status(in: directory) {
        case .running, .created: break
        case .paused:
            throw RuntimeError(.wrongState, "container not running: it is paused already")
        case .stopped, .creating: throw StoredContainer.notRunning
        }
        let manager = try container.manager()
        do throws(CgroupError) { try manager.freeze() } catch { throw RuntimeError(error) }
    }

    /// Lets the processes of a paused container go on.
    ///
    /// - Throws: `wrongState` with `container not paused`.
    package func resume(_ id: String) throws(RuntimeError) {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        guard container.status(in: directory) == .paused else {
            throw RuntimeError(.wrongState, "container not paused")
        }
        let manager = try container.manager()
        do throws(CgroupError) { try manager.thaw() } catch { throw RuntimeError(error) }
    }
}
