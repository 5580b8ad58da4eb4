import Glibc

/// Open ways into a container's cgroup for one new process, closed when this goes out of scope.
///
/// Moving another process by `cgroup.procs` makes the kernel wait for an RCU grace period, which
/// costs as much as the rest of the container's start. Neither way here does: version 2 has
/// `clone3` with `CLONE_INTO_CGROUP` (Linux 5.7), and on version 1 a single-threaded process that
/// writes `0` into a `tasks` file moves itself without the global lock (Linux 5.5; older kernels do
/// the same at the old cost).
///
/// Not for a frozen cgroup: the child stops there before it executes anything, and a parent that
/// shares its memory until then waits with it. `attach` after the start is for that.
package struct CgroupEntrances: ~Copyable {
    /// The version 2 directory for `CLONE_INTO_CGROUP`, or -1.
    package let cloneDirectory: Int32
    /// The `tasks` files, one for each version 1 hierarchy: the child writes `0` into every one
    /// before it executes anything.
    package let tasks: [Int32]

    /// Takes ownership of open descriptors.
    package init(cloneDirectory: Int32, tasks: [Int32]) {
        self.cloneDirectory = cloneDirectory
        self.tasks = tasks
    }

    deinit {
        if cloneDirectory >= 0 { _ = close(cloneDirectory) }
        for number in tasks { _ = close(number) }
    }
}
