internal import Cgroups
internal import Criu
import Glibc
internal import Kernel
internal import OCISpec

/// Brings one container back: makes what is the runtime's around the processes, and has CRIU make
/// the processes.
///
/// On any error everything that was made is undone before the error leaves, so that the host is as
/// it was.
final class Restorer {
    private let prepared: PreparedContainer
    private let options: RestoreOptions
    private var blueprint: Blueprint { prepared.blueprint }
    private var manager: any CgroupManager { prepared.manager }
    private let interruption: Interruption
    private var session: CriuSession?
    private var process: Pidfd?
    private var pid: Int32 = 0
    private var consoleSocket: ConsoleSocket?
    private var console: FileDescriptor?
    private var resctrl: ResctrlGroup?
    private var publication: Publication
    private var isPublished = false
    private var hasCgroup = false
    /// What the caller had before it became this process, and what has descended from that.
    private let strangers = ProcessTree.ownDescendants()
    private var hasRunHooks = false

    /// Failures that were no errors, as sentences.
    private(set) var warnings: [String] = []

    /// Prepares to restore.
    ///
    /// - Parameter interruption: what ends the restore when somebody asks for that.
    init(
        _ prepared: PreparedContainer, _ options: RestoreOptions, _ interruption: Interruption
    ) {
        self.prepared = prepared
        self.options = options
        self.interruption = interruption
        publication = Publication(prepared.blueprint, prepared.manager)
    }

    /// The container's process, once; the caller watches over it from then on.
    func takeProcess() -> ChildProcess? {
        guard let pidfd = process.take() else { return nil }
        return ChildProcess(pid: pid, pidfd: pidfd)
    }

    /// The master of the terminal of a foreground container, once.
    func takeConsole() -> FileDescriptor? { console.take() }

    /// Restores: returns when the processes run.
    ///
    /// - Parameter record: completed with the process, and written as soon as that exists.
    func restore(
        _ directories: borrowing CriuDirectories, in directory: borrowing StateDirectory,
        _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        do throws(RuntimeError) {
            try make(directories, directory, &record)
            try? directory.removeRestoreRoot()
        } catch {
            undo(error)
            try? directory.removeRestoreRoot()
            throw error
        }
    }

    private func make(
        _ directories: borrowing CriuDirectories, _ directory: borrowing StateDirectory,
        _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        let program = try CriuSession.program()
        let streams = try StandardStreams.read(at: directories.images.rawValue)
        let namespaces = try RestoredNamespaces(blueprint)
        if let path = blueprint.options.consoleSocket {
            consoleSocket = try ConsoleSocket(path: path)
        }
        try MountPoints(blueprint: blueprint).make()
        try directory.writeConfig(prepared.config)
        try createCgroup()
        let root = try directory.makeRestoreRoot()
        let hierarchy = try CriuSession.rememberOptions()
        defer {
            session?.kill()
            hierarchy.restore()
        }
        let session = try start(
            program, root: root, namespaces.descriptors, directories.log(CriuRequest.restoreLog))
        try enterGroups(session.pid)
        try session.check(options.criu, tracksMemory: false)
        let seen = try CriuDirectories.seen(by: session.pid, options.criu, blueprint)
        var request = CriuRequest.restore(options, seen)
        request.root = root
        namespaces.describe(to: &request)
        request.configFile = CriuConfiguration.path(blueprint.annotations)
        request.externalMounts = ExternalMounts.ofRestore(blueprint, manager.record).map { mount in
            // CRIU would follow links of the image on the host.
            let path = BindSource.path(mount.value, root: blueprint.rootPath)
            return RequestOptions.ExternalMount(key: mount.key, value: path)
        }
        request.cgroupRoots = manager.record.hierarchies.map { hierarchy in
            RequestOptions.CgroupRoot(controllers: hierarchy.controllers, path: hierarchy.path)
        }
        // The images are not to be trusted: no other descriptor is a stream.
        for (number, name) in streams.prefix(3).enumerated() where name.hasPrefix("pipe:") {
            request.inheritedDescriptors.append(
                RequestOptions.InheritedDescriptor(key: name, descriptor: Int32(number)))
        }
        let response = try converse(session, request, directory, &record)
        guard isPublished, response.restoredPid == pid else {
            throw RuntimeError(.system, "criu failed: it did not say which process it restored")
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
        if options.criu.cgroupsMode == .strict, !manager.isNew {
            throw RuntimeError(
                .system, "the cgroup exists already, and --manage-cgroups-mode strict refuses it",
                at: "linux/cgroupsPath")
        }
        if let wanted = blueprint.resctrl {
            let group = ResctrlGroup(wanted)
            resctrl = group
            try group.create()
        }
    }

    /// Starts CRIU in the container's cgroup, where all that it makes stays, and in a mount namespace
    /// where the root file system is a mount of its own, as it demands.
    private func start(
        _ program: String, root: String, _ descriptors: [Int32], _ log: CriuSession.Log
    ) throws(RuntimeError) -> CriuSession {
        var request = SpawnRequest(path: program, arguments: [], environment: Environment.all)
        let tree = try rootTree()
        request.mountTree = tree.rawValue
        request.mountTarget = root
        request.cloneFlags = CLONE_NEWNS
        let entrances: CgroupEntrances
        do throws(CgroupError) { entrances = try manager.openEntrances() } catch {
            throw RuntimeError(error)
        }
        request.cgroupTasks = entrances.tasks
        if entrances.cloneDirectory >= 0 {
            request.cgroup = entrances.cloneDirectory
            request.cloneFlags |= CLONE_INTO_CGROUP
        }
        let started = try CriuSession(
            request, standard: [0, 1, 2], descriptors: descriptors, log: log,
            interruption: interruption, patience: 0)
        session = started
        return started
    }

    private func rootTree() throws(RuntimeError) -> MountTree {
        do throws(Errno) {
            let tree = try MountTree.clone(blueprint.rootPath, recursive: true)
            try tree.setAttributes(
                propagation: RootPlanner.basePropagation(blueprint), recursive: true)
            return tree
        } catch {
            throw RuntimeError(
                .system, "cannot open the root file system", at: "root/path",
                label: blueprint.rootPath,
                underlying: SystemError("open_tree", blueprint.rootPath, error))
        }
    }

    private func enterGroups(_ pid: Int32) throws(RuntimeError) {
        do throws(CgroupError) { try manager.adopt(pid) } catch {
            throw RuntimeError(error)
        }
        try resctrl?.enter(pid)
    }

    // MARK: - What CRIU tells meanwhile

    private func converse(
        _ session: CriuSession, _ request: RequestOptions,
        _ directory: borrowing StateDirectory, _ record: inout ContainerRecord
    ) throws(RuntimeError) -> Response {
        try session.run(Request(.restore, request)) { (word) throws(RuntimeError) in
            switch word.script {
            case "setup-namespaces": try runHooks(word.pid)
            case "post-restore": try publish(word.pid, directory, &record)
            case "orphan-pts-master": try adoptTerminal(word.descriptor)
            default: return
            }
        }
    }

    /// The namespaces are there and still empty: the time of the hooks that set up networks.
    private func runHooks(_ pid: Int32) throws(RuntimeError) {
        try adopt(pid)
        let runner = HookRunner(blueprint, .creating, pid: pid, interruption)
        hasRunHooks = true
        try runner.run(blueprint.hooks.prestart ?? [], at: "hooks/prestart")
        try runner.run(blueprint.hooks.createRuntime ?? [], at: "hooks/createRuntime")
    }

    /// The processes are there and do not run yet.
    private func publish(
        _ pid: Int32, _ directory: borrowing StateDirectory, _ record: inout ContainerRecord
    ) throws(RuntimeError) {
        guard !isPublished else {
            throw RuntimeError(.system, "criu failed: it named the restored process twice")
        }
        try adopt(pid)
        let identity: ProcessIdentity
        do throws(Errno) { identity = try ProcessIdentity.of(pid) } catch {
            throw Self.missing(pid, "openat", error)
        }
        try publication.publish(identity, in: directory, &record)
        isPublished = true
    }

    /// Holds the first of the processes, a child of this one, from when it is first heard of.
    private func adopt(_ pid: Int32) throws(RuntimeError) {
        if process == nil {
            do throws(Errno) { process = try Pidfd.open(pid) } catch {
                throw Self.missing(pid, "pidfd_open", error)
            }
            self.pid = pid
        }
        if pid != self.pid {
            throw RuntimeError(.system, "criu failed: it named two processes as the first one")
        }
    }

    private static func missing(_ pid: Int32, _ call: String, _ error: Errno) -> RuntimeError {
        RuntimeError(
            .system, "cannot find the restored process",
            underlying: SystemError(call, "pid \(pid)", error))
    }

    /// The master of a terminal whose other end is in the container.
    private func adoptTerminal(_ descriptor: Int32) throws(RuntimeError) {
        guard descriptor >= 0 else { return }
        if let socket = consoleSocket.take() {
            return try socket.send(master: descriptor, name: "/dev/console")
        }
        do throws(Errno) {
            let number = try Syscall.call("fcntl") { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
            console = FileDescriptor(owning: number)
        } catch {
            throw RuntimeError(
                .system, "cannot keep the terminal", underlying: SystemError("fcntl", "", error))
        }
    }

    // MARK: - When it fails

    /// Whether a child of this process is what CRIU has begun to restore, which may have no cgroup.
    ///
    /// All that CRIU makes is in the mount namespace that it was started in, or in a new one. What the
    /// caller's children make meanwhile, and a subreaper gets, is in ours.
    private func isRestored(_ child: ProcessIdentity) -> Bool {
        if strangers.contains(where: { $0 == child }) { return false }
        guard let own = try? Files.readLink("/proc/self/ns/mnt"),
            let namespace = try? Files.readLink("/proc/\(child.pid)/ns/mnt")
        else { return false }
        return namespace != own
    }

    private func undo(_ error: RuntimeError) {
        session?.kill()
        if let end = process.take() {
            try? end.signal(SIGKILL)
            _ = try? end.reap()
        }
        publication.takeBack()
        ProcessTree.killOwnChildren(where: isRestored)
        if hasCgroup { try? manager.kill(SIGKILL) }
        while let _ = try? Children.reapAny() {}
        if hasCgroup { manager.undoCreate() }
        resctrl?.undo()
        warnings += HookRunner.runPoststop(
            blueprint, after: error, hasRunHooks: hasRunHooks, interruption)
    }
}
