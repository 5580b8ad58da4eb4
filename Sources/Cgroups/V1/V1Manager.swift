import Glibc
import Kernel

/// A container's cgroups in the hierarchies of version 1, and in the version 2 one beside them.
///
/// On a hybrid host the version 2 hierarchy is used for what it has: controllers that nobody
/// mounted as version 1, being born in a cgroup, and `cgroup.kill`.
final class V1Manager: CgroupManager {
    private(set) var record: CgroupRecord
    private let request: CgroupRequest
    private var made: [String] = []
    private var planned: (resources: CgroupResources, plan: CgroupPlan)?

    init(_ record: CgroupRecord, _ request: CgroupRequest) {
        self.record = record
        self.request = request
    }

    private var unified: CgroupHierarchy? { record.hierarchies.last { $0.isUnified } }

    private func hierarchy(of controller: String) -> CgroupHierarchy? {
        record.hierarchies.first { $0.has(controller) }
    }
}

// MARK: - Planning

extension V1Manager {
    func plan(for resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        // Whoever shows a plan and then makes the cgroup plans once.
        if let planned, planned.resources == resources { return planned.plan }
        let plan = try makePlan(resources)
        planned = (resources, plan)
        return plan
    }

    private func makePlan(_ resources: CgroupResources) throws(CgroupError) -> CgroupPlan {
        var list = try convert(resources)
        if !request.skipsDevices && !request.isRootless && hierarchy(of: "devices") != nil {
            try V1Devices.convert(resources.devices, into: &list)
        } else if !resources.devices.isEmpty && !request.skipsDevices && !request.isRootless {
            throw CgroupError(unavailable("devices"), property: "linux/resources/devices")
        }
        var steps: [CgroupStep] = []
        steps.reserveCapacity(record.hierarchies.count * 2 + list.writes.count + 2)
        for hierarchy in record.hierarchies {
            steps.append(.makeDirectory(hierarchy))
            if hierarchy.has("cpuset") { inherit(hierarchy, resources.cpu, into: &steps) }
        }
        if let step = enabling(for: list.writes) { steps.append(step) }
        for write in list.writes { steps.append(.write(write)) }
        for hierarchy in record.hierarchies { steps.append(.enter(hierarchy)) }
        return CgroupPlan(steps: steps, warnings: list.warnings)
    }

    // A file that a limit fills anyway only needs a parent that is filled.
    private func inherit(
        _ hierarchy: CgroupHierarchy, _ cpu: CgroupResources.CPU, into steps: inout [CgroupStep]
    ) {
        var parent = hierarchy
        parent.path = CgroupPath.parent(hierarchy.path)
        for (file, value) in [("cpuset.cpus", cpu.cpus), ("cpuset.mems", cpu.mems)] {
            let target = value?.isEmpty ?? true ? hierarchy : parent
            if target.path != "/" { steps.append(.inherit(target, file: file)) }
        }
    }

    // Converts everything but devices, and refuses what no mounted controller can do.
    private func convert(_ resources: CgroupResources) throws(CgroupError) -> CgroupWriteList {
        var list = CgroupWriteList()
        // What version 1 has is never asked of version 2, so the file is read for the rest only.
        var available: [String]?
        func isUnified(_ controller: String) -> Bool {
            guard let unified else { return false }
            if hierarchy(of: controller == "io" ? "blkio" : controller) != nil { return false }
            let names =
                available ?? CgroupFile.words(unified.mountPoint + "/cgroup.controllers") ?? []
            available = names
            return names.contains(controller)
        }
        try V1Controllers.convert(resources, isUnified: isUnified, into: &list)
        for write in list.writes {
            if !write.controller.isEmpty && hierarchy(of: write.controller) == nil {
                throw CgroupError(unavailable(write.controller), property: write.property)
            }
        }
        return list
    }

    private func unavailable(_ controller: String) -> String {
        var names: [String] = []
        for hierarchy in record.hierarchies where !hierarchy.isUnified {
            names += hierarchy.controllers.split(separator: ",").map(String.init)
        }
        if let unified {
            names += CgroupFile.words(unified.mountPoint + "/cgroup.controllers") ?? []
        }
        return V2Controllers.unavailable(controller, names)
    }

    private func enabling(for writes: [CgroupWrite]) -> CgroupStep? {
        let needed = V2Controllers.needed(by: writes)
        guard let unified, !needed.isEmpty else { return nil }
        return .enableControllers(unified, needed)
    }
}

// MARK: - Making and limiting

extension V1Manager {
    func create(_ resources: CgroupResources) throws(CgroupError) -> [String] {
        let plan = try plan(for: resources)
        var runner = StepRunner(record.hierarchies, allowsProcesses: request.driver == .systemd)
        do throws(CgroupError) {
            for step in plan.steps { try run(step, &runner) }
            try runner.finish()
        } catch {
            made = runner.made
            undoCreate()
            throw error
        }
        made = runner.made
        return plan.warnings
    }

    private func run(_ step: CgroupStep, _ runner: inout StepRunner) throws(CgroupError) {
        switch step {
        case .makeDirectory(let hierarchy):
            try makeDirectory(hierarchy, &runner)
        case .inherit(let hierarchy, let file):
            if self.hierarchy(of: "cpuset") != nil {
                try runner.inherit(hierarchy, file: file)
            }
        case .enableControllers(let hierarchy, let controllers):
            runner.enableControllers(hierarchy, controllers)
        case .write(let write):
            if write.controller.isEmpty ? unified == nil : hierarchy(of: write.controller) == nil {
                throw CgroupError(
                    "limits need rights to the cgroup hierarchy", property: write.property)
            }
            try runner.write(write)
        case .attachDeviceFilter, .enter:
            break  // Version 1 has no filter, and nobody is there to enter yet.
        }
    }

    private func makeDirectory(
        _ hierarchy: CgroupHierarchy, _ runner: inout StepRunner
    ) throws(CgroupError) {
        do throws(CgroupError) {
            try runner.makeDirectory(hierarchy)
        } catch  where request.leavesOut(error) {
            record.hierarchies.removeAll { $0 == hierarchy }
            return
        }
        // A new cgroup is frozen only when one above it is.
        let isTop = CgroupPath.depth(hierarchy.path) == 1 && runner.made.last == hierarchy.directory
        if !isTop, hierarchy.has("freezer"), try V1Freezer.state(hierarchy) != .thawed {
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
        var limits = resources
        limits.devices = []
        let list = try convert(limits)
        if limits.memory.checkBeforeUpdate == true, let memory = hierarchy(of: "memory") {
            try MemoryRules.checkUsage(limits.memory, memory.directory + "/memory.usage_in_bytes")
        }
        var runner = StepRunner(record.hierarchies)
        if case .enableControllers(let hierarchy, let names)? = enabling(for: list.writes) {
            runner.enableControllers(hierarchy, names)
        }
        try runner.writeAll(list.writes)
        return list.warnings
    }
}

// MARK: - Processes

extension V1Manager {
    /// The hierarchy that is asked for processes: the one that can stop them, so that what was
    /// stopped is what is counted.
    private var primary: CgroupHierarchy? {
        hierarchy(of: "freezer") ?? record.hierarchies.first
    }

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
        guard let primary else { return [] }
        do throws(SystemError) {
            return try CgroupDirectory.processes(primary.directory, recursive: recursive)
        } catch {
            throw CgroupError("cannot list the container's processes", cause: error)
        }
    }

    func freeze() throws(CgroupError) {
        try V1Freezer.freeze(try freezer())
    }

    func thaw() throws(CgroupError) {
        try V1Freezer.thaw(try freezer())
    }

    func isFrozen() throws(CgroupError) -> Bool {
        guard let freezer = hierarchy(of: "freezer") else { return false }
        return try V1Freezer.state(freezer) != .thawed
    }

    private func freezer() throws(CgroupError) -> CgroupHierarchy {
        guard let freezer = hierarchy(of: "freezer") else {
            throw CgroupError(unavailable("freezer"))
        }
        return freezer
    }

    func kill(_ signal: Int32) throws(CgroupError) {
        guard let primary else { throw CgroupError("the container has no cgroup") }
        let freezer = hierarchy(of: "freezer")
        do throws(SystemError) {
            let pids = try CgroupDirectory.processes(primary.directory, recursive: true)
            if pids.isEmpty { return }
            let wasFrozen = (try? isFrozen()) ?? false
            // What is killed as a whole cannot fork any more, so nothing has to be stopped. Without
            // that, or a freezer, or when somebody resists it, the list is read until it is stable.
            var isStopped = wasFrozen
            if signal == SIGKILL, let unified, try CgroupSignal.killAll(unified.directory) {
                isStopped = true
            } else if !wasFrozen, let freezer {
                isStopped = (try? V1Freezer.freeze(freezer)) != nil
            }
            defer {
                // A stopped process dies only once it runs again.
                let mustRun = wasFrozen ? signal == SIGKILL : isStopped
                if let freezer, mustRun { try? V1Freezer.thaw(freezer) }
            }
            try CgroupSignal.send(signal, to: primary.directory, isFrozen: isStopped)
        } catch {
            throw CgroupError("cannot signal the container's processes", cause: error)
        }
    }

    func remove() throws(CgroupError) {
        let deadline = Deadline.after(milliseconds: Departure.patience)
        for hierarchy in record.hierarchies {
            do throws(SystemError) {
                try CgroupDirectory.remove(hierarchy.directory) { directory in
                    Departure.wait(hierarchy, directory, until: deadline)
                }
            } catch {
                throw CgroupError("cannot remove cgroup", cause: error)
            }
        }
        made = []
    }
}

// MARK: - Figures

extension V1Manager {
    func oomFacts() -> CgroupOOMFacts {
        guard let memory = hierarchy(of: "memory") else { return CgroupOOMFacts() }
        return V1Stats.oomFacts(memory.directory)
    }

    func stats() throws(CgroupError) -> CgroupStats {
        var stats = CgroupStats()
        for hierarchy in record.hierarchies where !hierarchy.isUnified {
            V1Stats.read(hierarchy, into: &stats)
        }
        if let unified {
            V2Stats.readHybrid(unified.directory, into: &stats)
        }
        return stats
    }
}
