internal import Cgroups
internal import Criu
import Glibc
internal import Kernel
internal import OCISpec

extension ContainerHost {
    /// Writes the processes of a container to disk, by means of CRIU, and removes the container
    /// unless it is to run on.
    ///
    /// When it fails the container runs on as before, unless CRIU has to be killed while it holds
    /// network traffic back: that stays held back then.
    ///
    /// - Returns: failures that are no errors, of the removal.
    /// - Throws: `wrongState` for a container that neither runs nor is paused; CRIU's own words;
    ///   `interrupted`.
    package func checkpoint(
        _ id: String, _ options: CheckpointOptions
    ) throws(RuntimeError) -> [String] {
        let directory = try store.open(ContainerID(id), .exclusive)
        let container = try StoredContainer(directory, id)
        let status = container.status(in: directory)
        guard status == .running || status == .paused else {
            throw RuntimeError(
                .wrongState, "container cannot be checkpointed in \(status.rawValue) state")
        }
        let manager = try container.manager()
        let target = try CheckpointTarget(
            container.record, try decodeConfig(try directory.readConfig()))
        try options.check()
        let process = try container.open()
        // One that comes too late to stop it is forgotten: the images are whole.
        let interruption = try Interruption()
        defer { interruption.end(dropsPending: true) }
        // CRIU stops the processes by the same means, and waits for ever for those of version 2 that
        // are stopped already: they run for the moment until it does.
        if status == .paused { try thaw(manager) }
        do throws(RuntimeError) {
            try dump(target, options, interruption)
        } catch {
            // CRIU lets the processes go on when it fails, but not when it is killed meanwhile.
            try? status == .paused ? manager.freeze() : manager.thaw()
            throw error
        }
        if options.leavesRunning || options.isPreDump {
            if status == .paused { try freeze(manager) }
            return []
        }
        // Killed by CRIU; its parent may take its time to reap it.
        do throws(Errno) { _ = try process.waitExited() } catch {
            throw RuntimeError(
                .system, "cannot wait for the container", underlying: SystemError("poll", "", error)
            )
        }
        // The images are whole and the processes are gone: what is left behind is no failure.
        do throws(RuntimeError) {
            return try remove(directory, container.record, manager)
        } catch {
            return [error.description]
        }
    }

    private func thaw(_ manager: any CgroupManager) throws(RuntimeError) {
        do throws(CgroupError) { try manager.thaw() } catch { throw RuntimeError(error) }
    }

    private func freeze(_ manager: any CgroupManager) throws(RuntimeError) {
        do throws(CgroupError) { try manager.freeze() } catch { throw RuntimeError(error) }
    }

    private func dump(
        _ target: CheckpointTarget, _ options: CheckpointOptions, _ interruption: Interruption
    ) throws(RuntimeError) {
        let program = try CriuSession.program()
        let directories = try CriuDirectories.forCheckpoint(options.criu)
        do throws(RuntimeError) {
            // Relative to the images, whose directory may be new.
            if let parent = options.parentPath,
                !Files.exists(at: directories.images.rawValue, parent)
            {
                throw RuntimeError(
                    .invalidRequest, "no such directory below --image-path: \(parent)",
                    at: "--parent-path")
            }
            try dump(target, options, program, directories, interruption)
        } catch {
            directories.removeEmpty()
            throw error
        }
    }

    private func dump(
        _ target: CheckpointTarget, _ options: CheckpointOptions, _ program: String,
        _ directories: borrowing CriuDirectories, _ interruption: Interruption
    ) throws(RuntimeError) {
        let null = try CriuSession.nullDevice()
        var start = SpawnRequest(path: program, arguments: [], environment: Environment.all)
        // A signal of the terminal must not kill it before it has taken back what it did.
        start.newSession = true
        let hierarchy = try CriuSession.rememberOptions()
        defer { hierarchy.restore() }
        let session = try CriuSession(
            start, standard: [null.rawValue, null.rawValue, null.rawValue],
            log: directories.log(CriuRequest.dumpLog), interruption: interruption,
            patience: Self.patience)
        defer { session.kill() }
        try session.check(
            options.criu, tracksMemory: options.isPreDump || options.parentPath != nil)
        var request = CriuRequest.checkpoint(options, directories)
        target.describe(to: &request, options)
        if !options.isPreDump {
            try StandardStreams.write(target.streams, at: directories.images.rawValue)
        }
        let kind: RequestKind = options.isPreDump ? .preDump : .dump
        _ = try session.run(Request(kind, request)) { (word) throws(RuntimeError) in
            // Only a transfer of memory has somebody who waits for this.
            if word.script == "status-ready", let descriptor = options.statusDescriptor {
                try tellReady(descriptor)
            }
        }
    }

    /// Milliseconds that CRIU has to let the processes go on after a wish for its end: killed, it
    /// leaves the network locked.
    private static var patience: Int64 { 5000 }

    /// One zero byte, as the callers of the peers expect it; they wait for the end as well.
    private func tellReady(_ descriptor: Int32) throws(RuntimeError) {
        var zero: UInt8 = 0
        // Nobody may listen any more; that must end in an error which takes everything back.
        _ = signal(SIGPIPE, SIG_IGN)
        do throws(Errno) {
            try Syscall.call("write") { write(descriptor, &zero, 1) }
            close(descriptor)
        } catch {
            throw RuntimeError(
                .system, "cannot tell that pages can be fetched", at: "--status-fd",
                underlying: SystemError("write", "\(descriptor)", error))
        }
    }
}

extension CheckpointOptions {
    /// Refuses what cannot be done before anything is.
    fileprivate func check() throws(RuntimeError) {
        guard let descriptor = statusDescriptor else { return }
        let flags = fcntl(descriptor, F_GETFL)
        if flags < 0 {
            throw RuntimeError(
                .invalidRequest, "descriptor \(descriptor) is not open", at: "--status-fd")
        }
        if flags & O_ACCMODE == O_RDONLY {
            throw RuntimeError(
                .invalidRequest, "descriptor \(descriptor) cannot be written", at: "--status-fd")
        }
    }
}
