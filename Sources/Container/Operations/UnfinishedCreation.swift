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
        guard directory.isBusy, let container = try? StoredContainer(directory, id),
            let pid = container.record.creator, container.status(in: directory) == .creating
        else { return }
        do throws(Errno) {
            let creator = try Pidfd.open(pid)
            // Its number may be another's by now; whoever holds the lock is the creator.
            guard try directory.isLocked(by: pid) else { return }
            try creator.signal(SIGTERM)
            // It may have been stopped.
            try creator.signal(SIGCONT)
            if try creator.waitExited(until: .after(milliseconds: patience)) { return }
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
}
