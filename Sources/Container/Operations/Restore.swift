internal import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Makes a container whose processes come from the images of a checkpoint; in the foreground
    /// waits for its program and then removes it.
    ///
    /// - Throws: what failed, with CRIU's own words; nothing is left then.
    package func restore(
        _ prepared: PreparedContainer, _ options: RestoreOptions
    ) throws(RuntimeError) -> LaunchReport {
        let launch = prepared.blueprint.options
        let directories = try CriuDirectories.forRestore(options.criu)
        let directory: StateDirectory
        do throws(RuntimeError) {
            directory = try store.create(ContainerID(launch.id))
        } catch {
            directories.removeEmpty()
            throw error
        }
        var record = prepared.record()
        let restorer = Restorer(prepared, options)
        var foreground: Foreground?
        do throws(RuntimeError) {
            try directory.writeRecord(record)
            if !launch.isDetached {
                foreground = try Foreground(isSubreaper: !launch.avoidsSubreaper)
            }
            try restorer.restore(directories, in: directory, &record)
        } catch {
            try? directory.remove()
            directories.removeEmpty()
            throw error
        }
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
