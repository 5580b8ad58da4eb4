internal import Kernel
package import OCISpec

/// What is known of a container without asking its processes.
package struct StatusFacts: Sendable, Equatable {
    /// Whether the record names a process: `create` came that far.
    package var hasProcess: Bool
    /// Whether that very process lives.
    package var isAlive: Bool
    /// Whether the program was not let go yet (`exec.fifo` exists).
    package var hasFifo: Bool
    /// Whether somebody holds the exclusive lock of the state directory.
    package var isBusy: Bool

    /// States the facts.
    package init(hasProcess: Bool, isAlive: Bool, hasFifo: Bool, isBusy: Bool) {
        self.hasProcess = hasProcess
        self.isAlive = isAlive
        self.hasFifo = hasFifo
        self.isBusy = isBusy
    }
}

extension ContainerStatus {
    /// Where in its life a container is, as far as the kernel and the state directory tell.
    ///
    /// A status is never stored, so it cannot be out of date. Without process the container is
    /// `creating` as long as somebody works on it; once nobody does, its creator was killed and
    /// nothing of it runs.
    ///
    /// - Parameter isFrozen: asked last, because it reads the cgroup.
    package static func derive(
        _ facts: StatusFacts, isFrozen: () -> Bool
    ) -> ContainerStatus {
        guard facts.hasProcess else { return facts.isBusy ? .creating : .stopped }
        guard facts.isAlive else { return .stopped }
        if isFrozen() { return .paused }
        return facts.hasFifo ? .created : .running
    }
}

extension StateDirectory {
    /// The status of the container that a record of this directory describes.
    ///
    /// - Parameter isFrozen: whether its cgroup is frozen.
    package borrowing func status(
        of record: ContainerRecord?, isFrozen: () -> Bool
    ) -> ContainerStatus {
        let facts = StatusFacts(
            hasProcess: record?.process != nil, isAlive: record?.process?.isAlive() ?? false,
            hasFifo: hasFifo(), isBusy: isBusy)
        return ContainerStatus.derive(facts, isFrozen: isFrozen)
    }
}
