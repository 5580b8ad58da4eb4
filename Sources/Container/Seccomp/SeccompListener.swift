internal import Kernel
package import OCISpec

/// Hands the descriptor that notifications come from to the program that answers them.
package enum SeccompListener {
    /// What the program reads along with the descriptor (runtime-spec, "The Container Process
    /// State").
    ///
    /// - Parameters:
    ///   - pid: the process that the filter is for.
    ///   - status: the container's.
    ///   - initPid: the container's first process; nil when that is the process.
    package static func message(
        _ blueprint: Blueprint, pid: Int32, status: ContainerStatus = .creating,
        initPid: Int32? = nil
    ) -> [UInt8] {
        let state = State(
            ociVersion: blueprint.ociVersion, id: blueprint.options.id,
            pid: Int64(initPid ?? pid), status: status, bundle: blueprint.options.bundle,
            annotations: blueprint.annotations.isEmpty ? nil : blueprint.annotations)
        let process = ContainerProcessState(
            ociVersion: blueprint.ociVersion, fds: ["seccompFd"], pid: Int64(pid),
            metadata: blueprint.seccomp?.listener?.metadata, state: state)
        var writer = JSONWriter(.compact)
        writer.object { process.writeMembers(to: &$0) }
        return Array(writer.text.utf8)
    }

    /// Connects, sends one message with the descriptor, and disconnects: the specification wants a
    /// connection of its own for each container process.
    static func send(
        _ listener: borrowing FileDescriptor, _ blueprint: Blueprint, pid: Int32,
        status: ContainerStatus = .creating, initPid: Int32? = nil
    ) throws(RuntimeError) {
        guard let path = blueprint.seccomp?.listener?.path else { return }
        let sender = try DescriptorSender.connect(to: path, for: "linux/seccomp/listenerPath")
        try sender.send(
            listener.rawValue,
            payload: message(blueprint, pid: pid, status: status, initPid: initPid))
    }
}
