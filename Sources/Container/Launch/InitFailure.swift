internal import CInit
internal import Kernel

/// Turns what the init stage reports (`operation, call, errno`) into the sentence that the user
/// reads.
///
/// Texts that engines match (reference: go-runc, conmon, docker) stay exact.
enum InitFailure {
    /// The error of a failed operation.
    static func error(_ message: sync_message, in plan: Plan) -> RuntimeError {
        let operations = plan.operations
        let detail = text(message)
        let call = String(cString: sync_call_name(message.call))
        let errno = Errno(message.err)
        guard Int(message.op) < operations.count else {
            return RuntimeError(
                .system, "cannot start the init stage",
                underlying: SystemError(call, detail, errno))
        }
        let operation = operations[Int(message.op)]
        let step = operation.step
        if case .resolveExec(let program, _) = operation.op {
            let isSearched = !program.utf8.contains(UInt8(ascii: "/"))
            return programError(program, errno, isSearched: isSearched, step)
        }
        if case .exec(let arguments, _) = operation.op {
            // It was found: what is missing now is its interpreter.
            return programError(arguments.first ?? "", errno, isSearched: false, step)
        }
        if case .hook(let hook) = operation.op {
            return hookError(
                message, path: hook.path, timeout: hook.timeout, at: step.origin)
        }
        return RuntimeError(
            .system, "cannot \(sentence(operation.op))\(reason(operation.op, errno))",
            at: step.origin, label: step.label, underlying: SystemError(call, detail, errno))
    }

    /// What the kernel means, where its number says little.
    private static func reason(_ op: PlanOp, _ errno: Errno) -> String {
        switch op {
        case .mount(let mount) where mount.type == "proc" && errno == .notPermitted:
            " (a user namespace gets one only where another is in sight that nothing covers)"
        case .fork: InitDeath.reason(errno)
        default: ""
        }
    }

    /// A warning of an operation whose failure the plan allows.
    static func warning(_ message: sync_message, in plan: Plan) -> String {
        error(message, in: plan).description
    }

    /// The text of a message's detail.
    static func text(_ message: sync_message) -> String {
        withUnsafeBytes(of: message.detail) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// What is told of a hook: its path on a line of its own, then the end of its output.
    static func hookText(_ message: sync_message) -> (path: String, output: String) {
        let parts = text(message).split(
            separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    /// Docker, podman and CRI-O read exit status 127 out of "executable file not found in $PATH"
    /// and "no such file or directory", 126 out of "permission denied" and the like.
    private static func programError(
        _ program: String, _ errno: Errno, isSearched: Bool, _ step: Plan.Step
    ) -> RuntimeError {
        let reason: String
        if errno == .noEntry && isSearched {
            reason = "executable file not found in $PATH"
        } else if errno == .noEntry {
            reason = "stat \(program): no such file or directory"
        } else if errno == .isDirectory {
            // What execve(2) says of a directory is EACCES, which some engines look for.
            reason = "is a directory: permission denied"
        } else {
            reason = errno.text
        }
        return RuntimeError(
            .program, "unable to start container process: exec: \"\(program)\": \(reason)",
            at: step.origin)
    }

    /// The error of a hook that the init stage ran.
    ///
    /// - Parameter timeout: milliseconds, or nil when it is not known any more.
    static func hookError(
        _ message: sync_message, path: String, timeout: UInt64?, at location: String
    ) -> RuntimeError {
        let sentence: String
        switch sync_call(rawValue: message.call) {
        case .SYNC_CALL_HOOK_EXIT: sentence = "hook exited with status \(message.err)"
        case .SYNC_CALL_HOOK_SIGNAL: sentence = "hook was killed by \(Signal.name(message.err))"
        case .SYNC_CALL_HOOK_TIMEOUT:
            let limit = timeout.map { " of \($0 / 1000) s" } ?? ""
            sentence = "hook was killed at its timeout\(limit)"
        default:
            let call = String(cString: sync_call_name(message.call))
            return RuntimeError(
                .hook, "cannot run hook", at: location, label: path,
                underlying: SystemError(call, text(message), Errno(message.err)))
        }
        let said = OutputTail.lastLines(Array(hookText(message).output.utf8))
        return RuntimeError(
            .hook, said.isEmpty ? sentence : "\(sentence): \(said)", at: location, label: path)
    }

    /// What was being done, as the rest of a sentence that begins with "cannot".
    private static func sentence(_ op: PlanOp) -> String {
        switch op {
        case .setns: "join namespace"
        case .unshare: "make namespaces"
        case .keyring(let name, _): "join session keyring \(name)"
        case .loopback: "bring loopback up"
        case .propagation(let flags): "make / \(Names.propagation(flags))"
        case .rootfs: "mount the root file system"
        case .chroot(_, let path): "make \(place(path)) of the joined mount namespace the root"
        case .mount(let mount): "mount \(mount.type) on \(place(mount.target))"
        case .mountLegacy(let type, _, let target, _, let flags, _):
            flags & MS_REMOUNT != 0
                ? "remount \(place(target))" : "mount \(type) on \(place(target))"
        case .bind(let bind): "bind \(bind.source) on \(place(bind.target))"
        case .setAttributes(let target, _, _, _): "set attributes of \(place(target))"
        case .mkdir(let path, _): "make directory \(place(path))"
        case .symlink(_, let path): "make symbolic link \(place(path))"
        case .unlink(let path): "remove \(place(path))"
        case .unmount(let path): "unmount \(place(path))"
        case .mknod(let path, _, _, _, _): "make device \(place(path))"
        case .maskPath(let path, _): "mask \(place(path))"
        case .readonlyPath(let path): "make \(place(path)) read-only"
        case .sysctl(let path, let value): "set sysctl \(path) to \(value)"
        default: programSentence(op)
        }
    }

    private static func programSentence(_ op: PlanOp) -> String {
        switch op {
        case .console: "make the terminal"
        case .stdioNull: "replace the host's /dev/null on the standard streams"
        case .stdioOwner(let uid): "give the standard streams to user \(uid)"
        case .hostname(let name): "set hostname \(name)"
        case .domainname(let name): "set domainname \(name)"
        case .personality(let value): "set personality \(Names.hex(value))"
        case .mempolicy: "set the memory policy"
        case .label(_, let text): "set label \(text)"
        case .relabel(let path, let label): "label \(place(path)) as \(label)"
        case .noNewPrivs: "set no_new_privs"
        case .seccomp: "load the system call filter"
        case .setgroups: "set supplementary groups"
        case .setgid(let gid): "become group \(gid)"
        case .setuid(let uid): "become user \(uid)"
        case .bounding, .capset, .ambient: "set capabilities"
        case .chdir(let path, _): "enter directory \(path)"
        case .home(let uid): "find the home directory of user \(uid)"
        default: op.description
        }
    }

    /// An in-root operand as the container sees it.
    private static func place(_ operand: String) -> String {
        operand == "." ? "/" : "/" + operand
    }
}
