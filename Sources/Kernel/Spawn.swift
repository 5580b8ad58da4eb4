internal import CKernel
import Glibc

/// A child process: its number, and the descriptor that holds it.
package struct ChildProcess: ~Copyable, Sendable {
    /// The process id.
    package let pid: Int32
    /// Its descriptor.
    package let pidfd: Pidfd

    /// A child known by number and descriptor.
    package init(pid: Int32, pidfd: consuming Pidfd) {
        self.pid = pid
        self.pidfd = pidfd
    }

    /// Keeps the descriptor alone.
    package consuming func intoPidfd() -> Pidfd { pidfd }
}

/// What to execute, and what the new process starts with.
package struct SpawnRequest: Sendable {
    /// A descriptor to execute (`execveat`), or -1: `path` is executed.
    package var executable: Int32 = -1
    /// The program's path.
    package var path: String
    /// The argument vector, `argv[0]` included.
    package var arguments: [String]
    /// The environment; nothing is inherited.
    package var environment: [String]
    /// Descriptor `firstDescriptor + i` of the new program is a copy of element i.
    package var descriptors: [Int32]
    /// Lower ones are inherited as they are; all others are closed by exec.
    package var firstDescriptor: Int32 = 0
    /// `CLONE_NEW*`, `CLONE_INTO_CGROUP`.
    package var cloneFlags: UInt64 = 0
    /// The cgroup that the child is born in, with `CLONE_INTO_CGROUP`.
    package var cgroup: Int32 = -1
    /// Open `tasks` files of cgroup v1 that the child enters before it executes.
    package var cgroupTasks: [Int32] = []
    /// The working directory, or -1 for the caller's.
    package var workingDirectory: Int32 = -1
    /// Whether the child leads a session of its own.
    package var newSession = false
    /// A detached mount for the child's own mount namespace, with `CLONE_NEWNS`, or -1.
    ///
    /// The host's namespace never sees it.
    package var mountTree: Int32 = -1
    /// Where that mount goes.
    package var mountTarget = ""

    /// Describes a program; what is not given has the defaults above.
    package init(
        path: String, arguments: [String], environment: [String], descriptors: [Int32] = []
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
    }

    /// Clones and executes.
    ///
    /// Signals are unblocked and have their defaults in the new program.
    ///
    /// The corresponding C functions are `clone3` and `execveat`.
    ///
    /// - Throws: the error number of the clone, or of what the child did up to and with exec.
    package func spawn() throws(Errno) -> ChildProcess {
        #if DEBUG
        if let forced = SyscallRecorder.intercept("clone3") { throw forced }
        #endif
        let argv = CStringVector(arguments)
        let envp = CStringVector(environment)
        var descriptors = descriptors
        let count = Int32(descriptors.count)
        var pidfd: Int32 = -1
        let pid = path.withCString { path in
            mountTarget.withCString { target in
                descriptors.withUnsafeMutableBufferPointer { fds in
                    cgroupTasks.withUnsafeBufferPointer { tasks in
                        var request = ck_spawn(
                            executable_fd: executable, path: path, argv: argv.pointer,
                            envp: envp.pointer, fds: fds.baseAddress, fd_count: count,
                            first_fd: firstDescriptor, clone_flags: cloneFlags,
                            cgroup_fd: cgroup, cgroup_tasks: tasks.baseAddress,
                            cgroup_tasks_count: Int32(tasks.count),
                            working_directory_fd: workingDirectory,
                            new_session: newSession ? 1 : 0, mount_tree_fd: mountTree,
                            mount_target: target)
                        return ck_spawn_process(&request, &pidfd)
                    }
                }
            }
        }
        if pid < 0 { throw Errno(-pid) }
        return ChildProcess(pid: pid, pidfd: Pidfd(owning: pidfd))
    }
}

/// Strings as C wants an argument vector: one block with the pointers and the text behind them.
struct CStringVector: ~Copyable {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(_ strings: [String]) {
        let table = (strings.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
        var size = table
        for string in strings { size += string.utf8.count + 1 }
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        pointer = block.bindMemory(
            to: UnsafeMutablePointer<CChar>?.self, capacity: strings.count + 1)
        var next = block + table
        for (index, string) in strings.enumerated() {
            let length = string.utf8.count
            let text = next.bindMemory(to: CChar.self, capacity: length + 1)
            for (offset, byte) in string.utf8.enumerated() {
                text[offset] = CChar(bitPattern: byte)
            }
            text[length] = 0
            pointer[index] = text
            next += length + 1
        }
        pointer[strings.count] = nil
    }

    deinit {
        UnsafeMutableRawPointer(pointer).deallocate()
    }
}
