import Glibc
import Kernel

/// A container's cgroup as a transient unit of systemd.
///
/// systemd makes a scope around processes that exist. So `create` only checks and makes the
/// directory, which systemd takes as it finds it; `adopt` starts the scope around the container's
/// first process and writes the values that systemd has no property for. Reading, signals and the
/// freezer go to the files, and never to the bus.
///
/// The container's cgroup is the unit's own, or one below it: then both have the limits, so that the
/// container sees its own and systemd keeps them.
final class SystemdManager: CgroupManager {
    private static let property = "linux/cgroupsPath"

    private var files: any CgroupManager
    private let request: CgroupRequest
    private let unit: UnitName?
    private var resources = CgroupResources()
    /// The process that `openEntrances` is called for comes into the cgroup by `adopt`.
    private var awaitsProcess = false
    /// Cgroups below the container's, for a process that systemd must move.
    private var awaitedBelow: [CgroupSubpath]?
    private var hasUnit = false
    /// The directories that `create` made, outermost first.
    private var made: [String] = []

    /// A manager for a new container.
    init(_ record: CgroupRecord, _ request: CgroupRequest, _ unit: UnitName) {
        files = CgroupChooser.fileManager(record, request)
        self.request = request
        self.unit = unit
    }

    /// The manager of a container that exists.
    init(opening record: CgroupRecord) {
        // Whoever asks, the unit is that manager's which made it.
        let isUser = CgroupChooser.userBase(record.path ?? "/") != "/"
        request = CgroupRequest(
            id: "", driver: .systemd, isRootless: geteuid() != 0 || isUser, isUserManager: isUser)
        files = CgroupChooser.fileManager(record, request)
        unit = nil
        hasUnit = true
    }

    var record: CgroupRecord { files.record }

    /// The unit's own cgroup, which the container's may be below.
    private var unitFiles: any CgroupManager {
        record.subgroup == nil ? files : CgroupChooser.fileManager(record.ofUnit, request)
    }

    private var unitName: String { record.unit ?? "" }
}

// MARK: - Making and limiting

extension SystemdManager {
    func plan(for resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        try files.plan(for: resources)
    }

    func create(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        self.resources = resources
        _ = try files.plan(for: resources)
        // Annotations are read here, where nothing has been made yet.
        for annotation in request.annotations { _ = try UnitAnnotation.property(annotation) }
        do throws(CgroupError) { try makeDirectories() } catch {
            removeMade()
            throw error
        }
        awaitsProcess = true
        return []
    }

    private func makeDirectories() throws(CgroupError) {
        let hierarchies = record.ofUnit.hierarchies
        var runner = StepRunner(hierarchies)
        defer { made = runner.made }
        for hierarchy in hierarchies {
            do throws(CgroupError) {
                try runner.makeDirectory(hierarchy)
            } catch  where error.cause?.call == "mkdir" {
                continue  // Where the caller may not, systemd does.
            }
        }
    }

    // Nothing has been in them, or `remove` has waited for it. A slice that others use by now stays.
    private func removeMade() {
        CgroupDirectory.undo(made, record.ofUnit.hierarchies) { _, _ in false }
        made = []
    }

    func adopt(_ pid: Int32) throws(CgroupError) -> [String] {
        if let below = awaitedBelow {
            awaitedBelow = nil
            try move(pid, below)
            return []
        }
        guard awaitsProcess else { return [] }
        awaitsProcess = false
        let bus = try connect()
        let plan = try files.plan(for: resources)
        do throws(BusError) {
            hasUnit = true
            try start(bus, try properties(bus, plan.writes, pid))
            try follow(try bus.controlGroup(of: unitName))
        } catch {
            throw refused("cannot start", error)
        }
        if record.subgroup != nil, let hierarchy = record.hierarchies.first {
            try UnitSubgroup.enter(pid, hierarchy)
        }
        let warnings = try files.create(resources)
        // The scope's directory is the process's already; other hierarchies and slices are not.
        if record.layout != .unified || unit?.isSlice ?? false { try files.attach(pid) }
        return warnings
    }

    private func start(
        _ bus: SystemdBus, _ properties: [UnitProperty]
    ) throws(BusError) {
        do throws(BusError) {
            try bus.start(unitName, properties)
        } catch  where error.isSystemd("UnitExists") {
            // The remains of one that failed keep the name; one that is alive keeps it still.
            try bus.resetFailed(unitName)
            do throws(BusError) {
                try bus.start(unitName, properties)
            } catch {
                // Whoever has the name, in whichever slice, must not lose it by our undoing.
                if error.isSystemd("UnitExists") { hasUnit = false }
                throw error
            }
        }
    }

    // systemd may put the unit elsewhere than its name says: below a user's own manager.
    private func follow(_ path: String) throws(BusError) {
        guard path.hasPrefix("/"), path != "/" else { return }
        var moved = record
        let path = record.subgroup.map { CgroupPath.join(path, "/" + $0) } ?? path
        for index in moved.hierarchies.indices { moved.hierarchies[index].path = path }
        if moved != record { files = CgroupChooser.fileManager(moved, request) }
    }

    func handOver(to pid: Int32) throws(CgroupError) {
        guard let name = request.delegate, let hierarchy = record.hierarchies.first else { return }
        try UnitSubgroup.handOver(name, below: hierarchy, owner: request.owner, to: pid)
    }

    func undoCreate() {
        if hasUnit { try? end() }
        try? unitFiles.remove()
        files.undoCreate()
        removeMade()
    }

    func set(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        let bus = try connect()
        var limits = resources
        limits.devices = []
        let writes = try limitWrites(limits)
        do throws(BusError) {
            let version = UnitLimits.dependOnVersion(writes) ? try bus.version() : 0
            let properties = try asBusError {
                () throws(CgroupError) in try UnitLimits.properties(for: writes, version: version)
            }
            if !properties.isEmpty { try bus.set(unitName, properties) }
        } catch {
            throw refused("cannot change", error)
        }
        return try files.set(resources)
    }

    // The values as they will be written; what an update leaves open stays open.
    private func limitWrites(_ limits: CgroupResources) throws(CgroupError) -> [CgroupWrite] {
        guard record.layout == .unified, let hierarchy = record.hierarchies.first else {
            return try files.plan(for: limits).writes
        }
        var limits = limits
        V2Current.complete(&limits, hierarchy.directory)
        var list = CgroupWriteList()
        try V2Controllers.convert(limits, into: &list)
        return list.writes
    }
}

// MARK: - Properties

extension SystemdManager {
    private func properties(
        _ bus: SystemdBus, _ writes: [CgroupWrite], _ pid: Int32
    ) throws(BusError) -> [UnitProperty] {
        let version = UnitLimits.dependOnVersion(writes) ? try bus.version() : 0
        let (request, devices) = (request, resources.devices)
        let name = UnitDescription(
            id: request.id, unit: unit, pid: pid, isUnified: record.layout == .unified)
        return try asBusError { () throws(CgroupError) in
            var result = name.properties
            if !request.skipsDevices && !request.isRootless {
                result += UnitDevices.properties(for: DeviceRules.effective(devices))
            }
            result += try UnitLimits.properties(for: writes, version: version)
            for annotation in request.annotations {
                let property = try UnitAnnotation.property(annotation)
                result.removeAll { $0.name == property.name }
                result.append(property)
            }
            return result
        }
    }

    // What our own side finds wrong keeps its sentence.
    private func asBusError<Result>(
        _ body: () throws(CgroupError) -> Result
    ) throws(BusError) -> Result {
        do throws(CgroupError) { return try body() } catch {
            throw BusError(name: "", message: error.description)
        }
    }

    private func refused(_ what: String, _ error: BusError) -> CgroupError {
        let detail = error.name.isEmpty ? error.message : "\(error.message) (\(error.name))"
        return CgroupError("\(what) systemd unit \(unitName): \(detail)", property: Self.property)
    }

    private func connect() throws(CgroupError) -> SystemdBus {
        do throws(BusError) {
            return try SystemdBus(isUser: request.isUserManager)
        } catch {
            throw CgroupError(
                "cannot reach systemd\(request.isUserManager ? " of the user" : ""): "
                    + "\(error.message) (\(error.name))", property: Self.property)
        }
    }
}

// MARK: - Processes

extension SystemdManager {
    func openEntrances(
        below: [CgroupSubpath], neighbour: Int32?
    ) throws(CgroupError) -> CgroupEntrances {
        if awaitsProcess { return CgroupEntrances(cloneDirectory: -1, tasks: []) }
        if request.isRootless, !CgroupReach.canEnter(record.hierarchies) {
            awaitedBelow = below
            return CgroupEntrances(cloneDirectory: -1, tasks: [])
        }
        return try files.openEntrances(below: below, neighbour: neighbour)
    }

    func attach(_ pid: Int32, below: [CgroupSubpath]) throws(CgroupError) {
        if request.isRootless, !CgroupReach.canEnter(record.hierarchies) {
            return try move(pid, below)
        }
        try files.attach(pid, below: below)
    }

    // An ordinary user cannot take a process out of a session; the manager asks the system's.
    private func move(_ pid: Int32, _ below: [CgroupSubpath]) throws(CgroupError) {
        let bus = try connect()
        let inside = try CgroupPath.normalize(below.first?.path ?? "/")
        let path = record.subgroup.map { CgroupPath.join("/" + $0, inside) } ?? inside
        do throws(BusError) {
            try bus.attach(pid, to: unitName, below: path == "/" ? "" : path)
        } catch {
            throw refused("cannot move process \(pid) to", error)
        }
    }

    func processes(recursive: Bool) throws(CgroupError) -> [Int32] {
        try files.processes(recursive: recursive)
    }

    func freeze() throws(CgroupError) { try files.freeze() }
    func thaw() throws(CgroupError) { try files.thaw() }
    func isFrozen() throws(CgroupError) -> Bool { try files.isFrozen() }
    func kill(_ signal: Int32) throws(CgroupError) { try files.kill(signal) }

    func remove() throws(CgroupError) {
        // Without its last process a scope ends by itself, so a bus that is gone is no obstacle as
        // long as the directory can go.
        let failure = endFailure()
        do throws(CgroupError) { try unitFiles.remove() } catch { throw failure ?? error }
    }

    private func endFailure() -> CgroupError? {
        do throws(CgroupError) {
            try end()
            return nil
        } catch {
            return error
        }
    }

    private func end() throws(CgroupError) {
        let bus = try connect()
        do throws(BusError) {
            try bus.stop(unitName)
            try bus.resetFailed(unitName)
        } catch {
            throw refused("cannot stop", error)
        }
        hasUnit = false
    }

    func oomFacts() -> CgroupOOMFacts { files.oomFacts() }
    func stats() throws(CgroupError) -> CgroupStats { try files.stats() }
}
