internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Removes a container: its processes, cgroup and state directory; then runs its poststop hooks.
    ///
    /// - Parameters:
    ///   - force: kills what still runs, ends a creation that is under way, and removes a directory
    ///     whose record cannot be used; an unknown ID is no error then.
    ///   - isStrict: a container that was never started is not stopped, as the specification has it;
    ///     engines delete it as they delete a stopped one.
    /// - Returns: failures that are no errors: of poststop hooks (runtime-spec, "Poststop").
    /// - Throws: `notFound`; `wrongState` when it runs and `force` is false, `damaged` when there is
    ///   no record.
    package func delete(
        _ id: String, force: Bool, isStrict: Bool = false
    ) throws(RuntimeError) -> [String] {
        let name = try ContainerID(id)
        let directory: StateDirectory
        do throws(RuntimeError) {
            if force { try UnfinishedCreation.end(try store.open(name, .shared), id) }
            directory = try store.open(name, .exclusive)
        } catch {
            if force && error.code == .notFound { return [] }
            throw error
        }
        let container: StoredContainer
        do throws(RuntimeError) { container = try StoredContainer(directory, id) } catch {
            if force && error.code == .damaged { return try removeUnknown(directory, id) }
            throw error
        }
        let record = container.record
        let status = container.status(in: directory)
        guard force || status == .stopped || (status == .created && !isStrict) else {
            throw RuntimeError(
                .wrongState,
                "cannot delete container \(id) that is not stopped: \(status.rawValue)")
        }
        let manager = try container.manager()
        if status != .stopped { try end(container, manager) }
        return try remove(directory, record, manager)
    }

    /// Frees the name of a container of which nothing is known.
    ///
    /// No process and no cgroup is looked for: a guess might hit somebody else's.
    private func removeUnknown(
        _ directory: consuming StateDirectory, _ id: String
    ) throws(RuntimeError) -> [String] {
        var warnings: [String] = []
        do throws(RuntimeError) {
            // Without record there is nothing: it is written before anything is made.
            _ = try directory.readRecord()
        } catch {
            warnings.append(
                "\(error): the state directory of \(quoted(id)) is removed; a process and a cgroup "
                    + "of it may be left")
        }
        try directory.remove()
        return warnings
    }

    /// Kills a container's process and waits for its end.
    private func end(
        _ container: StoredContainer, _ manager: any CgroupManager
    ) throws(RuntimeError) {
        guard let process = try? container.open() else { return }
        do throws(Errno) {
            try process.signal(SIGKILL)
            // A frozen process dies only after the thaw on cgroup v1.
            if (try? manager.isFrozen()) ?? false { try? manager.thaw() }
            if try !process.waitExited(until: .after(milliseconds: 10_000)) {
                throw Errno.timedOut
            }
        } catch .noProcess {
            return
        } catch {
            throw RuntimeError(
                .system, "container init still running",
                underlying: SystemError("pidfd_send_signal", "SIGKILL", error))
        }
    }

    /// Removes a cgroup.
    ///
    /// With a PID namespace of its own all of the container ended with its first process, and
    /// freezing an empty cgroup to kill nobody is spared.
    private func empty(
        _ record: ContainerRecord, _ manager: any CgroupManager
    ) throws(CgroupError) {
        if record.hasPrivatePIDs, (try? manager.processes(recursive: true))?.isEmpty ?? false {
            return try manager.remove()
        }
        if record.cgroup.driver != .disabled { try manager.kill(SIGKILL) }
        try manager.remove()
    }

    /// Removes what is left of a container whose process is gone.
    func remove(
        _ directory: consuming StateDirectory, _ record: ContainerRecord,
        _ manager: any CgroupManager
    ) throws(RuntimeError) -> [String] {
        do throws(CgroupError) { try empty(record, manager) } catch { throw RuntimeError(error) }
        let failures = ResctrlGroup.remove(record.resctrl ?? [])
        try directory.remove()
        guard let hooks = record.poststop, !hooks.isEmpty else { return failures }
        let state = HookState(
            id: record.id, ociVersion: record.ociVersion, bundle: record.bundle,
            annotations: record.annotations ?? [])
        let text = state.text(status: .stopped, pid: nil)
        let runner = HookRunner(
            state: Array(text.utf8), bundle: record.bundle, outputs: HookOutputs(record))
        return failures + runner.runAll(hooks, at: "hooks/poststop").map(\.description)
    }
}
