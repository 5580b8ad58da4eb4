import Glibc
internal import Kernel
internal import OCISpec

/// The end of a `create`, `run` or `restore` that somebody else has under way.
enum UnfinishedCreation {
    /// How long a creator has to take everything back; a hook may be slow to end.
    private static var patience: Int64 { 10_000 }

    /// Ends whoever is making this container, so that `delete --force` need not wait for a hook that
    /// hangs.
    ///
    /// A signal first, which makes the creator undo what it has done. One that does not answer is
    /// killed with all that it has started; the record covers what that leaves behind. Nothing happens
    /// when nobody is making it.
    static func end(_ directory: borrowing StateDirectory, _ id: String) throws(RuntimeError) {
        // Who cannot be found or told apart is waited for like any other holder of the lock.
        guard let pid = (try? StoredContainer(directory, id))?.record.creator,
            let creator = try? Pidfd.open(pid), isCreating(pid, directory, id)
        else { return }
        do throws(Errno) {
            try creator.signal(SIGTERM)
            // It may have been stopped.
            try creator.signal(SIGCONT)
            if try creator.waitExited(until: .after(milliseconds: patience)) { return }
            // A `run` that was done meanwhile watches over a container, which is killed as any other.
            guard isCreating(pid, directory, id) else { return }
            ProcessTree.kill(pid, creator)
            if try !creator.waitExited(until: .after(milliseconds: patience)) {
                throw Errno.timedOut
            }
        } catch .noProcess {
            return
        } catch {
            throw RuntimeError(
                .system, "cannot end the process that is creating container \(quoted(id))",
                underlying: SystemError("pidfd_send_signal", "pid \(pid)", error))
        }
    }

    /// Whether a process is the one that creates the container at this moment: its number may be
    /// another's by now, but whoever holds the lock is the creator.
    private static func isCreating(
        _ pid: Int32, _ directory: borrowing StateDirectory, _ id: String
    ) -> Bool {
        guard directory.isBusy, let container = try? StoredContainer(directory, id),
            container.record.creator == pid, container.status(in: directory) == .creating,
            // The numbers of a procfs of another PID namespace are not ours.
            (try? Files.readLink("/proc/self")) == String(getpid())
        else { return false }
        return (try? directory.isLocked(by: pid)) ?? false
    }
}
