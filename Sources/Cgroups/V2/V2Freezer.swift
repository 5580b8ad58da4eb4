import Glibc
import Kernel

/// The freezer of version 2 (Linux 5.2), which tells by `cgroup.events` when all have stopped.
enum V2Freezer {
    private static let patience: Int64 = 10_000

    /// Stops every process and returns when all have stopped; on failure they go on.
    static func freeze(_ directory: String) throws(CgroupError) {
        try write("1", directory)
        let deadline = Deadline.after(milliseconds: patience)
        if !EventsFile.wait(directory, for: "frozen 1", until: deadline) {
            try? write("0", directory)
            throw CgroupError("unable to freeze: processes do not stop")
        }
    }

    static func thaw(_ directory: String) throws(CgroupError) {
        try write("0", directory)
    }

    /// Whether the cgroup itself was told to stop; false when it is gone.
    static func isFrozen(_ directory: String) throws(CgroupError) -> Bool {
        let file = directory + "/cgroup.freeze"
        do throws(Errno) {
            return try CgroupFile.value(file) == "1"
        } catch .noEntry {
            return false
        } catch .noDevice {
            return false
        } catch {
            throw CgroupError(
                "cannot read the freezer", cause: SystemError("read", file, error))
        }
    }

    /// Whether processes in the cgroup stand still, by its own order or one from above.
    static func hasStopped(_ directory: String) -> Bool {
        guard let text = CgroupFile.text(directory + "/cgroup.events") else { return false }
        return EventsFile.has("frozen 1", in: text)
    }

    private static func write(_ value: String, _ directory: String) throws(CgroupError) {
        let file = directory + "/cgroup.freeze"
        do throws(Errno) {
            try Files.writeText(file, value)
        } catch {
            throw CgroupError(
                "cannot set the freezer to \(value)", cause: SystemError("write", file, error))
        }
    }
}
