internal import CInit
internal import Cgroups
internal import Kernel

/// A started init stage: this very program, sealed, with a plan and its descriptors.
struct InitProcess: ~Copyable {
    let pid: Int32
    let session: InitSession
    private let pidfd: Pidfd

    /// Gives the pidfd away.
    consuming func takePidfd() -> Pidfd { pidfd }

    /// Clones and executes the init stage.
    ///
    /// - Parameter entrances: the cgroup that the process is born in, or enters before exec.
    static func spawn(
        _ plan: Plan, _ slots: DescriptorTable, cloneFlags: UInt64,
        entrances: borrowing CgroupEntrances
    ) throws(RuntimeError) -> InitProcess {
        do throws(SystemError) {
            let executable = try SealedExecutable.make()
            let memory = try Memfd.sealed("apus-plan", PlanEncoder.encode(plan))
            let pair = try socketPair()
            let base = Int32(3 + plan.payloadFDs)
            var request = SpawnRequest(
                path: "", arguments: ["apus", INIT_ARGUMENT, String(base)], environment: [],
                descriptors: [pair.far.rawValue, memory.rawValue] + slots.all)
            request.executable = executable.file.rawValue
            request.firstDescriptor = base
            request.cloneFlags = cloneFlags
            request.cgroupTasks = entrances.tasks
            if entrances.cloneDirectory >= 0 {
                request.cgroup = entrances.cloneDirectory
                request.cloneFlags |= CLONE_INTO_CGROUP
            }
            let child = try spawn(request)
            return InitProcess(
                pid: child.pid, session: InitSession(pair.intoNear()), pidfd: child.intoPidfd())
        } catch {
            throw RuntimeError(.system, "cannot start the init stage", underlying: error)
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
