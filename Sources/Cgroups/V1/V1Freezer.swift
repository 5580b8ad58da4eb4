import Glibc
import Kernel

/// The `freezer` controller of version 1.
enum V1Freezer {
    enum State: Equatable {
        case thawed, freezing, frozen
    }

    /// How long processes may take to stop; one that waits for a device can take for ever.
    private static let patience: Int64 = 10_000

    /// The state of a cgroup, its parents' considered; thawed when it is gone.
    static func state(_ hierarchy: CgroupHierarchy) throws(CgroupError) -> State {
        let file = hierarchy.directory + "/freezer.state"
        do throws(Errno) {
            switch try CgroupFile.value(file) {
            case "FROZEN": return .frozen
            case "FREEZING": return .freezing
            default: return .thawed
            }
        } catch .noEntry {
            return .thawed
        } catch .noDevice {
            return .thawed
        } catch {
            throw CgroupError(
                "cannot read the freezer", cause: SystemError("read", file, error))
        }
    }

    /// Stops every process and returns when all have stopped; on failure they go on.
    static func freeze(_ hierarchy: CgroupHierarchy) throws(CgroupError) {
        let deadline = Deadline.after(milliseconds: patience)
        var round = 0
        try write("FROZEN", hierarchy)
        // Reading the state is what makes the kernel look whether all have stopped.
        while try state(hierarchy) != .frozen {
            if deadline.hasPassed {
                try? write("THAWED", hierarchy)
                throw CgroupError("unable to freeze: processes do not stop")
            }
            round += 1
            if round % 16 != 0 {
                sched_yield()
                continue
            }
            // A process that forked at the wrong moment is caught by asking again; and one that
            // cannot stop now is waited for without burning its processor.
            var nothing: [pollfd] = []
            _ = try? Poll.wait(&nothing, until: .after(milliseconds: 1))
            try write("FROZEN", hierarchy)
        }
    }

    static func thaw(_ hierarchy: CgroupHierarchy) throws(CgroupError) {
        try write("THAWED", hierarchy)
    }

    private static func write(_ state: String, _ hierarchy: CgroupHierarchy) throws(CgroupError) {
        let file = hierarchy.directory + "/freezer.state"
        do throws(Errno) {
            try Files.writeText(file, state)
        } catch {
            throw CgroupError(
                "cannot set the freezer to \(state)", cause: SystemError("write", file, error))
        }
    }
}
