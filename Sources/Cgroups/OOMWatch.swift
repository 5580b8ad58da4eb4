internal import CKernel
import Glibc
package import Kernel

/// Wakes a poller when the kernel runs out of memory for a cgroup.
///
/// Version 1 signals an eventfd that `cgroup.event_control` ties to `memory.oom_control` (kernel,
/// admin-guide/cgroup-v1/memory, section 10); version 2 modifies `memory.events`, which inotify
/// tells.
package struct OOMWatch: ~Copyable {
    private enum Source { case eventfd, inotify }

    private let file: FileDescriptor
    private let source: Source
    private let directory: String
    private var kills: UInt64
    /// Until when a kill is waited for that version 1 has announced.
    private var announced: Deadline?
    /// Whether a shortage was told whose kill is not counted yet.
    private var isAhead = false

    /// Ready for reading when something happened.
    package var rawValue: Int32 { file.rawValue }

    /// Watches the memory cgroup of a container; `nil` when it has none.
    ///
    /// - Throws: `CgroupError` when the kernel refuses.
    package static func open(_ record: CgroupRecord) throws(CgroupError) -> OOMWatch? {
        if let memory = record.hierarchies.first(where: { $0.has("memory") }) {
            return try version1(memory.directory)
        }
        guard let unified = record.hierarchies.last(where: { $0.isUnified }),
            Files.exists(unified.directory + "/memory.events")
        else { return nil }
        return try version2(unified.directory)
    }

    private static func version1(_ directory: String) throws(CgroupError) -> OOMWatch {
        let control = directory + "/memory.oom_control"
        var call = "eventfd2"
        do throws(Errno) {
            let event = FileDescriptor(
                owning: try Syscall.call("eventfd2") { ck_eventfd() })
            call = "openat"
            let file = try FileDescriptor.open(control, O_RDONLY)
            call = "write"
            try Files.writeText(
                directory + "/cgroup.event_control", "\(event.rawValue) \(file.rawValue)")
            return OOMWatch(
                file: event, source: .eventfd, directory: directory,
                kills: V1Stats.oomFacts(directory).oomKills ?? 0)
        } catch {
            throw CgroupError("cannot watch memory", cause: SystemError(call, control, error))
        }
    }

    private static func version2(_ directory: String) throws(CgroupError) -> OOMWatch {
        let events = directory + "/memory.events"
        do throws(Errno) {
            let watch = FileDescriptor(
                owning: try Syscall.call("inotify_init1") { ck_inotify() })
            let raw = watch.rawValue
            try Syscall.call("inotify_add_watch") {
                ck_inotify_add_watch(raw, events, UInt32(IN_MODIFY))
            }
            return OOMWatch(
                file: watch, source: .inotify, directory: directory,
                kills: V2Stats.oomFacts(directory).oomKills ?? 0)
        } catch {
            throw CgroupError(
                "cannot watch memory", cause: SystemError("inotify_add_watch", events, error))
        }
    }

    /// When to call `take` again although nothing is ready, if it is to be.
    package var retry: Deadline? { announced == nil ? nil : .after(milliseconds: 10) }

    /// Takes what happened since the last call, without waiting.
    ///
    /// Version 1 signals before it kills, nothing tells of the kill itself, and so it is asked again
    /// until that is counted (`retry`): one shortage is told once.
    ///
    /// - Returns: whether memory ran out: something was killed, or everything stands still because
    ///   the killer is disabled (version 1), or nothing came of it in a second.
    package mutating func take() -> Bool {
        if drain(), source == .eventfd, announced == nil {
            announced = .after(milliseconds: 1000)
        }
        let facts =
            source == .eventfd ? V1Stats.oomFacts(directory) : V2Stats.oomFacts(directory)
        guard let now = facts.oomKills else {
            // The removal of a cgroup is signalled too.
            announced = nil
            return false
        }
        if now > kills {
            let isTold = isAhead && now == kills + 1
            kills = now
            announced = nil
            isAhead = false
            return !isTold
        }
        guard let announced, announced.hasPassed || standsStill else { return false }
        self.announced = nil
        isAhead = true
        return true
    }

    private var standsStill: Bool {
        CgroupFile.number(directory + "/memory.oom_control", key: "under_oom") == 1
            && CgroupFile.number(directory + "/memory.oom_control", key: "oom_kill_disable") == 1
    }

    private borrowing func drain() -> Bool {
        let raw = file.rawValue
        var isSignalled = false
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            while read(raw, buffer.baseAddress, source == .eventfd ? 8 : buffer.count) > 0 {
                isSignalled = true
            }
        }
        return isSignalled
    }
}
