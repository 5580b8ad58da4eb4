package import Cgroups
internal import OCISpec

extension ContainerHost {
    /// Changes the limits of a container; what is not given stays, and device rules always do.
    ///
    /// - Parameter schemas: lines for the container's group of resctrl.
    /// - Returns: remarks about values without effect.
    /// - Throws: `wrongState` for a stopped container; what the kernel refused, with the old values
    ///   in force again.
    package func update(
        _ id: String, _ resources: CgroupResources, _ schemas: [ResctrlBlueprint.Line] = []
    ) throws(RuntimeError) -> [String] {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        switch container.status(in: directory) {
        case .created, .running, .paused: break
        case .stopped, .creating: throw StoredContainer.notRunning
        }
        var resources = resources
        resources.readZeroLimits(as: container.record.ociVersion)
        let manager = try container.manager()
        let change = try update(schemas, container.record, manager, directory)
        do throws(CgroupError) { return try manager.set(resources) } catch {
            change.takeBackLines()
            if let group = change.madeGroup { unmake(group, container.record, directory) }
            throw RuntimeError(error)
        }
    }

    /// Puts lines in force in the container's group of resctrl, which is made when the container
    /// has none yet.
    ///
    /// - Returns: what takes them back, and the group when it was made for them.
    private func update(
        _ schemas: [ResctrlBlueprint.Line], _ record: ContainerRecord,
        _ manager: any CgroupManager, _ directory: borrowing StateDirectory
    ) throws(RuntimeError) -> (takeBackLines: () -> Void, madeGroup: ResctrlGroup?) {
        if schemas.isEmpty { return ({}, nil) }
        for line in schemas where !line.isOne {
            throw RuntimeError(.invalidRequest, "a schema is one line", at: line.location)
        }
        let configured = try decodeConfig(try directory.readConfig()).linux?.intelRdt
        var diagnostics = Diagnostics()
        var blueprint =
            configured.map { ResctrlBlueprint($0, id: record.id, &diagnostics) }
            ?? ResctrlBlueprint(ownGroupOf: record.id)
        blueprint.lines = []
        let group = ResctrlGroup(blueprint)
        guard configured == nil, record.resctrl == nil else {
            return (try group.update(schemas), nil)
        }
        try make(group, blueprint, record, manager, directory)
        do throws(RuntimeError) { return (try group.update(schemas), group) } catch {
            unmake(group, record, directory)
            throw error
        }
    }

    /// Removes a group; its processes fall back to the one above.
    private func unmake(
        _ group: ResctrlGroup, _ record: ContainerRecord, _ directory: borrowing StateDirectory
    ) {
        group.undo()
        try? directory.writeRecord(record)
    }

    private func make(
        _ group: ResctrlGroup, _ blueprint: ResctrlBlueprint, _ record: ContainerRecord,
        _ manager: any CgroupManager, _ directory: borrowing StateDirectory
    ) throws(RuntimeError) {
        var changed = record
        changed.resctrl = ResctrlHost.real.directoriesToRemove(blueprint)
        try group.create()
        do throws(RuntimeError) {
            try directory.writeRecord(changed)
            try group.enterAll { () throws(RuntimeError) in
                do throws(CgroupError) {
                    return try manager.processes(recursive: true).flatMap(ProcessTree.threads)
                } catch {
                    throw RuntimeError(error)
                }
            }
        } catch {
            unmake(group, record, directory)
            throw error
        }
    }

    /// Changes the limits of a container to those of a JSON document like `linux.resources`.
    ///
    /// - Parameter fileName: what errors call the document.
    package func update(
        _ id: String, json: [UInt8], fileName: String
    ) throws(RuntimeError) -> [String] {
        let decoded: Decoded<Resources>
        do throws(SpecError) {
            decoded = try SpecDecoder.decodeResources(json, fileName: fileName)
        } catch {
            throw RuntimeError(.invalidConfig, error.description)
        }
        var diagnostics = Diagnostics()
        let resources = CgroupResources(decoded.value, &diagnostics)
        if let first = diagnostics.errors.first {
            let lines = diagnostics.errors.map(\.description)
            throw RuntimeError(first.code, lines.joined(separator: "\n"))
        }
        let warnings = try update(id, resources)
        if resources.devices.isEmpty { return warnings }
        return warnings + ["devices: the rules stay as the container was created with"]
    }
}
