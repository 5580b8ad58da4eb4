/// One operation of the init stage with its operands.
///
/// The Swift side of `PLAN_OPS` in `plan.h`, one case each, comparable and printable;
/// `PlanEncoder` turns it into the wire format. Operands have the meaning documented there.
package enum PlanOp: Equatable, Sendable {
    /// A place in the table of descriptors that the parent passes.
    package typealias Slot = Int

    /// What `MOUNT` mounts.
    package struct NewMount: Equatable, Sendable {
        package var type: String
        package var source: String
        package var target: String
        package var options: [String] = []
        package var attributes: UInt64 = 0
        package var propagation: UInt64 = 0
        package var copiesUp = false
        package var targetIsStrict = false
        package var takesOverMode = false
    }

    /// What `BIND` attaches: a tree that the parent cloned (`slot`), or a path cloned in place.
    package struct Bind: Equatable, Sendable {
        package var slot: Slot?
        package var source: String
        package var target: String
        package var attributes = MountOptions.Attributes()
        package var propagation: UInt64 = 0
        package var isRecursive = false
        /// The source is an in-root path: mounts that were made before it are seen.
        package var isSourceInRoot = false
    }

    /// A hook that runs in the container's namespaces.
    package struct ContainerHook: Equatable, Sendable {
        package var path: String
        package var arguments: [String]
        package var environment: [String]
        /// The state JSON before and after the pid, which only the container knows.
        package var stateBeforePid: String
        package var stateAfterPid: String
        /// Milliseconds, 0 for none.
        package var timeout: UInt64
        /// Standard output, or nil for the init stage's own.
        package var output: Slot?
        /// Standard error, or nil for the init stage's own.
        package var errors: Slot?
    }

    /// Where the parent and the init stage meet.
    package enum Reason: String, Equatable, Sendable {
        case idmap, timens, hooks, ready, start
    }

    case setns(slot: Slot, flags: UInt64)
    case unshare(flags: UInt64)
    case sync(Reason)
    case fork
    /// Root of the user namespace, or whoever sets up where 0 is not mapped.
    case becomeRoot(uid: UInt32, gid: UInt32)
    case dumpable(Bool)
    case setsid
    case keyring(name: String, permissions: UInt64)
    case loopback
    case propagation(UInt64)
    case rootfs(slot: Slot?, path: String, isRecursive: Bool)
    case mount(NewMount)
    case mountLegacy(
        type: String, source: String, target: String, data: String, flags: UInt64,
        propagation: UInt64)
    case bind(Bind)
    case setAttributes(
        target: String, MountOptions.Attributes, propagation: UInt64, isRecursive: Bool)
    case mkdir(path: String, mode: UInt32)
    case symlink(text: String, path: String)
    case unlink(path: String)
    case unmount(path: String)
    case pivot
    case moveRoot
    /// A directory that the parent has opened, or the in-root path of one.
    case chroot(slot: Slot?, path: String)
    case mknod(path: String, mode: UInt32, device: UInt64, uid: UInt32, gid: UInt32)
    /// With `isRelayed`, what the program writes is copied to the caller's terminal, which makes the
    /// ends of the lines.
    case console(
        rows: UInt32, columns: UInt32, owner: UInt32, bindsConsole: Bool, isRelayed: Bool)
    case stdioNull
    case stdioOwner(uid: UInt32)
    case closeFDs
    case hostname(String)
    case domainname(String)
    case sysctl(path: String, value: String)
    case personality(UInt64)
    case mempolicy(mode: UInt64, nodes: [UInt64], maxNode: UInt64)
    case umask(UInt32)
    case readonlyPath(String)
    /// With the SELinux label of the file system that covers a directory, or none.
    case maskPath(String, mountLabel: String)
    case relabel(path: String, label: String)
    case label(file: String, text: String)
    case noNewPrivs
    /// Without a filter until the parent has compiled it (`Plan.fill`).
    case seccomp(filter: [UInt8], instructions: Int, flags: UInt64)
    case setgroups([UInt32])
    case setgid(UInt32)
    case setuid(UInt32)
    case bounding(UInt64)
    case capset(effective: UInt64, permitted: UInt64, inheritable: UInt64)
    case ambient(UInt64)
    case chdir(path: String, putsOffAccess: Bool)
    case home(uid: UInt32)
    case resolveExec(program: String, searchPath: String)
    case hook(ContainerHook)
    case waitStart(slot: Slot)
    case done
    case exec(arguments: [String], environment: [String])
}
