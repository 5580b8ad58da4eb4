internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Makes a container whose processes come from the images of a checkpoint; in the foreground
    /// waits for its program and then removes it.
    ///
    /// - Throws: what failed, with CRIU's own words; `interrupted`. Nothing is left then.
    package func restore(
        _ prepared: PreparedContainer, _ options: RestoreOptions
    ) throws(RuntimeError) -> LaunchReport {
        let launch = prepared.blueprint.options
        // Signals are held from here on, so that none is lost between restore and forwarding.
        var foreground: Foreground?
        if !launch.isDetached {
            foreground = try Foreground(isSubreaper: !launch.avoidsSubreaper)
        }
        let interruption = try Interruption()
        defer { interruption.end(dropsPending: launch.isDetached) }
        let directories = try CriuDirectories.forRestore(options.criu)
        let directory: StateDirectory
        do throws(RuntimeError) {
            directory = try store.create(ContainerID(launch.id))
        } catch {
            directories.removeEmpty()
            throw error
        }
        var record = prepared.record()
        let restorer = Restorer(prepared, options, interruption)
        do throws(RuntimeError) {
            try directory.writeRecord(record)
            try restorer.restore(directories, in: directory, &record)
        } catch {
            try? directory.remove()
            directories.removeEmpty()
            throw error
        }
        interruption.end(dropsPending: launch.isDetached)
        var report = LaunchReport(warnings: restorer.warnings)
        guard let process = restorer.takeProcess(), let foreground = foreground.take() else {
            return report
        }
        let attended = Attended(
            directory: directory, record: record, manager: prepared.manager, keepsState: false)
        try attend(attended, process, restorer.takeConsole(), foreground, nil, &report)
        return report
    }
}
