internal import CInit
internal import CKernel
package import Cgroups
import Glibc
package import Kernel
internal import OCISpec

/// Executes a plan: the parent's steps itself, the others through the init stage.
///
/// Walks the plan once, from top to bottom. On any error everything that was made is undone before
/// the error leaves (`undo`), so that the host is as it was.
package final class Launcher {
    private let blueprint: Blueprint
    private var plan: Plan
    private let manager: any CgroupManager
    private let slots: DescriptorTable
    private let runner: HostStepRunner
    private var session: InitSession?
    private var initProcess: InitProcess?
    private let config: [UInt8]?
    /// The first process that was cloned, until it is the container's or was reaped.
    private var firstStage: Pidfd?
    private var process: Pidfd?
    private var pid: Int32 = 0
    private var hasCgroup = false
    private var publication: Publication
    /// The container's first process, when the new one joins it (`exec`), and the cgroups below
    /// the container's that were asked for.
    private var joined: (pid: Int32, below: [CgroupSubpath])?
    /// Where the program of a `run` tells that it is ready.
    private var notify: NotifySocket?
    private var resctrl: ResctrlGroup?
    private var netDevices: NetDeviceMover?
    /// The processors of this process, while a new one is to start on others.
    private var ownAffinity: CPUAffinity?
    /// What ends the launch when somebody asks for that.
    var interruption: Interruption?
    /// Receivers of descriptors, connected before anything is made.
    private var consoleSocket: ConsoleSocket?
    private var pidfdSocket: PidfdSocket?
    /// Whether hooks may have made something that poststop hooks take back.
    private var hasRunHooks = false

    /// Prepares to execute a plan.
    ///
    /// - Parameter config: the configuration to keep in the state directory, for a new container.
    package init(
        _ blueprint: Blueprint, _ plan: Plan, _ manager: any CgroupManager, config: [UInt8]? = nil
    ) {
        self.blueprint = blueprint
        self.plan = plan
        self.manager = manager
        self.config = config
        publication = Publication(blueprint, manager)
        slots = DescriptorTable(count: plan.slotCount)
        runner = HostStepRunner(slots: slots)
    }

    /// Connects to the sockets that options name: a wrong path then costs nothing.
    ///
    /// - Throws: `system`.
    func connectSockets() throws(RuntimeError) {
        if let path = blueprint.options.consoleSocket {
            consoleSocket = try ConsoleSocket(path: path)
        }
        if let path = blueprint.options.pidfdSocket { pidfdSocket = try PidfdSocket(path: path) }
    }

    /// The process joins an existing container.
    ///
    /// - Parameters:
    ///   - neighbour: the container's first process, whose cgroup is entered when the container's
    ///     own takes none.
    ///   - cgroups: cgroups below the container's; one that is asked for is the only one that will
    ///     do.
    func joins(_ neighbour: Int32, below cgroups: [CgroupSubpath]) {
        joined = (neighbour, cgroups)
    }

    /// Failures that were no errors, as sentences.
    package private(set) var warnings: [String] = []

    /// Remarks for whoever looks for a mistake.
    package private(set) var notes: [String] = []

    private var hostTimings: [(op: String, nanoseconds: UInt64)] = []

    /// How long each step took, in nanoseconds, when the plan is traced: those of the parent with
    /// its waits for the init stage, then those of the init stage.
    package var timings: [(op: String, nanoseconds: UInt64)] {
        let operations = plan.operations
        return hostTimings
            + (session?.timings ?? []).map { timing in
                let name = timing.op < operations.count ? operations[timing.op].op.description : "?"
                return ("init " + name, timing.nanoseconds)
            }
    }

    private func noteTime(_ name: @autoclosure () -> String, since start: MonotonicTime?) {
        guard let start else { return }
        hostTimings.append((name(), start.nanosecondsUntilNow))
    }

    /// The container's process, once; the caller watches over it from then on.
    package func takeProcess() -> ChildProcess? {
        guard let pidfd = process.take() else { return nil }
        return ChildProcess(pid: pid, pidfd: pidfd)
    }

    /// The socket where the program of a `run` tells that it is ready, once, if there is one.
    func takeNotify() -> NotifySocket? { notify.take() }

    /// The master of the terminal of a foreground container, once.
    package func takeConsole() -> FileDescriptor? { session?.takeConsole() }

    /// Makes the container: returns when it is created (`create`) or runs its program (`run`).
    ///
    /// - Parameter record: completed with the process; written at the plan's `publish` step.
    /// - Throws: what failed, with the place in the configuration; nothing is left then.
    package func launch(
        in directory: borrowing StateDirectory, _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        do throws(RuntimeError) {
            try walk(directory, &record)
        } catch {
            undo(error)
            throw error
        }
    }

    // MARK: - Walking the plan

    private func walk(
        _ directory: borrowing StateDirectory, _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        for step in plan.steps {
            switch step.actor {
            case .host(let host):
                let start = plan.isTraced ? MonotonicTime.now : nil
                try execute(host, step, directory, &record)
                noteTime("host " + host.description, since: start)
            case .initStage(let op, _):
                let start = plan.isTraced ? MonotonicTime.now : nil
                if session?.phase == .waiting {
                    try letGo(directory)
                    noteTime("host let go", since: start)
                }
                switch op {
                case .sync(let reason):
                    try wait(for: reason)
                    noteTime("host wait for \(reason)", since: start)
                case .waitStart:
                    try waitCreated()
                    return
                case .exec:
                    try waitExecuted()
                    noteTime("host wait for exec", since: start)
                case .done: try waitDone()
                case .hook: hasRunHooks = true
                default: break
                }
            }
        }
    }

    private func execute(
        _ host: HostStep, _ step: Plan.Step, _ directory: borrowing StateDirectory,
        _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        switch host {
        case .cgroup: try createCgroup()
        case .openNamespace(let slot, let path, let type):
            try runner.openNamespace(slot, path, type, step)
        case .refuseOwn(let type, let path, let hostname):
            try runner.refuseOwn(type, path, unlessNamed: hostname, step)
        case .openProcess(let slot, let target): try runner.openProcess(slot, target, step)
        case .openRoot(let slot, let target): try runner.openRoot(slot, target, step)
        case .openTree(let tree): try runner.openTree(tree, step)
        case .makeFifo(let slot):
            let fifo = try directory.makeFifo(
                uid: IDMappingRules.hostID(0, blueprint.uidMappings) ?? blueprint.facts.euid,
                gid: IDMappingRules.hostID(0, blueprint.gidMappings) ?? blueprint.facts.egid)
            slots.put(fifo, at: slot)
        case .makeNotifyDirectory:
            try NotifySocket.makeDirectory(in: directory)
            listen(directory)
        case .openHookOutput(let slot, let path):
            slots.put(try HookOutputs.open(path, at: step.origin), at: slot)
        case .spawnAffinity(let list):
            ownAffinity = try? CPUAffinity.of(0)
            try runner.setAffinity(list, pid: 0, step)
        case .spawn(let flags): try spawn(flags)
        case .affinity(let list): try runner.setAffinity(list, pid: pid, step)
        case .oomScoreAdj(let score): try runner.writeOOMScore(score, pid: pid, step)
        case .idMappings(let uid, let gid):
            try mapIDs(uid, gid)
        case .compareMappings(let uid, let gid):
            try JoinedMappings.compare(uid: uid, gid: gid, pid: pid)
        case .timeOffsets(let offsets): try runner.writeTimeOffsets(offsets, pid: pid, step)
        case .moveDevices(let devices):
            let mover = try NetDeviceMover(pid: pid)
            netDevices = mover
            try mover.move(devices)
        case .makeResctrl(let blueprint):
            let group = ResctrlGroup(blueprint)
            resctrl = group
            try group.create()
        case .enterResctrl(let blueprint):
            try (resctrl ?? ResctrlGroup(blueprint)).enter(pid)
        case .runHooks(let kind, let hooks):
            hasRunHooks = true
            let status: ContainerStatus = kind == .poststart ? .running : .creating
            try HookRunner(blueprint, status, pid: pid, interruption)
                .run(hooks, at: step.origin)
        case .rlimit(let limit): try runner.setLimit(limit, pid: pid, step)
        case .scheduler(let scheduler): try runner.setScheduler(scheduler, pid: pid, step)
        case .ioPriority(let priority): try runner.setIOPriority(priority, pid: pid, step)
        case .compileFilter(let profile): try compileFilter(profile, directory)
        case .sendListener: try sendListener()
        case .handOverCgroup: try handOverCgroup()
        case .publish: try publish(directory, &record)
        case .pidFile(let path): try publication.writePidFile(path, pid)
        case .sendConsole(let path): try sendConsole(path)
        case .sendPidfd(let path): try sendPidfd(path, step.origin)
        }
    }

    /// A `run` hears the program from its start.
    ///
    /// Whoever left a variable of another time in the environment can still run a program, as with
    /// the peers.
    private func listen(_ directory: borrowing StateDirectory) {
        guard blueprint.options.mode == .run, let address = blueprint.options.notifyAddress else {
            return
        }
        do throws(RuntimeError) {
            notify = try NotifySocket(in: directory, address: address)
        } catch {
            warnings.append(error.description)
        }
    }

    private func mapIDs(_ uid: [IDMapping], _ gid: [IDMapping]) throws(RuntimeError) {
        var mapper = IDMapper(
            uidMappings: uid, gidMappings: gid, euid: blueprint.facts.euid,
            egid: blueprint.facts.egid,
            searchPath: Environment.value("PATH") ?? ProcessBlueprint.defaultSearchPath)
        mapper.interruption = interruption?.rawValue ?? -1
        let procfs: ProcFS
        do throws(SystemError) { procfs = try ProcFS.open() } catch {
            throw RuntimeError(.system, "cannot reach procfs", underlying: error)
        }
        do throws(RuntimeError) { try mapper.write(for: pid, procfs) } catch {
            // A program that ended because somebody asked for the end is not what failed.
            if let interruption, interruption.isPending { throw interruption.error() }
            throw error
        }
    }

    private func createCgroup() throws(RuntimeError) {
        do throws(CgroupError) {
            // Its remarks are the plan's, which were made before.
            try manager.create(blueprint.resources)
            hasCgroup = true
        } catch {
            throw RuntimeError(error)
        }
    }

    private func handOverCgroup() throws(RuntimeError) {
        do throws(CgroupError) { try manager.handOver(to: pid) } catch {
            throw RuntimeError(error)
        }
    }

    private func publish(
        _ directory: borrowing StateDirectory, _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        let process: ProcessIdentity
        do throws(Errno) { process = try ProcessIdentity.of(pid) } catch { throw died() }
        try publication.publish(process, in: directory, &record)
    }

    private func sendConsole(_ path: String) throws(RuntimeError) {
        while true {
            switch try nextEvent() {
            case .descriptor:
                guard let master = session?.takeConsole() else { continue }
                let socket: ConsoleSocket
                if let connected = consoleSocket.take() {
                    socket = connected
                } else {
                    socket = try ConsoleSocket(path: path)
                }
                return try socket.send(master: master.rawValue, name: "/dev/console")
            case .failed(let message): throw InitFailure.error(message, in: plan)
            case .reached: throw protocolError()
            case .ended: throw died()
            }
        }
    }

    private func compileFilter(
        _ profile: SeccompProfile, _ directory: borrowing StateDirectory
    ) throws(RuntimeError) {
        var loader = SeccompLoader(SeccompCache(beside: directory.path))
        let (filter, flags) = try loader.prepare(profile)
        plan.fill(filter, flags)
        notes += loader.notes
    }

    private func sendListener() throws(RuntimeError) {
        while true {
            switch try nextEvent() {
            case .descriptor:
                guard let listener = session?.takeListener() else { continue }
                return try SeccompListener.send(
                    listener, blueprint, pid: pid, status: joined == nil ? .creating : .running,
                    initPid: joined?.pid)
            case .failed(let message): throw InitFailure.error(message, in: plan)
            case .reached: throw protocolError()
            case .ended: throw died()
            }
        }
    }

    private func sendPidfd(_ path: String, _ origin: String) throws(RuntimeError) {
        guard let raw = process?.rawValue ?? firstStage?.rawValue else { return }
        let socket: PidfdSocket
        if path == blueprint.options.pidfdSocket, let connected = pidfdSocket.take() {
            socket = connected
        } else {
            socket = try PidfdSocket(path: path, for: origin)
        }
        try socket.send(pidfd: raw, joined == nil ? .initial : .joining)
    }

    // MARK: - The init stage

    private func spawn(_ flags: UInt64) throws(RuntimeError) {
        defer { try? ownAffinity.take()?.apply(to: 0) }
        let entrances: CgroupEntrances
        do throws(CgroupError) {
            let below = joined?.below ?? []
            entrances = try manager.openEntrances(
                below: below, neighbour: below.isEmpty ? joined?.pid : nil)
        } catch {
            throw RuntimeError(error)
        }
        let started = try InitProcess.spawn(
            plan, slots, cloneFlags: flags, entrances: entrances,
            interruption: interruption?.rawValue ?? -1)
        pid = started.pid
        session = started.session
        firstStage = started.takePidfd()
        initProcess = started
        do throws(CgroupError) { try manager.adopt(pid) } catch {
            throw RuntimeError(error)
        }
        resetAffinity()
    }

    /// Lets the process use all processors of its cgroup, however the caller is bound.
    ///
    /// Entering the cgroup does that no longer: since Linux 6.2 the kernel remembers what a service
    /// manager asked for. Of an `exec` the configuration may say otherwise.
    private func resetAffinity() {
        if joined != nil, blueprint.process.finalAffinity != nil { return }
        do throws(Errno) { try CPUAffinity.all.apply(to: pid) } catch {
            notes.append("the program inherits the caller's processors: \(error)")
        }
    }

    private func letGo(_ directory: borrowing StateDirectory) throws(RuntimeError) {
        do throws(Errno) {
            try session?.go()
        } catch {
            throw try failureOrDeath()
        }
        // Both run at once from here on: what the init stage need not wait for is done now.
        guard let started = initProcess else { return }
        initProcess = nil
        started.closeExecutable()
        if let config { try directory.writeConfig(config) }
    }

    /// Init died while the parent was busy; it may have said why.
    private func failureOrDeath() throws(RuntimeError) -> RuntimeError {
        if case .failed(let message)? = try? session?.next() {
            return InitFailure.error(message, in: plan)
        }
        return died()
    }

    private func nextEvent() throws(RuntimeError) -> InitSession.Event {
        guard let session else { throw protocolError() }
        do throws(Errno) {
            let event = try session.next()
            try adoptSecondStage()
            return event
        } catch {
            if error == .interrupted, let interruption { throw interruption.error() }
            throw RuntimeError(
                .system, "the init stage does not follow the protocol",
                underlying: SystemError("recvmsg", "", error))
        }
    }

    private func adoptSecondStage() throws(Errno) {
        guard process == nil, let session, let forked = session.forkedPid else { return }
        process = session.takeForkedPidfd()
        pid = forked
        if let first = firstStage.take() { _ = try first.reap() }
    }

    private func wait(for reason: PlanOp.Reason) throws(RuntimeError) {
        while true {
            switch try nextEvent() {
            case .reached(let value):
                guard value == reason.wireValue.rawValue else { throw protocolError() }
                return
            case .descriptor: session?.sizeConsole(like: STDIN_FILENO)
            case .failed(let message): throw InitFailure.error(message, in: plan)
            case .ended: throw died()
            }
        }
    }

    /// `create` ends here: the init stage closed the session and waits for `start`.
    private func waitCreated() throws(RuntimeError) {
        try waitEnd()
        if (try? process?.hasExited()) ?? true { throw died() }
    }

    /// exec closed the session; the program may be gone already.
    private func waitExecuted() throws(RuntimeError) {
        try waitEnd()
        // What a filter was loaded into before says nothing more than it must.
        if let session, !session.isExecuting, !plan.loadsFilterEarly { throw died() }
    }

    /// The init stage has done everything and ended; there is no process any more.
    private func waitDone() throws(RuntimeError) {
        try waitEnd()
        guard let end = process.take() else { throw protocolError() }
        let status = try? end.reap()
        if status != .exited(0) { throw InitDeath.error(ofJoining: status) }
    }

    private func waitEnd() throws(RuntimeError) {
        while true {
            switch try nextEvent() {
            case .ended:
                if process == nil { process = firstStage.take() }
                return noteWarnings()
            case .failed(let message): throw InitFailure.error(message, in: plan)
            case .descriptor: continue
            case .reached: throw protocolError()
            }
        }
    }

    private func noteWarnings() {
        for message in session?.warnings ?? [] {
            warnings.append(InitFailure.warning(message, in: plan))
        }
    }

    private func protocolError() -> RuntimeError {
        RuntimeError(.system, "the init stage does not follow the protocol")
    }

    // MARK: - When it fails

    /// The init stage ended without a word: says by which signal, and what the cgroup knows of it.
    private func died() -> RuntimeError {
        let end = process.take() ?? firstStage.take()
        var status: WaitStatus?
        if let end {
            try? end.signal(SIGKILL)
            status = try? end.reap()
        }
        if joined != nil { return InitDeath.error(ofJoining: status) }
        return InitDeath.error(status, hasCgroup ? manager.oomFacts() : nil)
    }

    /// Takes back everything: processes, then the cgroup.
    ///
    /// The state directory is the caller's.
    private func undo(_ error: RuntimeError) {
        // The container's network namespace is still there.
        netDevices?.restore()
        if let end = process.take() { kill(end) }
        if let end = firstStage.take() { kill(end) }
        session = nil
        publication.takeBack()
        resctrl?.undo()
        if hasCgroup {
            try? manager.kill(SIGKILL)
            manager.undoCreate()
        }
        warnings += HookRunner.runPoststop(
            blueprint, after: error, hasRunHooks: hasRunHooks, interruption)
    }

    /// Kills a process and reaps it.
    ///
    /// One that joins a container which is paused on cgroup v1 dies only after the thaw; it is left
    /// to whoever adopts it.
    private func kill(_ process: consuming Pidfd) {
        try? process.signal(SIGKILL)
        let patience: Int64 = joined == nil ? 10_000 : 100
        if (try? process.waitExited(until: .after(milliseconds: patience))) == true {
            _ = try? process.reap()
        }
    }
}
