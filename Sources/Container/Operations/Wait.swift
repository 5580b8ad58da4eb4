internal import Cgroups
import Glibc
package import Kernel
internal import OCISpec

/// How a container ended, as far as anybody can tell; what is not known is `nil`.
package struct ExitRecord: Equatable, Sendable {
    package var id: String
    /// How the first process ended.
    package var status: WaitStatus?
    /// How many processes of the container the kernel killed for want of memory.
    package var oomKills: UInt64?
    /// The most memory that the container used, in bytes.
    package var memoryPeak: UInt64?
    /// Processor time of all processes, in nanoseconds.
    package var userTime: UInt64?
    package var systemTime: UInt64?

    /// A record that says nothing but the name.
    package init(id: String) {
        self.id = id
    }
}

extension ContainerHost {
    /// Waits for the first process of a container to end.
    ///
    /// A container that has ended before gives what its cgroup still knows; its status is known to
    /// whoever reaped the process.
    package func wait(_ id: String) throws(RuntimeError) -> ExitRecord {
        let directory = try store.open(ContainerID(id), .shared)
        let container = try StoredContainer(directory, id)
        let manager = try container.manager()
        // Waiting must keep nobody from deleting.
        try directory.unlock()
        var result = ExitRecord(id: id)
        guard let identity = container.record.process else { return result }
        do throws(Errno) {
            let process = try identity.open()
            result.oomKills = try killsUntilEnd(of: process, container.record.cgroup, manager)
            result.status = process.foreignStatus(identity)
        } catch .noProcess {
            // Ended and reaped before we came.
        } catch {
            throw RuntimeError(
                .system, "cannot wait for the container",
                underlying: SystemError("poll", "pid \(identity.pid)", error))
        }
        note(manager, container.record.cgroup, &result)
        return result
    }

    /// Waits for the end, and notes meanwhile how many processes were killed for want of memory:
    /// systemd removes the cgroup of a scope as soon as it is empty.
    private func killsUntilEnd(
        of process: borrowing Pidfd, _ cgroup: CgroupRecord, _ manager: any CgroupManager
    ) throws(Errno) -> UInt64? {
        var memory: OOMWatch?
        // Without it the end is what is waited for.
        do throws(CgroupError) { memory = try OOMWatch.open(cgroup) } catch { memory = nil }
        var kills = manager.oomFacts().oomKills
        var entries = [
            pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: memory?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = try Poll.wait(&entries)
            if entries[1].revents != 0, memory?.take() ?? false {
                kills = manager.oomFacts().oomKills ?? kills
            }
            if entries[0].revents != 0 { return kills }
        }
    }

    private func note(
        _ manager: any CgroupManager, _ cgroup: CgroupRecord, _ result: inout ExitRecord
    ) {
        let facts = manager.oomFacts()
        result.oomKills = facts.oomKills ?? result.oomKills
        result.memoryPeak = facts.peak
        // Missing files read as nothing used; a cgroup that is gone must not.
        guard let directory = cgroup.hierarchies.first?.directory, Files.exists(directory),
            let cpu = (try? manager.stats())?.cpu
        else { return }
        result.userTime = cpu.user
        result.systemTime = cpu.kernel
    }
}

extension ExitRecord {
    /// Whether the kernel killed for want of memory; `nil` when it is not known.
    package var wasOOMKilled: Bool? { oomKills.map { $0 > 0 } }

    private var exitStatus: Int32? {
        if case .exited(let status)? = status { return status }
        return nil
    }

    private var signal: Int32? {
        if case .signaled(let signal, _)? = status { return signal }
        return nil
    }

    /// One line of JSON in which what is not known is `null`.
    package var json: String {
        var writer = JSONWriter(.compact)
        writer.object { writer in
            writer.member("id", id)
            writer.optional("status", exitStatus)
            writer.optional("signal", signal)
            writer.key("known")
            writer.value(status != nil)
            writer.key("oom")
            if let wasOOMKilled { writer.value(wasOOMKilled) } else { writer.null() }
            writer.optional("oomKills", oomKills)
            writer.optional("memoryPeak", memoryPeak)
            writer.optional("userTime", userTime)
            writer.optional("systemTime", systemTime)
        }
        return writer.text + "\n"
    }

    private static func seconds(_ nanoseconds: UInt64?) -> String {
        guard let milliseconds = nanoseconds.map({ $0 / 1_000_000 }) else { return "unknown" }
        let fraction = String(milliseconds % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
        return "\(milliseconds / 1000).\(zeros)\(fraction) s"
    }

    /// One line for each fact; times in seconds.
    package var text: String {
        func known(_ value: UInt64?, _ unit: String) -> String {
            value.map { "\($0)\(unit)" } ?? "unknown"
        }
        let oom = wasOOMKilled.map { $0 ? "yes" : "no" } ?? "unknown"
        return """
            ended          \(status?.description ?? "unknown")
            out of memory  \(oom)
            memory peak    \(known(memoryPeak, " bytes"))
            user time      \(Self.seconds(userTime))
            system time    \(Self.seconds(systemTime))

            """
    }
}

extension JSONWriter {
    fileprivate mutating func optional<T: FixedWidthInteger>(_ key: String, _ value: T?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }
}
