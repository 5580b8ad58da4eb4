internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

/// A process for a running container, validated and planned.
private struct PreparedExec {
    var blueprint: Blueprint
    var plan: Plan
    var manager: any CgroupManager
    var record: ContainerRecord
    var warnings: [String]
    var remarks: [String]
}

extension ContainerHost {
    /// Runs a process in a container; in the foreground waits for its end.
    ///
    /// - Throws: `wrongState` for a stopped or paused container; what failed, after `exec failed:`.
    package func exec(_ options: ExecOptions) throws(RuntimeError) -> LaunchReport {
        do throws(RuntimeError) { return try execute(options) } catch {
            throw error.prefixed(ExecOptions.failurePrefix)
        }
    }

    private func execute(_ options: ExecOptions) throws(RuntimeError) -> LaunchReport {
        let directory = try store.open(ContainerID(options.launch.id), .shared)
        let prepared = try prepareExec(options, directory)
        // The process is held by descriptor from here on. A paused container keeps us waiting, and
        // `resume` and `delete` must not wait for us.
        try directory.unlock()
        let launcher = Launcher(prepared.blueprint, prepared.plan, prepared.manager)
        launcher.joins(prepared.record.process?.pid ?? 0, below: options.cgroups)
        try launcher.connectSockets()
        var foreground: Foreground?
        if !options.launch.isDetached { foreground = try Foreground(isSubreaper: false) }
        let interruption = try Interruption()
        launcher.interruption = interruption
        defer { interruption.end(dropsPending: options.launch.isDetached) }
        var record = prepared.record
        do throws(RuntimeError) { try launcher.launch(in: directory, &record) } catch {
            // When the container ends meanwhile, the kernel says ENOMEM for one, or kills the new
            // process. That its program was not found is as true as before.
            let mayBeDeath = error.code == .initKilled || error.code == .system
            if mayBeDeath, prepared.record.process?.isEnding() ?? true {
                throw StoredContainer.notRunning
            }
            throw error
        }
        interruption.end(dropsPending: options.launch.isDetached)
        var report = LaunchReport(
            warnings: prepared.warnings + launcher.warnings, remarks: prepared.remarks,
            notes: launcher.notes, timings: launcher.timings)
        guard let foreground = foreground.take(), let process = launcher.takeProcess() else {
            return report
        }
        do throws(RuntimeError) {
            var relay: TerminalRelay?
            if let master = launcher.takeConsole() { relay = try TerminalRelay(master: master) }
            report.status = try foreground.wait(process, relay)
        } catch {
            // Nobody is left who would watch over the program.
            try? process.pidfd.signal(SIGKILL)
            throw error
        }
        return report
    }

    /// The plan of an `exec`; starts nothing.
    package func planExec(_ options: ExecOptions) throws(RuntimeError) -> Plan {
        let directory = try store.open(ContainerID(options.launch.id), .shared)
        return try prepareExec(options, directory).plan
    }

    private func prepareExec(
        _ options: ExecOptions, _ directory: borrowing StateDirectory
    ) throws(RuntimeError) -> PreparedExec {
        let container = try StoredContainer(directory, options.launch.id)
        try checkStatus(container.status(in: directory), options)
        var spec = try decodeConfig(try directory.readConfig())
        spec.process = try ExecProcess.make(options, spec.process ?? Process(cwd: "/"))
        var launch = options.launch
        launch.bundle = container.record.bundle
        var facts = HostFacts.ofThisHost(for: spec)
        facts.inheritedFDs = inheritedDescriptors
        var diagnostics = Diagnostics()
        var blueprint = Blueprint(spec, options: launch, facts: facts, &diagnostics)
        if blueprint.resctrl == nil, container.record.resctrl != nil {
            blueprint.resctrl = ResctrlBlueprint(ownGroupOf: container.record.id)
        }
        if let first = diagnostics.errors.first {
            let lines = diagnostics.errors.map(\.description)
            throw RuntimeError(first.code, lines.joined(separator: "\n"))
        }
        return PreparedExec(
            blueprint: blueprint,
            plan: ExecPlanner.plan(blueprint, try target(of: container.record)),
            manager: try container.manager(), record: container.record,
            warnings: diagnostics.warnings, remarks: diagnostics.remarks)
    }

    private func checkStatus(
        _ status: ContainerStatus, _ options: ExecOptions
    ) throws(RuntimeError) {
        switch status {
        case .stopped: throw RuntimeError(.wrongState, "cannot exec in a stopped container")
        case .creating:
            throw RuntimeError(.wrongState, "cannot exec in a container that is being created")
        case .paused where !options.ignoresPause:
            throw RuntimeError(
                .wrongState,
                "cannot exec in a paused container (use --ignore-paused to override)")
        case .paused, .created, .running: return
        }
    }

    func decodeConfig(_ bytes: [UInt8]) throws(RuntimeError) -> Spec {
        do throws(SpecError) { return try SpecDecoder.decode(bytes).spec } catch {
            throw RuntimeError(
                .system, "the container's own config.json is damaged: \(error.description)")
        }
    }

    func target(of record: ContainerRecord) throws(RuntimeError) -> ExecTarget {
        guard let process = record.process else { throw StoredContainer.notRunning }
        do throws(Errno) {
            return ExecTarget(
                process: process, namespaces: try ExecTarget.foreignNamespaces(process.pid),
                hasKeyring: !record.keepsKeyring)
        } catch {
            // The kernel's answers for a process that is on its way out vary, EACCES among them.
            if process.isEnding() { throw StoredContainer.notRunning }
            throw RuntimeError(
                .system, "cannot look at the container's namespaces",
                underlying: SystemError("fstatat", "/proc/\(process.pid)/ns", error))
        }
    }
}

extension RuntimeError {
    /// The same error, said to be a part of something.
    ///
    /// Engines match what follows, so the place in the configuration is left out of the program's
    /// own errors.
    func prefixed(_ words: String) -> RuntimeError {
        if code == .program { return reworded(words + message) }
        let name = label.isEmpty ? "" : " (\(label))"
        let place = location.isEmpty ? "" : location + name + ": "
        return reworded(words + place + message)
    }
}
