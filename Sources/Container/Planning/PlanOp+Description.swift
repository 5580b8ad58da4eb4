import Glibc
internal import Kernel
internal import OCISpec

extension PlanOp: CustomStringConvertible {
    /// What the operation does, on one line: `mount tmpfs -> dev [nosuid,mode=755]`.
    package var description: String {
        switch self {
        case .setns(_, let flags): "setns \(Names.namespaces(flags))"
        case .unshare(let flags): "unshare \(Names.namespaces(flags))"
        case .sync(let reason): "sync \(reason.rawValue)"
        case .fork: "fork"
        case .becomeRoot(uid: 0, gid: 0): "become root"
        case .becomeRoot(let uid, let gid): "become \(uid):\(gid)"
        case .dumpable(let isOn): "dumpable \(isOn ? "on" : "off")"
        case .setsid: "setsid"
        case .keyring(let name, _): "keyring \(name)"
        case .loopback: "loopback up"
        case .propagation(let flags): "propagation / \(Names.propagation(flags))"
        case .rootfs(_, let path, _): "rootfs \(path)"
        case .mount(let mount): mount.description
        case .mountLegacy(let type, let source, let target, let data, let flags, let propagation):
            "\(flags & MS_REMOUNT != 0 ? "remount" : "mount \(type.isEmpty ? source : type) ->") "
                + Names.root(target) + " "
                + Names.list(
                    ["flags=" + Names.hex(flags)] + (data.isEmpty ? [] : [data])
                        + Names.propagations([propagation]))
        case .bind(let bind): bind.description
        case .setAttributes(let target, let attributes, let propagation, let isRecursive):
            "set attributes \(Names.root(target)) "
                + Names.list(
                    Names.attributes(attributes.set, attributes.clear)
                        + Names.propagations([propagation]) + (isRecursive ? ["recursive"] : []))
        case .mkdir(let path, let mode): "mkdir \(Names.root(path)) [\(Names.octal(mode))]"
        case .symlink(let text, let path): "symlink \(text) -> \(path)"
        case .unlink(let path): "unlink \(path)"
        case .unmount(let path): "unmount \(path)"
        case .pivot: "pivot root"
        case .moveRoot: "move root"
        case .chroot(let slot, let path):
            slot == nil ? "change root to /\(path)" : "change root"
        case .mknod(let path, let mode, let device, let uid, let gid):
            "mknod \(path) [\(Names.device(mode, device)) \(Names.octal(mode & 0o7777)) \(uid):\(gid)]"
        case .console(let rows, let columns, let owner, _, _):
            "console [\(rows)x\(columns) owner \(owner)]"
        case .stdioNull: "stdio null"
        case .stdioOwner(let uid): "stdio owner \(uid)"
        case .closeFDs: "close descriptors"
        case .hostname(let name): "hostname \(name)"
        case .domainname(let name): "domainname \(name)"
        case .sysctl(let path, let value): "sysctl \(path)=\(value)"
        case .personality(let value): "personality 0x\(String(value, radix: 16))"
        case .mempolicy(let mode, let nodes, _): "mempolicy \(Names.memoryPolicy(mode, nodes))"
        case .umask(let mask): "umask \(Names.octal(mask))"
        case .readonlyPath(let path): "read-only /\(path)"
        case .maskPath(let path, _): "mask /\(path)"
        case .relabel(let path, let label): "relabel /\(path) \(label)"
        case .label(let file, let text): "label \(file) \(text)"
        case .noNewPrivs: "no new privileges"
        case .seccomp(_, _, let flags):
            // Not the filter: its length depends on the version of libseccomp.
            "seccomp filter" + (flags == 0 ? "" : " ")
                + Names.list(SeccompFlagSet(rawValue: flags).names)
        case .setgroups(let groups): "setgroups \(groups)"
        case .setgid(let gid): "setgid \(gid)"
        case .setuid(let uid): "setuid \(uid)"
        case .bounding(let mask): "capabilities bounding \(Names.hex(mask))"
        case .capset(let effective, let permitted, let inheritable):
            "capabilities effective \(Names.hex(effective)) permitted \(Names.hex(permitted)) "
                + "inheritable \(Names.hex(inheritable))"
        case .ambient(let mask): "capabilities ambient \(Names.hex(mask))"
        case .chdir(let path, let putsOffAccess): "chdir \(path)\(putsOffAccess ? " (try)" : "")"
        case .home(let uid): "HOME of uid \(uid)"
        case .resolveExec(let program, let search): "find \(program) in \(search)"
        case .hook(let hook): "hook \(hook.path)"
        case .waitStart: "wait for start"
        case .done: "done"
        case .exec(let arguments, _): "exec \(arguments.joined(separator: " "))"
        }
    }
}

extension PlanOp.NewMount {
    fileprivate var description: String {
        var words = Names.attributes(attributes, 0) + options + Names.propagations([propagation])
        if copiesUp { words.append("tmpcopyup") }
        return "mount \(type) -> \(target)" + (words.isEmpty ? "" : " ") + Names.list(words)
    }
}

extension PlanOp.Bind {
    fileprivate var description: String {
        var words =
            Names.attributes(attributes.set, attributes.clear)
            + Names.propagations([propagation])
        if slot == nil {
            words.insert(isSourceInRoot ? "cloned in the root" : "cloned inside", at: 0)
        }
        return "bind \(source) -> \(target)" + (words.isEmpty ? "" : " ") + Names.list(words)
    }
}

extension HostStep: CustomStringConvertible {
    /// What the step does, on one line.
    package var description: String {
        switch self {
        case .cgroup(let steps): "cgroup [\(steps.count) steps]"
        case .openNamespace(_, let path, let type): "open \(type.kernelName) namespace \(path)"
        case .refuseOwn(let type, let path, _):
            "refuse \(path) if it is our \(type.kernelName) namespace"
        case .openProcess(_, let process): "open process \(process.pid)"
        case .openRoot(_, let process): "open root of process \(process.pid)"
        case .openTree(let tree): tree.description
        case .makeFifo: "make exec.fifo"
        case .makeNotifyDirectory: "make notify directory"
        case .openHookOutput(_, let path): "open hook output \(path)"
        case .spawn(let flags):
            "spawn init" + (flags == 0 ? "" : " [new \(Names.namespaces(flags))]")
        case .spawnAffinity(let list): "start on processors \(list)"
        case .affinity(let list): "run on processors \(list)"
        case .oomScoreAdj(let score): "oom_score_adj \(score)"
        case .idMappings(let uid, let gid):
            "map ids uid \(Names.mappings(uid)) gid \(Names.mappings(gid))"
        case .compareMappings(let uid, let gid):
            "compare ids uid \(Names.mappings(uid)) gid \(Names.mappings(gid))"
        case .timeOffsets(let offsets): "time offsets \(Names.offsets(offsets))"
        case .moveDevices(let devices):
            "move network devices "
                + devices.map { "\($0.key) -> \($0.nameInside)" }.joined(separator: ", ")
        case .makeResctrl(let group):
            "resctrl group /\(group.group) " + Names.list(group.lines.map(\.text))
        case .enterResctrl(let group): "enter resctrl group /\(group.group)"
        case .runHooks(let kind, let hooks):
            "run \(kind.rawValue) hooks " + hooks.map(\.path).joined(separator: ", ")
        case .rlimit(let limit): "rlimit \(limit.type.rawValue) \(limit.soft):\(limit.hard)"
        case .scheduler(let scheduler): "scheduler \(scheduler.policy.rawValue)"
        case .ioPriority(let priority):
            "io priority \(priority.class.rawValue) \(priority.priority ?? 0)"
        case .compileFilter(let profile):
            "compile seccomp filter [\(SeccompProfile.text(ofAction: profile.defaultAction)) "
                + "unless one of \(profile.rules.count) rules]"
        case .sendListener(let listener): "send seccomp listener to \(listener.path)"
        case .handOverCgroup(let name): "cgroup hand over \(name)"
        case .publish: "write state created"
        case .pidFile(let path): "write pid file \(path)"
        case .sendConsole(let socket): "send console to \(socket)"
        case .sendPidfd(let socket): "send pidfd to \(socket)"
        }
    }
}

extension HostStep.IDMap {
    fileprivate var description: String {
        let name = isRecursive ? "ridmap" : "idmap"
        switch source {
        case .mappings(let uid, let gid):
            return "\(name) uid \(Names.mappings(uid)) gid \(Names.mappings(gid))"
        case .namespace(let path): return "\(name) \(path)"
        }
    }
}

extension HostStep.Tree {
    fileprivate var description: String {
        var words: [String] = isRecursive ? ["recursive"] : []
        words += Names.attributes(attributes.set, attributes.clear)
        words += Names.attributes(recursive.set, recursive.clear).map { "r" + $0 }
        words += Names.propagations(propagations)
        if let idmap { words.append(idmap.description) }
        return "clone tree \(source)" + (words.isEmpty ? "" : " ") + Names.list(words)
    }
}
