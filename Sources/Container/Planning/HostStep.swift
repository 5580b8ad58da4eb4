package import Cgroups
package import Kernel
package import OCISpec

/// One step of the parent: what is done to the container from outside, by pid or descriptor.
package enum HostStep: Equatable, Sendable {
    /// A host path cloned into a detached mount tree, with attributes and propagation applied.
    package struct Tree: Equatable, Sendable {
        package var slot: PlanOp.Slot
        package var source: String
        /// The container's root on the host, below which the source is resolved as in the container;
        /// nil for what has nothing to do with it.
        package var root: String?
        package var isRecursive: Bool
        package var attributes = MountOptions.Attributes()
        /// Attributes of the whole tree.
        package var recursive = MountOptions.Attributes()
        /// MS_* types in the order in which they are applied, each with MS_REC or not.
        package var propagations: [UInt64] = []
        package var idmap: IDMap?
    }

    /// How the owners of a tree's files are shown (mount_setattr(2), "ID-mapped mounts").
    package struct IDMap: Equatable, Sendable {
        /// Where the mapping comes from.
        package enum Source: Equatable, Sendable {
            case mappings(uid: [IDMapping], gid: [IDMapping])
            /// A user namespace that the container joins.
            case namespace(path: String)
        }

        package var source: Source
        package var isRecursive: Bool
    }

    /// Hooks that the parent runs.
    package enum HookKind: String, Equatable, Sendable {
        case prestart, createRuntime, poststart
    }

    /// The cgroup's steps, executed as one by its manager.
    case cgroup([CgroupStep])
    case openNamespace(slot: PlanOp.Slot, path: String, type: NamespaceType)
    /// A joined namespace whose parameters are set is not the runtime's own, or it is an error; not
    /// when all that is set is the host name that it has.
    case refuseOwn(NamespaceType, path: String, hostname: String? = nil)
    /// The container's first process, held by a pidfd, for `exec` to join.
    case openProcess(slot: PlanOp.Slot, ProcessIdentity)
    /// The root directory of the container's first process, where it is not that of its mount
    /// namespace.
    case openRoot(slot: PlanOp.Slot, ProcessIdentity)
    case openTree(Tree)
    case makeFifo(slot: PlanOp.Slot)
    /// The directory of the socket that stands for `NOTIFY_SOCKET`; a `run` listens there already.
    case makeNotifyDirectory
    /// The file that hooks in the container's namespaces write to.
    case openHookOutput(slot: PlanOp.Slot, path: String)
    /// The processors that the process starts on, before it enters the cgroup.
    case spawnAffinity(String)
    case spawn(cloneFlags: UInt64)
    /// The processors that the process runs on, once it is in the cgroup.
    case affinity(String)
    case oomScoreAdj(Int64)
    case idMappings(uid: [IDMapping], gid: [IDMapping])
    /// The joined user namespace has the mappings of the configuration, or it is an error.
    case compareMappings(uid: [IDMapping], gid: [IDMapping])
    case timeOffsets(TimeOffsets)
    case moveDevices([NetDevice])
    case runHooks(HookKind, [Hook])
    /// The group of resctrl is made, before there is a process.
    case makeResctrl(ResctrlBlueprint)
    case enterResctrl(ResctrlBlueprint)
    case rlimit(Rlimit)
    case scheduler(Scheduler)
    case ioPriority(IOPriority)
    /// The filter of the plan's seccomp operation is compiled, or taken from the cache.
    case compileFilter(SeccompProfile)
    /// The descriptor of the filter's notifications goes to the socket of the configuration.
    case sendListener(SeccompProfile.Listener)
    /// The process moves into the cgroup below the container's that it manages itself.
    case handOverCgroup(String)
    /// The state directory says `created`, and the pid file is written.
    case publish
    /// The pid goes to a file.
    case pidFile(String)
    /// The terminal goes to the socket that the caller named.
    case sendConsole(socket: String)
    case sendPidfd(socket: String)
}
