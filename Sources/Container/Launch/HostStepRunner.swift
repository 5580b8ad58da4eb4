internal import CKernel
import Glibc
internal import Kernel
internal import OCISpec

/// Executes the parent's steps that need nothing but the process: each sets one thing by pid or
/// fills one place of the descriptor table.
struct HostStepRunner {
    let slots: DescriptorTable

    /// Clones a host path and applies its attributes while it is still detached.
    func openTree(_ tree: HostStep.Tree, _ step: Plan.Step) throws(RuntimeError) {
        let mount = try clone(tree, step)
        if let idmap = tree.idmap {
            try IDMappedMount.map(mount, idmap, source: tree.source, step)
        }
        slots.put(FileDescriptor(owning: mount.take()), at: tree.slot)
    }

    private func clone(
        _ tree: HostStep.Tree, _ step: Plan.Step
    ) throws(RuntimeError) -> MountTree {
        var call = "open_tree"
        do throws(Errno) {
            let mount = try Self.copy(tree)
            call = "mount_setattr"
            for propagation in tree.propagations {
                try mount.setAttributes(
                    propagation: propagation & ~MS_REC, recursive: propagation & MS_REC != 0)
            }
            if !tree.attributes.isEmpty {
                try mount.setAttributes(set: tree.attributes.set, clear: tree.attributes.clear)
            }
            if !tree.recursive.isEmpty {
                try mount.setAttributes(
                    set: tree.recursive.set, clear: tree.recursive.clear, recursive: true)
            }
            return mount
        } catch {
            throw RuntimeError(
                .system, "cannot open \(tree.source)", at: step.origin, label: step.label,
                underlying: SystemError(call, tree.source, error))
        }
    }

    private static func copy(_ tree: HostStep.Tree) throws(Errno) -> MountTree {
        guard let root = tree.root else {
            return try MountTree.clone(tree.source, recursive: tree.isRecursive)
        }
        let source = try BindSource.open(tree.source, root: root)
        return try MountTree.clone(at: source.rawValue, "", recursive: tree.isRecursive)
    }

    /// Holds the container's first process by descriptor, checked to be the recorded one.
    func openProcess(
        _ slot: Int, _ process: ProcessIdentity, _ step: Plan.Step
    ) throws(RuntimeError) {
        do throws(Errno) {
            slots.put(FileDescriptor(owning: try process.open().take()), at: slot)
        } catch .noProcess {
            throw StoredContainer.notRunning
        } catch {
            throw RuntimeError(
                .system, "cannot open the container's process", at: step.origin,
                underlying: SystemError("pidfd_open", "pid \(process.pid)", error))
        }
    }

    /// Opens the root directory of the container's first process.
    ///
    /// The process is compared afterwards: its number was not another's in between.
    func openRoot(
        _ slot: Int, _ process: ProcessIdentity, _ step: Plan.Step
    ) throws(RuntimeError) {
        do throws(Errno) {
            let root = try FileDescriptor.open(
                "/proc/\(process.pid)/root", O_PATH | O_DIRECTORY)
            _ = try process.open()
            slots.put(root, at: slot)
        } catch {
            if process.isEnding() { throw StoredContainer.notRunning }
            throw RuntimeError(
                .system, "cannot open the container's root", at: step.origin,
                underlying: SystemError("openat", "/proc/\(process.pid)/root", error))
        }
    }

    /// Binds a process to processors of a validated list; 0 is this process.
    func setAffinity(_ list: String, pid: Int32, _ step: Plan.Step) throws(RuntimeError) {
        do throws(Errno) {
            guard let affinity = CPUAffinity(list: list) else { throw Errno.invalid }
            try affinity.apply(to: pid)
        } catch {
            throw RuntimeError(
                .system, "cannot run on processors \(list)", at: step.origin,
                underlying: SystemError("sched_setaffinity", list, error))
        }
    }

    /// Opens a namespace to join and checks that it is one of that type.
    func openNamespace(
        _ slot: Int, _ path: String, _ type: NamespaceType, _ step: Plan.Step
    ) throws(RuntimeError) {
        do throws(Errno) {
            let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
            // NS_GET_NSTYPE of ioctl_ns(2).
            let raw = file.rawValue
            guard let found = try? Syscall.call("ioctl", { ck_ioctl(raw, 0xb703, 0) }),
                UInt64(UInt32(bitPattern: found)) == type.cloneFlag
            else {
                throw Errno.invalid
            }
            if type == .mount, try isOwn(type, file) { throw Errno.crossDevice }
            slots.put(file, at: slot)
        } catch .invalid {
            throw RuntimeError(
                .invalidConfig, "\(path) is not a \(type.rawValue) namespace", at: step.origin)
        } catch .crossDevice {
            throw RuntimeError(
                .invalidConfig, "\(path) is the host's: the container's mounts would be the host's",
                at: step.origin)
        } catch {
            throw RuntimeError(
                .system, "cannot open namespace", at: step.origin,
                underlying: SystemError("openat", path, error))
        }
    }

    /// Refuses a joined namespace that is this process's own: its parameters are the host's.
    func refuseOwn(
        _ type: NamespaceType, _ path: String, unlessNamed hostname: String?, _ step: Plan.Step
    ) throws(RuntimeError) {
        if let hostname, (try? Files.readText("/proc/sys/kernel/hostname")) == hostname + "\n" {
            return
        }
        let isOwn: Bool
        do throws(Errno) {
            isOwn = try self.isOwn(type, FileDescriptor.open(path, O_RDONLY | O_NONBLOCK))
        } catch {
            throw RuntimeError(
                .system, "cannot open namespace", at: step.origin,
                underlying: SystemError("openat", path, error))
        }
        if isOwn {
            throw RuntimeError(
                .invalidConfig, "\(path) is the host's \(type.rawValue) namespace", at: step.origin)
        }
    }

    /// Whether a namespace is the one that this process is in.
    private func isOwn(
        _ type: NamespaceType, _ file: borrowing FileDescriptor
    ) throws(Errno) -> Bool {
        let own = try Files.status(
            of: FileDescriptor.open("/proc/self/ns/" + type.kernelName, O_RDONLY))
        let other = try Files.status(of: file)
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    /// Writes `/proc/PID/timens_offsets` before any process enters the namespace
    /// (time_namespaces(7)).
    func writeTimeOffsets(
        _ offsets: TimeOffsets, pid: Int32, _ step: Plan.Step
    ) throws(RuntimeError) {
        var text = ""
        for (name, offset) in [("monotonic", offsets.monotonic), ("boottime", offsets.boottime)] {
            if let offset { text += "\(name) \(offset.secs ?? 0) \(offset.nanosecs ?? 0)\n" }
        }
        guard !text.isEmpty else { return }
        try write(pid, "timens_offsets", text, "cannot set time offsets", step)
    }

    /// Writes `/proc/PID/oom_score_adj` (proc(5)).
    func writeOOMScore(_ score: Int64, pid: Int32, _ step: Plan.Step) throws(RuntimeError) {
        try write(pid, "oom_score_adj", "\(score)", "cannot set OOM score", step)
    }

    private func write(
        _ pid: Int32, _ file: String, _ text: String, _ message: String, _ step: Plan.Step
    ) throws(RuntimeError) {
        do throws(SystemError) {
            try ProcFS.open().write(pid, file, text)
        } catch {
            throw RuntimeError(.system, message, at: step.origin, underlying: error)
        }
    }

    /// The corresponding C function is `prlimit`.
    func setLimit(_ limit: Rlimit, pid: Int32, _ step: Plan.Step) throws(RuntimeError) {
        try run("prlimit64", "cannot set \(limit.type.rawValue)", step) {
            ck_prlimit(pid, limit.type.number, limit.soft, limit.hard)
        }
    }

    /// The corresponding C function is `sched_setattr`.
    func setScheduler(_ scheduler: Scheduler, pid: Int32, _ step: Plan.Step) throws(RuntimeError) {
        var attributes = scheduler.attributes
        attributes.size = UInt32(MemoryLayout<ck_sched_attr>.size)
        try run("sched_setattr", "cannot set \(scheduler.policy.rawValue)", step) {
            ck_sched_setattr(pid, &attributes, 0)
        }
    }

    /// The corresponding C function is `ioprio_set`.
    func setIOPriority(
        _ priority: IOPriority, pid: Int32, _ step: Plan.Step
    ) throws(RuntimeError) {
        let value = priority.class.number << 13 | (priority.priority ?? 0)
        try run("ioprio_set", "cannot set I/O priority", step) { ck_ioprio_set(1, pid, value) }
    }

    private func run(
        _ call: StaticString, _ message: String, _ step: Plan.Step, _ body: () -> Int32
    ) throws(RuntimeError) {
        do throws(Errno) {
            try Syscall.call(call, body)
        } catch {
            throw RuntimeError(
                .system, message, at: step.origin, label: step.label,
                underlying: SystemError(call.description, "", error))
        }
    }
}
