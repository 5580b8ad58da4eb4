import Glibc
import Kernel

/// Signals for every process of a cgroup.
enum CgroupSignal {
    /// How often a list of processes is read again when they cannot be stopped while it is read.
    private static let rounds = 100
    /// How many processes are held open at once; engines run with 1024 descriptors.
    private static let batch = 128

    /// Signals each process in a cgroup and below it once.
    ///
    /// A process is opened before it is signalled and its membership is read again after, so that
    /// a number that was reused meanwhile is not hit.
    ///
    /// - Parameter isFrozen: nobody can fork or leave; one pass reaches all.
    static func send(
        _ signal: Int32, to directory: String, isFrozen: Bool
    ) throws(SystemError) {
        var done: [Int32] = []
        for _ in 0..<(isFrozen ? 1 : rounds) {
            let pids = try CgroupDirectory.processes(directory, recursive: true)
            let new = pids.filter { !done.contains($0) }
            if new.isEmpty { return }
            for start in stride(from: 0, to: new.count, by: batch) {
                try send(signal, to: directory, Array(new[start...].prefix(batch)))
            }
            done += new
        }
    }

    private static func send(
        _ signal: Int32, to directory: String, _ pids: [Int32]
    ) throws(SystemError) {
        var open: [(pid: Int32, descriptor: Int32)] = []
        defer { for process in open { _ = close(process.descriptor) } }
        for pid in pids {
            do throws(Errno) {
                open.append((pid, try Pidfd.open(pid).take()))
            } catch .noProcess {
                continue
            } catch {
                throw SystemError("pidfd_open", "pid \(pid)", error)
            }
        }
        // Between the list and the opening a number may have gone to a stranger.
        let present = try CgroupDirectory.processes(directory, recursive: true)
        for process in open where present.contains(process.pid) {
            do throws(Errno) {
                try Pidfd.signal(process.descriptor, signal)
            } catch .noProcess {
                continue
            } catch {
                throw SystemError("pidfd_send_signal", "pid \(process.pid)", error)
            }
        }
    }

    /// Kills everything in a version 2 cgroup and below it, forks included.
    ///
    /// - Returns: false when the kernel has no `cgroup.kill` (before 5.14) or the cgroup is gone.
    static func killAll(_ directory: String) throws(SystemError) -> Bool {
        let file = directory + "/cgroup.kill"
        do throws(Errno) {
            try Files.writeText(file, "1")
            return true
        } catch .noEntry {
            return false
        } catch .notSupported {
            return false  // Threaded cgroups cannot be killed as a whole.
        } catch {
            throw SystemError("write", file, error)
        }
    }
}
