internal import Cgroups
import Glibc
package import Kernel
internal import OCISpec

/// What became of a created or started container.
package struct LaunchReport {
    /// Failures that were no errors, as sentences.
    package var warnings: [String] = []
    /// Warnings that belong into a log (`Diagnostics.remarks`).
    package var remarks: [String] = []
    /// Notes for whoever looks for a mistake.
    package var notes: [String] = []
    /// Nanoseconds by operation, when the plan was traced.
    package var timings: [(op: String, nanoseconds: UInt64)] = []
    /// How the program ended, for a foreground run.
    package var status: WaitStatus?
}

extension ContainerHost {
    /// Creates a container: its program waits for `start`.
    ///
    /// - Throws: what failed; process, cgroup and state directory are gone then.
    package func create(_ prepared: PreparedContainer) throws(RuntimeError) -> LaunchReport {
        let launcher = Launcher(
            prepared.blueprint, prepared.plan, prepared.manager, config: prepared.config)
        try launcher.connectSockets()
        let interruption = try Interruption()
        launcher.interruption = interruption
        defer { interruption.end(dropsPending: true) }
        let directory = try store.create(ContainerID(prepared.blueprint.options.id))
        var record = prepared.record()
        do throws(RuntimeError) {
            try directory.writeRecord(record)
            try launcher.launch(in: directory, &record)
        } catch {
            try? directory.remove()
            throw error
        }
        return LaunchReport(
            warnings: launcher.warnings, notes: launcher.notes, timings: launcher.timings)
    }
}

extension PreparedContainer {
    /// The record of a container that has no process yet.
    func record() -> ContainerRecord {
        var record = ContainerRecord(
            id: blueprint.options.id, ociVersion: blueprint.ociVersion,
            bundle: blueprint.options.bundle, rootfs: blueprint.rootPath, created: Timestamp.now(),
            cgroup: manager.record,
            annotations: blueprint.annotations.isEmpty ? nil : blueprint.annotations,
            poststart: blueprint.hooks.poststart, poststop: blueprint.hooks.poststop,
            ownerUID: geteuid(), hasPrivatePIDs: blueprint.namespaces.makes(.pid))
        record.creator = getpid()
        record.keepsKeyring = blueprint.options.keepsKeyring
        record.resctrl = blueprint.resctrl.map { ResctrlHost.real.directoriesToRemove($0) }
        return record
    }
}
