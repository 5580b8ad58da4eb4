internal import Cgroups
import Glibc
internal import Kernel

/// Says why an init stage is gone that said nothing itself.
enum InitDeath {
    /// The error of a dead init stage.
    ///
    /// - Parameters:
    ///   - status: how it ended, if that is known.
    ///   - facts: what its cgroup counted, if it was in one.
    static func error(_ status: WaitStatus?, _ facts: CgroupOOMFacts?) -> RuntimeError {
        let ending = words(status)
        guard let facts, let kills = facts.oomKills, kills > 0 else {
            return RuntimeError(.initKilled, "container init \(ending)")
        }
        // The text is what runc says here; users' scripts look for it.
        var message = "container init was OOM-killed (memory limit too low?): it \(ending)"
        if let limit = facts.limit { message += ", limit \(limit) bytes" }
        if let peak = facts.peak { message += ", peak \(peak) bytes" }
        return RuntimeError(.initKilled, message, at: "linux/resources/memory/limit")
    }

    /// The error of a dead process that was to join a container.
    ///
    /// The cgroup's count of kills is the whole container's, so it says nothing about this one.
    static func error(ofJoining status: WaitStatus?) -> RuntimeError {
        var message = "the process " + words(status)
        if case .signaled(SIGKILL, _)? = status { message += " (possibly OOM-killed)" }
        return RuntimeError(.initKilled, message)
    }

    private static func words(_ status: WaitStatus?) -> String {
        guard let status else { return "ended in a way that is not known" }
        if case .signaled = status { return "was \(status)" }
        return "\(status)"
    }

    /// What the kernel means when it makes no process.
    static func reason(_ errno: Errno) -> String {
        switch errno {
        case .noMemory:
            " (memory limit too low? linux/resources/memory/limit)"
        case .again:
            " (a limit of processes is reached: linux/resources/pids/limit or RLIMIT_NPROC)"
        default: ""
        }
    }
}

extension RuntimeError {
    /// An error of the cgroups, with the place that they name.
    init(_ error: CgroupError) {
        self.init(
            .system, error.message, at: error.property ?? "", underlying: error.cause)
    }
}
