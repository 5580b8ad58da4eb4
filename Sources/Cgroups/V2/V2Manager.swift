import Glibc
import Kernel

/// A container's cgroup in the one hierarchy of version 2.
final class V2Manager: CgroupManager {
    private(set) var record: CgroupRecord
    private let request: CgroupRequest
    private var made: [String] = []
    private var planned: (resources: CgroupResources, plan: CgroupPlan)?

    init(_ record: CgroupRecord, _ request: CgroupRequest) {
        self.record = record
        self.request = request
    }

    private var hierarchy: CgroupHierarchy? { record.hierarchies.first }
}

// MARK: - Planning

extension V2Manager {
    func plan(for resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        // Whoever shows a plan and then makes the cgroup plans once.
        if let planned, planned.resources == resources { return planned.plan }
        let plan = try makePlan(resources)
        planned = (resources, plan)
        return plan
    }

    private func makePlan(_ resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        guard let hierarchy else { throw noCgroup() }
        var list = CgroupWriteList()
        try V2Controllers.convert(resources, into: &list)
        let needed = V2Controllers.needed(by: list.writes)
        let available = CgroupFile.words(hierarchy.mountPoint + "/cgroup.controllers")
        if let available { try V2Controllers.check(list.writes, available: available) }
        var steps: [CgroupStep] = [.makeDirectory(hierarchy)]
        // All of them, also without a limit: what is not enabled now cannot be counted later.
        let controllers = available ?? needed
        if !controllers.isEmpty { steps.append(.enableControllers(hierarchy, controllers)) }
        for write in list.writes { steps.append(.write(write)) }
        if !request.skipsDevices && !request.isRootless {
            let program = DeviceProgram(DeviceRules.effective(resources.devices))
            steps.append(.attachDeviceFilter(hierarchy, program))
        }
        steps.append(.enter(hierarchy))
        return CgroupPlan(steps: steps, warnings: list.warnings)
    }

    private func noCgroup() -> CgroupError {
        CgroupError("the container has no cgroup", property: "linux/cgroupsPath")
    }
}

// MARK: - Making and limiting

extension V2Manager {
    func create(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        let plan = try plan(for: resources)
        var runner = StepRunner(record.hierarchies, allowsProcesses: request.driver == .systemd)
        do throws(CgroupError) {
            for step in plan.steps { try run(step, plan, &runner) }
            try runner.finish()
            if let owner = request.owner, let hierarchy {
                try V2Delegation.give(hierarchy.directory, to: owner)
            }
        } catch {
            made = runner.made
            undoCreate()
            throw error
        }
        made = runner.made
        return plan.warnings
    }

    private func run(
        _ step: CgroupStep, _ plan: CgroupPlan, _ runner: inout StepRunner
    ) throws(CgroupError) {
        if record.hierarchies.isEmpty {
            guard case .write(let write) = step else { return }
            throw CgroupError(
                "limits need rights to the cgroup hierarchy", property: write.property)
        }
        switch step {
        case .makeDirectory(let hierarchy):
            try makeDirectory(hierarchy, &runner)
        case .enableControllers(let hierarchy, let controllers):
            runner.enableControllers(hierarchy, controllers)
            try V2Type.settle(hierarchy, needed: V2Controllers.needed(by: plan.writes))
        case .write(let write):
            try runner.write(write)
        case .attachDeviceFilter(let hierarchy, let program):
            try DeviceFilter.apply(
                program, to: hierarchy.directory, besideOthers: request.driver == .systemd)
        case .inherit, .enter:
            break  // The kernel inherits by itself, and nobody is there to enter yet.
        }
    }

    private func makeDirectory(
        _ hierarchy: CgroupHierarchy, _ runner: inout StepRunner
    ) throws(CgroupError) {
        do throws(CgroupError) {
            try runner.makeDirectory(hierarchy)
        } catch  where request.leavesOut(error) {
            record.hierarchies = []
            return
        }
        // A new cgroup is frozen only when one above it is.
        let isTop = CgroupPath.depth(hierarchy.path) == 1 && runner.made.last == hierarchy.directory
        if !isTop, V2Freezer.hasStopped(hierarchy.directory) {
            throw CgroupError(
                "container's cgroup unexpectedly frozen", property: "linux/cgroupsPath")
        }
    }

    var isNew: Bool { record.hierarchies.allSatisfy { made.contains($0.directory) } }

    func undoCreate() {
        let deadline = Deadline.after(milliseconds: Departure.patience)
        CgroupDirectory.undo(made, record.hierarchies) { hierarchy, directory in
            Departure.wait(hierarchy, directory, until: deadline)
        }
        made = []
    }

    func set(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        guard let hierarchy else { throw noCgroup() }
        var limits = resources
        limits.devices = []
        V2Current.complete(&limits, hierarchy.directory)
        var list = CgroupWriteList()
        try V2Controllers.convert(limits, into: &list)
        if limits.memory.checkBeforeUpdate == true {
            try MemoryRules.checkUsage(limits.memory, hierarchy.directory + "/memory.current")
        }
        var runner = StepRunner(record.hierarchies)
        try runner.writeAll(list.writes)
        return list.warnings
    }
}

// MARK: - Processes

extension V2Manager {
    func openEntrances(
        below: [CgroupSubpath], neighbour: Int32?
    ) throws(CgroupError) -> CgroupEntrances {
        let places = CgroupMembership.places(
            record.hierarchies, neighbour: below.isEmpty ? neighbour : nil)
        return try CgroupMembership.openEntrances(places, below: below)
    }

    func attach(_ pid: Int32, below: [CgroupSubpath]) throws(CgroupError) {
        try CgroupMembership.attach(pid, record.hierarchies, below: below)
    }

    func processes(recursive: Bool) throws(CgroupError) -> [Int32] {
        guard let hierarchy else { return [] }
        do throws(SystemError) {
            return try CgroupDirectory.processes(hierarchy.directory, recursive: recursive)
        } catch {
            throw CgroupError("cannot list the container's processes", cause: error)
        }
    }

    func freeze() throws(CgroupError) {
        guard let hierarchy else { throw noCgroup() }
        try V2Freezer.freeze(hierarchy.directory)
    }

    func thaw() throws(CgroupError) {
        guard let hierarchy else { throw noCgroup() }
        try V2Freezer.thaw(hierarchy.directory)
    }

    func isFrozen() throws(CgroupError) -> Bool {
        guard let hierarchy else { return false }
        return try V2Freezer.isFrozen(hierarchy.directory)
    }

    func kill(_ signal: Int32) throws(CgroupError) {
        guard let directory = hierarchy?.directory else { throw noCgroup() }
        do throws(SystemError) {
            // The version 2 freezer lets go of what is killed, so nothing has to be thawed here.
            if signal == SIGKILL, try CgroupSignal.killAll(directory) { return }
            if try CgroupDirectory.processes(directory, recursive: true).isEmpty { return }
            let wasFrozen = (try? V2Freezer.isFrozen(directory)) ?? false
            let isStopped = wasFrozen || (try? V2Freezer.freeze(directory)) != nil
            defer { if !wasFrozen { try? V2Freezer.thaw(directory) } }
            try CgroupSignal.send(signal, to: directory, isFrozen: isStopped)
        } catch {
            throw CgroupError("cannot signal the container's processes", cause: error)
        }
    }

    func remove() throws(CgroupError) {
        guard let hierarchy else { return }
        let deadline = Deadline.after(milliseconds: Departure.patience)
        do throws(SystemError) {
            try CgroupDirectory.remove(hierarchy.directory) { directory in
                Departure.wait(hierarchy, directory, until: deadline)
            }
        } catch {
            throw CgroupError("cannot remove cgroup", cause: error)
        }
        made = []
    }
}

// MARK: - Figures

extension V2Manager {
    func oomFacts() -> CgroupOOMFacts {
        guard let hierarchy else { return CgroupOOMFacts() }
        return V2Stats.oomFacts(hierarchy.directory)
    }

    func stats() throws(CgroupError) -> CgroupStats {
        guard let hierarchy else { throw noCgroup() }
        return V2Stats.read(hierarchy.directory)
    }
}

extension CgroupPlan {
    /// The values among the steps.
    var writes: [CgroupWrite] {
        steps.compactMap { step in
            if case .write(let write) = step { return write }
            return nil
        }
    }
}
