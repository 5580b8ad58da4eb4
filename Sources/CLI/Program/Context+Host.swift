import Cgroups
import Container

/// What commands need of the containers' side.
extension Context {
    /// The containers under the state root.
    func host() throws(RuntimeError) -> ContainerHost {
        let rootless: Bool? =
            switch options.rootless {
            case .yes: true
            case .no: false
            case .automatic: nil
            }
        let driver: CgroupDriver =
            switch options.cgroupDriver {
            case .cgroupfs: .cgroupfs
            case .systemd: .systemd
            case .disabled: .disabled
            }
        return ContainerHost(
            store: try StateStore(
                root: options.root.path, isSticky: options.root.isUnderRuntimeDirectory),
            cgroupDriver: driver, rootless: rootless, inheritedDescriptors: inherited)
    }

    /// Reads a bundle and plans a container, telling what the configuration says beyond the
    /// specification.
    func prepare(
        _ container: Container.LaunchOptions, _ launch: LaunchOptions
    ) throws(RuntimeError) -> PreparedContainer {
        var container = container
        container.isTraced = log.isDebugging
        let prepared = try host().prepare(container, configFile: launch.configFile)
        if log.isDebugging {
            for pointer in prepared.unknownProperties {
                log.debug("\(launch.configFile): unknown property \(pointer) is ignored")
            }
        }
        for warning in prepared.warnings { log.warning(warning) }
        for remark in prepared.remarks { log.remark(remark) }
        return prepared
    }

    /// Does something with every container whose ID a regular expression matches.
    ///
    /// A failure is a warning and the next one follows, as with the peer that has this.
    func forEach(
        matching pattern: String, _ body: (String) throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        for name in try host().names(matching: pattern) {
            do throws(RuntimeError) { try body(name) } catch {
                log.warning("\(name): \(error)")
            }
        }
    }

    /// Tells what went wrong without being an error, and how long each operation took.
    func note(_ report: LaunchReport) {
        for warning in report.warnings { log.warning(warning) }
        for remark in report.remarks { log.remark(remark) }
        for note in report.notes { log.debug(note) }
        for timing in report.timings {
            log.debug("\(timing.nanoseconds / 1000) us: \(timing.op)")
        }
    }
}

extension LaunchOptions {
    /// The options as the containers' side wants them.
    ///
    /// Throws a `UsageError` for a relative bundle when the current directory is gone.
    func options(
        id: String, mode: Container.LaunchOptions.Mode
    ) throws(UsageError) -> Container.LaunchOptions {
        var options = Container.LaunchOptions(
            id: id, bundle: try callersPath(bundle, option: "--bundle"))
        options.mode = mode
        options.avoidsPivot = noPivot
        options.keepsKeyring = noNewKeyring
        options.preservedFDs = Int(preserveFds)
        options.consoleSocket = consoleSocket
        options.pidfdSocket = pidfdSocket
        options.pidFile = pidFile
        options.isStrict = strict
        return options
    }
}
