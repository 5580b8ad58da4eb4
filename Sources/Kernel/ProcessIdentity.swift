import Glibc

/// What tells a process from a later one with the same number: the number and its start time.
package struct ProcessIdentity: Equatable, Sendable {
    /// The process id, as the runtime sees it.
    package let pid: Int32
    /// Clock ticks between boot and its start: field 22 of `/proc/PID/stat`.
    package let startTime: UInt64

    /// An identity read back from a record.
    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// The identity of the process that has this number now.
    ///
    /// - Throws: `ENOENT` or `ESRCH` when there is none.
    package static func of(_ pid: Int32) throws(Errno) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTime: try ProcessStat.read(pid).startTime)
    }

    /// Whether the process lives: it has the start time and is no zombie.
    ///
    /// One that cannot be looked at, for want of descriptors, is not known to be dead.
    package func isAlive() -> Bool {
        do throws(Errno) {
            let stat = try ProcessStat.read(pid)
            return stat.startTime == startTime && !stat.isDead
        } catch {
            return error != .noEntry && error != .noProcess
        }
    }

    /// Whether the process has begun to end, or has ended.
    ///
    /// It may be seen as running for a while yet: the first process of a pid namespace waits in its
    /// exit for all others. One that cannot be looked at is not known to end.
    package func isEnding() -> Bool {
        do throws(Errno) {
            let stat = try ProcessStat.read(pid)
            return stat.startTime != startTime || stat.isEnding
        } catch {
            return error == .noEntry || error == .noProcess
        }
    }

    /// Holds the process by descriptor.
    ///
    /// The start time is compared after the descriptor is open: from then on the number cannot be
    /// reused unnoticed.
    ///
    /// - Throws: `ESRCH` when the process is gone or the number is another process's.
    package func open() throws(Errno) -> Pidfd {
        let pidfd = try Pidfd.open(pid)
        do throws(Errno) {
            if try ProcessStat.read(pid).startTime == startTime { return pidfd }
        } catch .noEntry {
            throw .noProcess
        }
        throw .noProcess
    }
}

/// Three fields of `/proc/PID/stat` (proc(5)).
package struct ProcessStat: Equatable, Sendable {
    /// The state letter: `R`, `S`, `Z` and so on.
    package let state: UInt8
    /// The kernel's flags of the task, `PF_*` of linux/sched.h.
    package let flags: UInt32
    /// Clock ticks between boot and the start.
    package let startTime: UInt64

    /// Whether the process has exited (a zombie, or being removed).
    package var isDead: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

    /// Whether the process has exited, or is on its way (`PF_EXITING`, 4 in every version).
    package var isEnding: Bool { isDead || flags & 4 != 0 }

    /// Reads the fields of a process.
    ///
    /// - Throws: `ENOENT` or `ESRCH` when there is none, `EINVAL` for a file that is not procfs's.
    package static func read(_ pid: Int32) throws(Errno) -> ProcessStat {
        let file = try FileDescriptor.open("/proc/\(pid)/stat", O_RDONLY)
        let raw = file.rawValue
        return try withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) {
            (buffer) throws(Errno) in
            let count = try Syscall.call("read") { Glibc.read(raw, buffer.baseAddress, 1024) }
            guard
                let stat = ProcessStat(parsing: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            else { throw .invalid }
            return stat
        }
    }

    /// Parses a line.
    ///
    /// The command's name may hold spaces and parentheses, so counting starts after the last `)`:
    /// the state is field 3, the flags are field 9 and the start time is field 22.
    init?(parsing line: UnsafeRawBufferPointer) {
        guard let close = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        var state: UInt8 = 0
        var flags: UInt32 = 0
        var field = 2
        var value: UInt64 = 0
        var digits = 0
        for byte in line[(close + 1)...] {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
                if field == 22 { break }
                field += 1
            } else if field == 3 {
                state = byte
            } else if field == 9 {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                flags = flags &* 10 &+ UInt32(byte - UInt8(ascii: "0"))
            } else if field == 22 {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                digits += 1
            }
        }
        guard field == 22, digits > 0, digits < 20 else { return nil }
        self.state = state
        self.flags = flags
        startTime = value
    }
}
