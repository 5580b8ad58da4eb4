internal import CInit
internal import Cgroups
internal import Kernel

/// A started init stage: this very program, sealed, with a plan and its descriptors.
final class InitProcess {
    let pid: Int32
    let session: InitSession
    private var pidfd: Pidfd?
    /// Open until the init stage is on its way: closing its mount takes the kernel a grace period,
    /// which would otherwise be spent before the container's first step.
    private var executable: SealedExecutable?

    private init(
        pid: Int32, session: InitSession, pidfd: consuming Pidfd,
        executable: consuming SealedExecutable
    ) {
        self.pid = pid
        self.session = session
        self.pidfd = consume pidfd
        self.executable = consume executable
    }

    /// Gives the pidfd away, once.
    func takePidfd() -> Pidfd? { pidfd.take() }

    /// Closes the program that the init stage was started from.
    func closeExecutable() { executable = nil }

    /// Clones and executes the init stage.
    ///
    /// - Parameters:
    ///   - entrances: the cgroup that the process is born in, or enters before exec.
    ///   - interruption: what ends waiting for it, or -1.
    static func spawn(
        _ plan: Plan, _ slots: DescriptorTable, cloneFlags: UInt64,
        entrances: borrowing CgroupEntrances, interruption: Int32
    ) throws(RuntimeError) -> InitProcess {
        do throws(SystemError) {
            let executable = try SealedExecutable.make()
            let memory = try Memfd.sealed("apus-plan", PlanEncoder.encode(plan))
            let pair = try socketPair()
            // The program's own descriptors keep their numbers; ours follow.
            let base = Int32(3 + plan.payloadFDs)
            var request = SpawnRequest(
                path: "", arguments: ["apus", INIT_ARGUMENT, String(base)], environment: [],
                descriptors: Array(3..<base) + [pair.far.rawValue, memory.rawValue] + slots.all)
            request.executable = executable.file.rawValue
            request.firstDescriptor = 3
            request.cloneFlags = cloneFlags
            request.cgroupTasks = entrances.tasks
            if entrances.cloneDirectory >= 0 {
                request.cgroup = entrances.cloneDirectory
                request.cloneFlags |= CLONE_INTO_CGROUP
            }
            let child = try spawn(request)
            return InitProcess(
                pid: child.pid, session: InitSession(pair.intoNear(), interruption: interruption),
                pidfd: child.intoPidfd(), executable: executable)
        } catch {
            let message = "cannot start the init stage" + InitDeath.reason(error.errno)
            throw RuntimeError(.system, message, underlying: error)
        }
    }

    private static func socketPair() throws(SystemError) -> SeqPacketSocket.Pair {
        do throws(Errno) { return try SeqPacketSocket.Pair() } catch {
            throw SystemError("socketpair", "", error)
        }
    }

    private static func spawn(_ request: SpawnRequest) throws(SystemError) -> ChildProcess {
        do throws(Errno) { return try request.spawn() } catch {
            throw SystemError("clone3", "", error)
        }
    }
}
