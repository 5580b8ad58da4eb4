package import Cgroups
import Glibc
internal import Kernel
internal import OCISpec

/// What `events` tells.
package enum ContainerEvent {
    case stats(CgroupStats, [NetworkInterface])
    /// Memory ran out for the container.
    case oom(CgroupOOMFacts)
}

extension ContainerHost {
    /// The resource usage of a container now.
    ///
    /// - Throws: `wrongState` when it does not run.
    package func stats(_ id: String) throws(RuntimeError) -> ContainerEvent {
        try openWatched(id).stats()
    }

    /// Tells the usage of a container at every interval and every shortage of memory, until its
    /// first process has ended.
    ///
    /// - Parameters:
    ///   - interval: milliseconds, at least 1.
    ///   - tell: called with each event; what it throws ends the watch.
    package func watch(
        _ id: String, interval: Int64, _ tell: (ContainerEvent) throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        let container = try openWatched(id)
        var memory: OOMWatch?
        do throws(CgroupError) { memory = try OOMWatch.open(container.record.cgroup) } catch {
            throw RuntimeError(error)
        }
        var deadline = Deadline.after(milliseconds: interval)
        var entries = [
            pollfd(fd: container.process.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
        ]
        if let number = memory?.rawValue { entries[1].fd = number }
        while true {
            let retry = memory?.retry
            try wait(&entries, until: retry ?? deadline)
            let hasEnded = entries[0].revents != 0
            // Of a process that has ended the kernel may not have told yet: the count decides.
            if entries[1].revents != 0 || retry != nil || hasEnded, memory?.take() ?? false {
                try tell(.oom(container.manager.oomFacts()))
            }
            if hasEnded { return }
            if deadline.hasPassed {
                deadline = .after(milliseconds: interval)
                try tell(container.stats())
            }
        }
    }

    private func wait(
        _ entries: inout [pollfd], until deadline: Deadline
    ) throws(RuntimeError) {
        do throws(Errno) { _ = try Poll.wait(&entries, until: deadline) } catch {
            throw RuntimeError(
                .system, "cannot wait for events", underlying: SystemError("poll", "", error))
        }
    }

    private func openWatched(_ id: String) throws(RuntimeError) -> WatchedContainer {
        let directory = try store.open(ContainerID(id), .shared)
        let container = try StoredContainer(directory, id)
        guard container.status(in: directory) != .stopped, let process = try? container.open()
        else { throw RuntimeError(.wrongState, "container with id \(id) is not running") }
        return WatchedContainer(
            record: container.record, manager: try container.manager(), process: process)
    }
}

/// A running container whose figures are read.
private struct WatchedContainer: ~Copyable {
    let record: ContainerRecord
    let manager: any CgroupManager
    let process: Pidfd

    func stats() throws(RuntimeError) -> ContainerEvent {
        do throws(CgroupError) {
            return .stats(try manager.stats(), interfaces())
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Those of the container's own network; the host's are not its business.
    private func interfaces() -> [NetworkInterface] {
        guard let pid = record.process?.pid,
            let namespaces = try? ExecTarget.foreignNamespaces(pid),
            namespaces & CLONE_NEWNET != 0,
            let text = try? Files.readText("/proc/\(pid)/net/dev")
        else { return [] }
        return NetworkInterface.parse(text)
    }
}
