internal import Kernel
package import OCISpec

/// One container as `list` shows it: also one whose state cannot be read.
package struct ListedContainer: Sendable {
    package var id: String
    /// Nil when the directory is broken; `problem` says why.
    package var state: State?
    package var problem: String?
    package var ownerUID: UInt32?
}

extension ContainerHost {
    /// The state of a container, as `state` prints it (runtime-spec, "State"; the engine-facing
    /// members rootfs, created and owner as runc prints them).
    ///
    /// - Throws: `notFound`.
    package func state(_ id: String) throws(RuntimeError) -> State {
        try read(ContainerID(id)).state
    }

    /// All containers, sorted by ID.
    package func list() throws(RuntimeError) -> [ListedContainer] {
        var containers: [ListedContainer] = []
        for id in try store.list() {
            do throws(RuntimeError) {
                let found = try read(ContainerID(id))
                containers.append(
                    ListedContainer(id: id, state: found.state, ownerUID: found.owner))
            } catch {
                // Made or deleted while we look: it is not there.
                if error.code == .notFound || error.code == .wrongState { continue }
                containers.append(ListedContainer(id: id, problem: error.description))
            }
        }
        return containers
    }

    private func read(_ id: ContainerID) throws(RuntimeError) -> (state: State, owner: UInt32) {
        let directory = try store.open(id, .shared)
        let container = try StoredContainer(directory, id.name)
        let status = container.status(in: directory)
        let record = container.record
        let isAlive = status != .stopped
        let state = State(
            ociVersion: record.ociVersion, id: record.id,
            pid: isAlive ? record.process.map { Int64($0.pid) } ?? 0 : 0, status: status,
            bundle: record.bundle, rootfs: record.rootfs, created: record.created,
            annotations: record.annotations, owner: "")
        return (state, record.ownerUID)
    }
}
