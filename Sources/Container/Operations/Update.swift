package import Cgroups
internal import OCISpec

extension ContainerHost {
    /// Changes the limits of a container; what is not given stays, and device rules always do.
    ///
    /// - Returns: remarks about values without effect.
    /// - Throws: `wrongState` for a stopped container; what the kernel refused, with the old values
    ///   in force again.
    package func update(
        _ id: String, _ resources: CgroupResources
    ) throws(RuntimeError) -> [String] {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        switch container.status(in: directory) {
        case .created, .running, .paused: break
        case .stopped, .creating: throw StoredContainer.notRunning
        }
        let manager = try container.manager()
        do throws(CgroupError) { return try manager.set(resources) } catch {
            throw RuntimeError(error)
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
        return try update(id, resources)
    }
}
