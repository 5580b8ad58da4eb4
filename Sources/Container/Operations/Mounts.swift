internal import Cgroups
internal import Kernel
internal import OCISpec

/// What `mounts` does with the mounts that it is given.
package enum MountsChange: Sendable {
    case add, remove
}

extension ContainerHost {
    /// Adds mounts to a container that is created or running, or takes them away.
    ///
    /// They are made one after the other: when one fails, those before it stay.
    ///
    /// - Parameters:
    ///   - json: an array like `mounts` of the configuration; of those to remove only the
    ///     destination counts.
    ///   - fileName: what errors call the document.
    /// - Returns: remarks about the mounts.
    /// - Throws: `wrongState` for a container that is stopped or paused; what the kernel refused.
    package func mounts(
        _ change: MountsChange, _ id: String, json: [UInt8], fileName: String
    ) throws(RuntimeError) -> [String] {
        let mounts: [Mount]
        do throws(SpecError) {
            mounts = try SpecDecoder.decodeMounts(json, fileName: fileName).value
        } catch {
            throw RuntimeError(.invalidConfig, error.description)
        }
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        switch container.status(in: directory) {
        case .created, .running: break
        case .paused: throw RuntimeError(.wrongState, "container paused")
        case .stopped, .creating: throw StoredContainer.notRunning
        }
        var diagnostics = Diagnostics()
        let spec = try decodeConfig(try directory.readConfig())
        let blueprint = self.blueprint(
            spec, change == .add ? mounts : mounts.map(\.destinationAlone), container.record,
            &diagnostics)
        if change == .add { refuse(blueprint, &diagnostics) }
        if let first = diagnostics.errors.first {
            let lines = diagnostics.errors.map(\.description)
            throw RuntimeError(first.code, lines.joined(separator: "\n"))
        }
        let target = try target(of: container.record)
        let plan =
            change == .add
            ? ExistingMounts.add(blueprint, container.record.cgroup, target)
            : ExistingMounts.remove(blueprint, target)
        // The container can stop what works inside it, and `delete --force` must not wait for that.
        try directory.unlock()
        let launcher = Launcher(blueprint, plan, try container.manager())
        launcher.joins(target.process.pid, below: [])
        var record = container.record
        try launcher.launch(in: directory, &record)
        return diagnostics.warnings + launcher.warnings
    }

    /// What cannot be made safely while processes run inside.
    private func refuse(_ blueprint: Blueprint, _ diagnostics: inout Diagnostics) {
        for mount in blueprint.mounts {
            switch mount.kind {
            case .bind where blueprint.facts.isRootless:
                // They are cloned inside, where their paths would be the container's.
                diagnostics.error(
                    mount.location,
                    "an ordinary user cannot bring a tree of the host into a "
                        + "container that exists", label: mount.destination)
            case .cgroup:
                // It turns read-only, or is bound, after it is in sight.
                diagnostics.error(
                    mount.location, "cgroups cannot be brought into a container that exists",
                    label: mount.destination)
            default: break
            }
        }
    }

    /// The container with other mounts, of which alone something is made.
    private func blueprint(
        _ spec: Spec, _ mounts: [Mount], _ record: ContainerRecord,
        _ diagnostics: inout Diagnostics
    ) -> Blueprint {
        var spec = spec
        spec.mounts = mounts
        spec.process?.terminal = false
        var options = LaunchOptions(id: record.id, bundle: record.bundle)
        options.mode = .run
        let facts = HostFacts.ofThisHost(for: spec)
        return Blueprint(spec, options: options, facts: facts, &diagnostics)
    }
}

extension Mount {
    /// A mount that is valid whatever else was said, for a removal.
    fileprivate var destinationAlone: Mount {
        Mount(destination: destination, type: "tmpfs", source: "tmpfs")
    }
}
