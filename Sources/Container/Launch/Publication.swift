internal import Cgroups
import Glibc
internal import Kernel

/// What tells others of a container's process: the record in the state directory, and the pid file.
struct Publication {
    private let blueprint: Blueprint
    private let manager: any CgroupManager
    private var hasPidFile = false

    init(_ blueprint: Blueprint, _ manager: any CgroupManager) {
        self.blueprint = blueprint
        self.manager = manager
    }

    /// Completes the record of a new container and writes it, and the pid file if one is wanted.
    mutating func publish(
        _ process: ProcessIdentity, in directory: borrowing StateDirectory,
        _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        record.process = process
        // Who makes the cgroup decides in the end where it is; those that could not be made and need
        // not be are known now.
        record.cgroup = manager.record
        if record.cgroup.hierarchies.isEmpty { record.cgroup.driver = .disabled }
        if !blueprint.process.hasTerminal {
            record.externalDescriptors = StandardStreams.names(of: "self")
        }
        try directory.writeRecord(record)
        if let path = blueprint.options.pidFile { try writePidFile(path, process.pid) }
    }

    /// Writes the pid file alone.
    mutating func writePidFile(_ path: String, _ pid: Int32) throws(RuntimeError) {
        try PidFile.write(path, pid)
        hasPidFile = true
    }

    /// Removes the pid file; the state directory is the caller's.
    func takeBack() {
        if hasPidFile, let path = blueprint.options.pidFile { PidFile.remove(path) }
    }
}
