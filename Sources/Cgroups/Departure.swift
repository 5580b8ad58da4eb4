import Glibc
import Kernel

/// Waiting until the processes of a cgroup have left it.
enum Departure {
    /// How long the kernel may take to tear killed processes down.
    static let patience: Int64 = 10_000

    /// Waits until processes may have left a cgroup, in whatever way its hierarchy allows.
    ///
    /// - Returns: false when the deadline passed first.
    static func wait(
        _ hierarchy: CgroupHierarchy, _ directory: String, until deadline: Deadline
    ) -> Bool {
        hierarchy.isUnified
            ? events(directory, until: deadline) : processes(directory, until: deadline)
    }

    /// Waits for a version 2 cgroup to become empty: its `cgroup.events` wakes pollers.
    ///
    /// - Returns: false when the deadline passed first.
    private static func events(_ directory: String, until deadline: Deadline) -> Bool {
        EventsFile.wait(directory, for: "populated 0", until: deadline)
    }

    /// Waits for the processes of a version 1 cgroup, which tells nobody when it becomes empty, by
    /// their descriptors.
    ///
    /// - Returns: false when the deadline passed first.
    private static func processes(_ directory: String, until deadline: Deadline) -> Bool {
        let pids = (try? CgroupDirectory.processes(directory, recursive: false)) ?? []
        for pid in pids {
            guard let pidfd = try? Pidfd.open(pid) else { continue }
            if (try? pidfd.waitExited(until: deadline)) != true { return false }
        }
        if pids.isEmpty {
            // What has exited leaves its cgroup a moment later, and nothing tells when.
            var nothing: [pollfd] = []
            _ = try? Poll.wait(&nothing, until: .after(milliseconds: 1))
        }
        return !deadline.hasPassed
    }
}

/// The `cgroup.events` file of version 2, which wakes pollers when a line of it changes.
enum EventsFile {
    /// Waits until the file has a line, such as `frozen 1`.
    ///
    /// - Returns: false when the deadline passed first; true when the cgroup is gone.
    static func wait(_ directory: String, for line: String, until deadline: Deadline) -> Bool {
        guard let file = try? FileDescriptor.open(directory + "/cgroup.events", O_RDONLY) else {
            return true
        }
        while true {
            guard let text = try? contents(file) else { return true }
            if has(line, in: text) { return true }
            // Reading arms the wake-up, so a change after the read above is not lost.
            var entries = [pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0)]
            let count = try? Poll.wait(&entries, until: deadline)
            if (count ?? 0) == 0 { return false }
        }
    }

    static func has(_ line: String, in text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "\n")).contains { Substring($0) == line }
    }

    private static func contents(_ file: borrowing FileDescriptor) throws(Errno) -> String {
        let raw = file.rawValue
        try Syscall.call("lseek") { lseek(raw, 0, SEEK_SET) }
        return String(decoding: try file.readAll(), as: UTF8.self)
    }
}
