internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Creates a container and starts it at once; in the foreground waits for its program and then
    /// removes it.
    ///
    /// - Throws: what failed; nothing is left then.
    package func run(_ prepared: PreparedContainer) throws(RuntimeError) -> LaunchReport {
        let options = prepared.blueprint.options
        let launcher = Launcher(
            prepared.blueprint, prepared.plan, prepared.manager, config: prepared.config)
        try launcher.connectSockets()
        // Signals are held from here on, so that none is lost between start and forwarding.
        var foreground: Foreground?
        if !options.isDetached {
            foreground = try Foreground(isSubreaper: !options.avoidsSubreaper)
        }
        let interruption = try Interruption()
        launcher.interruption = interruption
        defer { interruption.end(dropsPending: options.isDetached) }
        let directory = try store.create(ContainerID(options.id))
        var record = prepared.record()
        do throws(RuntimeError) {
            try directory.writeRecord(record)
            try launcher.launch(in: directory, &record)
        } catch {
            try? directory.remove()
            throw error
        }
        interruption.end(dropsPending: options.isDetached)
        var report = LaunchReport(
            warnings: launcher.warnings, notes: launcher.notes, timings: launcher.timings)
        guard let process = launcher.takeProcess() else { return report }
        let notify = launcher.takeNotify()
        guard let foreground = foreground.take() else {
            guard let notify else { return report }
            try directory.unlock()
            // The program runs; that nobody hears of it is no failure to make it.
            do throws(RuntimeError) {
                try notify.wait(for: process.pidfd, pid: process.pid)
            } catch {
                report.warnings.append(error.description)
            }
            return report
        }
        let attended = Attended(
            directory: directory, record: record, manager: prepared.manager,
            keepsState: options.keepsState)
        try attend(
            attended, process, launcher.takeConsole(), foreground, notify, &report)
        return report
    }

    /// Waits for the program of a foreground container and removes the container.
    func attend(
        _ container: consuming Attended, _ process: borrowing ChildProcess,
        _ console: consuming FileDescriptor?, _ foreground: consuming Foreground,
        _ notify: NotifySocket?, _ report: inout LaunchReport
    ) throws(RuntimeError) {
        let (record, manager) = (container.record, container.manager)
        let keepsState = container.keepsState
        let directory = container.intoDirectory()
        do throws(RuntimeError) {
            try directory.unlock()
            var relay: TerminalRelay?
            if let console { relay = try TerminalRelay(master: console) }
            report.status = try foreground.wait(process, relay, notify)
        } catch {
            // Nobody is left who would watch over the program.
            try? process.pidfd.signal(SIGKILL)
            _ = try? process.pidfd.reap()
            _ = try? removeUnlessGone(directory, record, manager)
            throw error
        }
        if keepsState { return }
        // The program's status is worth more than what is left of its container.
        do throws(RuntimeError) {
            report.warnings += try removeUnlessGone(directory, record, manager)
        } catch {
            report.warnings.append(error.description)
        }
    }

    /// Removes a container unless somebody else did while its directory was not locked.
    private func removeUnlessGone(
        _ directory: consuming StateDirectory, _ record: ContainerRecord,
        _ manager: any CgroupManager
    ) throws(RuntimeError) -> [String] {
        guard try directory.lockAgain() else { return [] }
        return try remove(directory, record, manager)
    }
}

/// A container whose program this process waits for.
struct Attended: ~Copyable {
    private let directory: StateDirectory
    let record: ContainerRecord
    let manager: any CgroupManager
    /// Whether it stays when its program has ended.
    let keepsState: Bool

    init(
        directory: consuming StateDirectory, record: ContainerRecord,
        manager: any CgroupManager, keepsState: Bool
    ) {
        self.directory = directory
        self.record = record
        self.manager = manager
        self.keepsState = keepsState
    }

    /// Keeps the directory alone.
    consuming func intoDirectory() -> StateDirectory { directory }
}
