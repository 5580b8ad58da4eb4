import Glibc
internal import Kernel

/// A program with everything that it has started.
enum ProcessTree {
    /// Kills a child and its descendants.
    ///
    /// A parent is stopped before its children are looked up, so that it makes no more of them.
    /// What has left the tree on purpose (a daemon, whose parent has ended) lives on.
    static func kill(_ child: borrowing ChildProcess) {
        kill(child.pid, child.pidfd)
    }

    /// Kills a process and its descendants.
    static func kill(_ pid: Int32, _ process: borrowing Pidfd) {
        try? process.signal(SIGSTOP)
        killChildren(of: pid, depth: 0)
        try? process.signal(SIGKILL)
    }

    /// Kills children of this process and their descendants.
    ///
    /// - Parameter isOurs: whether one is among them: `exec` keeps the children that a process had
    ///   before, and a subreaper gets those of others.
    static func killOwnChildren(where isOurs: (ProcessIdentity) -> Bool) {
        let own = getpid()
        for pid in children(of: own) {
            // A child that nobody reaps keeps its number.
            guard let child = try? ProcessIdentity.of(pid), isOurs(child),
                let process = try? child.open()
            else { continue }
            kill(pid, process)
        }
    }

    /// All that have descended from this process so far.
    static func ownDescendants() -> [ProcessIdentity] {
        var result: [ProcessIdentity] = []
        var parents = [getpid()]
        while let parent = parents.popLast() {
            for pid in children(of: parent) {
                guard let child = try? ProcessIdentity.of(pid) else { continue }
                result.append(child)
                parents.append(pid)
            }
        }
        return result
    }

    private static func killChildren(of parent: Int32, depth: Int) {
        // A bound for the stack; nobody starts programs that deep.
        guard depth < 64 else { return }
        // A hook may ask for the end of its own creator.
        for pid in children(of: parent) where pid != getpid() {
            guard let process = try? Pidfd.open(pid) else { continue }
            // A number that is still the child's now was the child's when it was opened.
            guard children(of: parent).contains(pid) else { continue }
            try? process.signal(SIGSTOP)
            killChildren(of: pid, depth: depth + 1)
            try? process.signal(SIGKILL)
        }
    }

    /// The threads of a process; none when it has ended.
    static func threads(of pid: Int32) -> [Int32] {
        ((try? Files.list("/proc/\(pid)/task")) ?? []).compactMap { Int32($0) }
    }

    /// The children of all threads of a process; none on a kernel without `CONFIG_PROC_CHILDREN`.
    private static func children(of pid: Int32) -> [Int32] {
        var result: [Int32] = []
        for thread in threads(of: pid) {
            let text = (try? Files.readText("/proc/\(pid)/task/\(thread)/children")) ?? ""
            result += text.split(separator: " ").compactMap { Int32($0) }
        }
        return result
    }
}
