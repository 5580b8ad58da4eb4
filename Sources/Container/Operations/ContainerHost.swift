package import Cgroups
internal import Kernel
internal import OCISpec

/// The containers of one state root, and what can be done with them.
///
/// Each operation is one short function in a file of its own; this type only holds what all need.
package struct ContainerHost: Sendable {
    /// Where the containers' directories are.
    package var store: StateStore
    /// Who makes cgroups.
    package var cgroupDriver: CgroupDriver
    /// Whether the caller said that cgroups may be left out, or not; nil finds out.
    package var rootless: Bool?
    /// How many descriptors from 3 the caller left open.
    package var inheritedDescriptors: Int

    /// Uses a state root.
    package init(
        store: StateStore, cgroupDriver: CgroupDriver = .cgroupfs, rootless: Bool? = nil,
        inheritedDescriptors: Int = .max
    ) {
        self.store = store
        self.cgroupDriver = cgroupDriver
        self.rootless = rootless
        self.inheritedDescriptors = inheritedDescriptors
    }
}

/// A configuration that was read and found good, with everything that follows from it.
package struct PreparedContainer {
    /// The bytes of config.json as they were read.
    package var config: [UInt8]
    package var blueprint: Blueprint
    package var plan: Plan
    package var manager: any CgroupManager
    /// Remarks that do not stop the container.
    package var warnings: [String]
    /// Warnings that belong into a log (`Diagnostics.remarks`).
    package var remarks: [String]
    private let decoded: DecodedSpec

    init(
        config: [UInt8], blueprint: Blueprint, plan: Plan, manager: any CgroupManager,
        warnings: [String], remarks: [String], decoded: DecodedSpec
    ) {
        self.config = config
        self.blueprint = blueprint
        self.plan = plan
        self.manager = manager
        self.warnings = warnings
        self.remarks = remarks
        self.decoded = decoded
    }

    /// JSON pointers of properties that the specification does not know.
    ///
    /// Walks the whole document.
    package var unknownProperties: [String] { decoded.unknownProperties }
}

extension ContainerHost {
    /// Reads and validates a bundle's configuration and plans the container; touches nothing.
    ///
    /// - Parameter configFile: the name of the configuration, relative to the bundle.
    /// - Throws: `invalidConfig` with all mistakes at once.
    package func prepare(
        _ options: LaunchOptions, configFile: String = "config.json"
    ) throws(RuntimeError) -> PreparedContainer {
        let path = PathText.absolute(configFile, from: options.bundle)
        let bytes = try readConfig(path, configFile)
        let decoded: DecodedSpec
        let mistakes: SpecError?
        do throws(SpecError) {
            (decoded, mistakes) = try SpecDecoder.decodeAll(bytes, fileName: configFile)
        } catch {
            throw RuntimeError(.invalidConfig, error.description)
        }
        return try prepare(ConfigReport(decoded, mistakes, configFile), bytes, options)
    }

    private func prepare(
        _ report: ConfigReport, _ bytes: [UInt8], _ options: LaunchOptions
    ) throws(RuntimeError) -> PreparedContainer {
        let decoded = report.decoded
        var facts = HostFacts.ofThisHost(for: decoded.spec)
        if let rootless { facts.toleratesCgroups = rootless }
        facts.inheritedFDs = inheritedDescriptors
        var options = options
        options.notifyAddress = NotifySocket.address(Environment.value("NOTIFY_SOCKET"))
        if options.notifyAddress != nil {
            options.notifyDirectory =
                store.root + "/" + options.id + "/" + NotifySocket.directoryName
        }
        var diagnostics = Diagnostics()
        var blueprint = Blueprint(
            decoded.spec, options: options, facts: facts, &diagnostics)
        checkClocks(decoded, &diagnostics)
        if let error = report.error(diagnostics) { throw error }
        let request = cgroupRequest(blueprint)
        let manager = try chooseManager(request)
        if request.subgroup != nil, manager.record.subgroup == nil {
            diagnostics.warning(
                Annotation.systemdSubgroup.location,
                "has no effect: it takes cgroups of version 2 that systemd makes")
        }
        let cgroups: CgroupRecord
        do throws(CgroupError) { cgroups = try CgroupMountPlanner.view(&blueprint, manager) } catch
        {
            throw RuntimeError(error)
        }
        CgroupMountPlanner.check(blueprint, cgroups, &diagnostics)
        if let error = report.error(diagnostics) { throw error }
        do throws(CgroupError) {
            let steps = try manager.plan(for: blueprint.resources)
            return PreparedContainer(
                config: bytes, blueprint: blueprint,
                plan: Planner.plan(
                    blueprint, cgroup: Planner.Cgroup(record: cgroups, plan: steps)),
                manager: manager, warnings: diagnostics.warnings + steps.warnings,
                remarks: diagnostics.remarks, decoded: decoded)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// An offset for a clock that does not exist cannot be honoured, so it is no property to ignore.
    private func checkClocks(_ decoded: DecodedSpec, _ diagnostics: inout Diagnostics) {
        guard decoded.spec.linux?.timeOffsets != nil else { return }
        let clocks = "/linux/timeOffsets/"
        for pointer in decoded.unknownProperties where pointer.hasPrefix(clocks) {
            diagnostics.error(
                String(pointer.dropFirst()),
                "expected monotonic or boottime, found an unknown clock")
        }
    }

    private func chooseManager(
        _ request: CgroupRequest
    ) throws(RuntimeError) -> any CgroupManager {
        do throws(CgroupError) { return try CgroupChooser.choose(request) } catch {
            throw RuntimeError(error)
        }
    }

    private func cgroupRequest(_ blueprint: Blueprint) -> CgroupRequest {
        var request = CgroupRequest(
            id: blueprint.options.id, cgroupsPath: blueprint.cgroupsPath, driver: cgroupDriver,
            isRootless: blueprint.facts.toleratesCgroups,
            skipsDevices: blueprint.facts.toleratesCgroups)
        request.isUserManager = request.isRootless && OuterUser.hasManager()
        request.owner = CgroupOwner.uid(blueprint)
        if let name = blueprint.annotation(.systemdSubgroup), !name.isEmpty {
            request.subgroup = name
        }
        request.delegate = blueprint.annotation(.delegateCgroup)
        guard cgroupDriver == .systemd else { return request }
        for entry in blueprint.annotations where entry.key.hasPrefix(UnitAnnotation.prefix) {
            request.annotations.append(
                CgroupRequest.Annotation(key: entry.key, value: entry.value))
        }
        return request
    }

    private func readConfig(_ path: String, _ name: String) throws(RuntimeError) -> [UInt8] {
        do throws(Errno) {
            return try FileDescriptor.open(path, 0).readAll(limit: JSONDocument.sizeLimit)
        } catch .noEntry {
            throw RuntimeError(
                .invalidConfig, "JSON specification file \(name) not found",
                underlying: SystemError("openat", path, .noEntry))
        } catch .fileTooLarge {
            throw RuntimeError(
                .invalidConfig, "\(name) is larger than \(JSONDocument.sizeLimit) bytes")
        } catch {
            throw RuntimeError(
                .invalidConfig, "cannot read \(name)",
                underlying: SystemError("openat", path, error))
        }
    }
}
