import CInit
import Glibc
import Kernel
import Testing

@testable import Container

/// The sentences that users and engines read when the init stage fails.
@Suite struct InitFailureTests {
    /// What the init stage reports.
    private static func message(
        _ op: Int, _ call: sync_call, _ error: Int32, _ detail: String = ""
    ) -> sync_message {
        var message = sync_message()
        message.op = UInt32(op)
        message.call = call.rawValue
        message.err = error
        withUnsafeMutableBytes(of: &message.detail) { buffer in
            buffer.copyBytes(from: Array(detail.utf8.prefix(buffer.count - 1)))
        }
        return message
    }

    /// The error of one failing operation.
    private static func error(
        _ op: PlanOp, _ origin: String, label: String = "", _ call: sync_call, _ error: Int32,
        _ detail: String = ""
    ) -> RuntimeError {
        var plan = Plan()
        plan.host(.publish, "state.json")
        plan.add(.setsid, "init")
        plan.add(op, origin, label: label)
        return InitFailure.error(message(1, call, error, detail), in: plan)
    }

    @Test("a procfs that the kernel refuses says what is in the way, others do not")
    func refusedProc() {
        func text(_ type: String, _ error: Int32) -> String {
            let mount = PlanOp.NewMount(type: type, source: "", target: "proc")
            return Self.error(.mount(mount), "mounts/0", .SYNC_CALL_FSMOUNT, error).message
        }
        let reason =
            " (a user namespace gets one only where another is in sight that nothing covers)"
        #expect(text("proc", EPERM) == "cannot mount proc on /proc" + reason)
        #expect(text("proc", EINVAL) == "cannot mount proc on /proc")
        #expect(text("tmpfs", EPERM) == "cannot mount tmpfs on /proc")
    }

    // MARK: - What engines match

    /// How a program can fail to be executed.
    struct Program: CustomTestStringConvertible, Sendable {
        var program: String
        var error: Int32
        var isExec = false
        /// What docker, podman and CRI-O look for, to exit with 127 or 126.
        var matched: String

        var testDescription: String { "\(program) \(Errno(error).name)\(isExec ? " exec" : "")" }
    }

    static let programs: [Program] = [
        Program(program: "nothing", error: ENOENT, matched: "executable file not found in $PATH"),
        Program(
            program: "/bin/nothing", error: ENOENT,
            matched: "stat /bin/nothing: no such file or directory"),
        Program(
            program: "./nothing", error: ENOENT,
            matched: "stat ./nothing: no such file or directory"),
        Program(program: "/etc/passwd", error: EACCES, matched: "permission denied"),
        Program(program: "passwd", error: EACCES, matched: "permission denied"),
        Program(program: "/etc", error: EISDIR, matched: "is a directory: permission denied"),
        Program(program: "/etc/passwd/x", error: ENOTDIR, matched: "not a directory"),
        Program(program: "/bin/x", error: ELOOP, matched: "too many levels of symbolic links"),
        Program(program: "/bin/x", error: EPERM, isExec: true, matched: "operation not permitted"),
        Program(program: "/bin/x", error: ENOEXEC, isExec: true, matched: "exec format error"),
        Program(program: "/bin/x", error: EACCES, isExec: true, matched: "permission denied"),
        // The program is there; its interpreter is not.
        Program(
            program: "script", error: ENOENT, isExec: true,
            matched: "stat script: no such file or directory"),
    ]

    @Test("a program that cannot be executed", arguments: programs)
    func program(_ row: Program) {
        let op: PlanOp =
            row.isExec
            ? .exec(arguments: [row.program, "-x"], environment: [])
            : .resolveExec(program: row.program, searchPath: "/bin")
        let call: sync_call = row.isExec ? .SYNC_CALL_EXECVE : .SYNC_CALL_CHECK
        let error = Self.error(op, "process/args", label: row.program, call, row.error, row.program)
        #expect(error.code == .program)
        #expect(
            error.description
                == "process/args: unable to start container process: exec: \"\(row.program)\": "
                + row.matched)
    }

    // MARK: - Operations

    /// An operation and the sentence of its failure.
    struct Row: CustomTestStringConvertible, Sendable {
        var op: PlanOp
        var origin: String
        var label = ""
        var call: sync_call
        var error: Int32
        var detail = ""
        var sentence: String

        var testDescription: String { sentence }
    }

    static let rows: [Row] = [
        Row(
            op: .mount(PlanOp.NewMount(type: "tmpfs", source: "tmpfs", target: "run")),
            origin: "mounts/3", label: "/run", call: .SYNC_CALL_FSCONFIG, error: EINVAL,
            detail: "size=bad",
            sentence: "mounts/3 (/run): cannot mount tmpfs on /run: "
                + "EINVAL (fsconfig size=bad): invalid argument"),
        Row(
            op: .bind(PlanOp.Bind(slot: 0, source: "/srv", target: "data")), origin: "mounts/1",
            label: "/data", call: .SYNC_CALL_MOVE_MOUNT, error: EPERM,
            sentence: "mounts/1 (/data): cannot bind /srv on /data: "
                + "EPERM (move_mount): operation not permitted"),
        Row(
            op: .mountLegacy(
                type: "ext4", source: "/dev/sda", target: "disk", data: "", flags: 1,
                propagation: 0),
            origin: "mounts/1", label: "/disk", call: .SYNC_CALL_MOUNT, error: ENODEV,
            sentence: "mounts/1 (/disk): cannot mount ext4 on /disk: "
                + "ENODEV (mount): no such device"),
        Row(
            op: .setns(slot: 0, flags: CLONE_NEWNET), origin: "linux/namespaces/2",
            label: "/run/netns/blue", call: .SYNC_CALL_SETNS, error: EPERM,
            sentence: "linux/namespaces/2 (/run/netns/blue): cannot join namespace: "
                + "EPERM (setns): operation not permitted"),
        Row(
            op: .unshare(flags: CLONE_NEWUSER), origin: "linux/namespaces",
            call: .SYNC_CALL_UNSHARE, error: ENOSPC,
            sentence: "linux/namespaces: cannot make namespaces: "
                + "ENOSPC (unshare): no space left on device"),
        Row(
            op: .rootfs(slot: 0, path: "/bundle/rootfs", isRecursive: true), origin: "root/path",
            label: "/bundle/rootfs", call: .SYNC_CALL_OPENAT2, error: ENOENT,
            detail: "/bundle/rootfs",
            sentence: "root/path (/bundle/rootfs): cannot mount the root file system: "
                + "ENOENT (openat2 /bundle/rootfs): no such file or directory"),
        Row(
            op: .mknod(path: "dev/fuse", mode: 0o20666, device: 1, uid: 0, gid: 0),
            origin: "linux/devices/0", label: "/dev/fuse", call: .SYNC_CALL_MKNODAT, error: EEXIST,
            sentence: "linux/devices/0 (/dev/fuse): cannot make device /dev/fuse: "
                + "EEXIST (mknodat): file exists"),
        Row(
            op: .setgroups([5]), origin: "process/user/additionalGids", call: .SYNC_CALL_SETGROUPS,
            error: EPERM,
            sentence: "process/user/additionalGids: cannot set supplementary groups: "
                + "EPERM (setgroups): operation not permitted"),
        Row(
            op: .setgid(5), origin: "process/user/gid", call: .SYNC_CALL_SETRESGID, error: EINVAL,
            sentence: "process/user/gid: cannot become group 5: "
                + "EINVAL (setresgid): invalid argument"),
        Row(
            op: .setuid(7), origin: "process/user/uid", call: .SYNC_CALL_SETRESUID, error: EAGAIN,
            sentence: "process/user/uid: cannot become user 7: "
                + "EAGAIN (setresuid): resource temporarily unavailable"),
        Row(
            op: .chdir(path: "/srv", putsOffAccess: false), origin: "process/cwd", label: "/srv",
            call: .SYNC_CALL_CHDIR, error: EACCES, detail: "/srv",
            sentence: "process/cwd (/srv): cannot enter directory /srv: "
                + "EACCES (chdir /srv): permission denied"),
        Row(
            op: .mkdir(path: "srv/x", mode: 0o755), origin: "process/cwd", label: "/srv/x",
            call: .SYNC_CALL_MKDIRAT, error: EROFS, detail: "srv/x",
            sentence: "process/cwd (/srv/x): cannot make directory /srv/x: "
                + "EROFS (mkdirat srv/x): read-only file system"),
        Row(
            op: .maskPath("proc/kcore", mountLabel: ""), origin: "linux/maskedPaths/0",
            label: "/proc/kcore",
            call: .SYNC_CALL_MOVE_MOUNT, error: EINVAL,
            sentence: "linux/maskedPaths/0 (/proc/kcore): cannot mask /proc/kcore: "
                + "EINVAL (move_mount): invalid argument"),
        Row(
            op: .readonlyPath("proc/sys"), origin: "linux/readonlyPaths/0", label: "/proc/sys",
            call: .SYNC_CALL_OPEN_TREE, error: EPERM,
            sentence: "linux/readonlyPaths/0 (/proc/sys): cannot make /proc/sys read-only: "
                + "EPERM (open_tree): operation not permitted"),
        Row(
            op: .sysctl(path: "net/core/somaxconn", value: "x"), origin: "linux/sysctl/net~1core",
            call: .SYNC_CALL_WRITE, error: EINVAL,
            sentence: "linux/sysctl/net~1core: cannot set sysctl net/core/somaxconn to x: "
                + "EINVAL (write): invalid argument"),
        Row(
            op: .console(rows: 0, columns: 0, owner: 0, bindsConsole: true, isRelayed: false),
            origin: "process/terminal", call: .SYNC_CALL_CHECK, error: ENODEV,
            detail: "/dev/pts is not devpts",
            sentence: "process/terminal: cannot make the terminal: "
                + "ENODEV (check /dev/pts is not devpts): no such device"),
        Row(
            op: .setAttributes(
                target: ".", MountOptions.Attributes(set: 1), propagation: 0, isRecursive: false),
            origin: "root/readonly", call: .SYNC_CALL_MOUNT_SETATTR, error: EPERM,
            sentence: "root/readonly: cannot set attributes of /: "
                + "EPERM (mount_setattr): operation not permitted"),
        Row(
            op: .capset(effective: 1, permitted: 1, inheritable: 0), origin: "process/capabilities",
            call: .SYNC_CALL_CAPSET, error: EPERM,
            sentence: "process/capabilities: cannot set capabilities: "
                + "EPERM (capset): operation not permitted"),
        Row(
            op: .bounding(1), origin: "process/capabilities/bounding", call: .SYNC_CALL_PRCTL,
            error: EPERM, detail: "PR_CAPBSET_DROP",
            sentence: "process/capabilities/bounding: cannot set capabilities: "
                + "EPERM (prctl PR_CAPBSET_DROP): operation not permitted"),
        Row(
            op: .ambient(1), origin: "process/capabilities/ambient", call: .SYNC_CALL_PRCTL,
            error: EPERM, detail: "PR_CAP_AMBIENT_RAISE: 0",
            sentence: "process/capabilities/ambient: cannot set capabilities: "
                + "EPERM (prctl PR_CAP_AMBIENT_RAISE: 0): operation not permitted"),
        Row(
            op: .hostname("tern"), origin: "hostname", call: .SYNC_CALL_SETHOSTNAME, error: EINVAL,
            sentence: "hostname: cannot set hostname tern: "
                + "EINVAL (sethostname): invalid argument"),
        Row(
            op: .domainname("t"), origin: "domainname", call: .SYNC_CALL_SETDOMAINNAME,
            error: EINVAL,
            sentence: "domainname: cannot set domainname t: "
                + "EINVAL (setdomainname): invalid argument"),
        Row(
            op: .pivot, origin: "root/path", call: .SYNC_CALL_PIVOT_ROOT, error: EINVAL,
            sentence: "root/path: cannot pivot root: EINVAL (pivot_root): invalid argument"),
        Row(
            op: .personality(8), origin: "linux/personality", call: .SYNC_CALL_PERSONALITY,
            error: EINVAL,
            sentence: "linux/personality: cannot set personality 0x8: "
                + "EINVAL (personality): invalid argument"),
        Row(
            op: .keyring(name: "_ses.blue", permissions: 1), origin: "init",
            call: .SYNC_CALL_KEYCTL, error: EDQUOT,
            sentence: "init: cannot join session keyring _ses.blue: "
                + "EDQUOT (keyctl): disk quota exceeded"),
        Row(
            op: .loopback, origin: "linux/namespaces", call: .SYNC_CALL_IOCTL, error: EPERM,
            detail: "SIOCSIFFLAGS lo",
            sentence: "linux/namespaces: cannot bring loopback up: "
                + "EPERM (ioctl SIOCSIFFLAGS lo): operation not permitted"),
        Row(
            op: .propagation(MS_REC | MS_SLAVE), origin: "linux/rootfsPropagation",
            call: .SYNC_CALL_MOUNT_SETATTR, error: EINVAL,
            sentence: "linux/rootfsPropagation: cannot make / rslave: "
                + "EINVAL (mount_setattr): invalid argument"),
        Row(
            op: .label(file: "exec", text: "profile"), origin: "process/apparmorProfile",
            call: .SYNC_CALL_WRITE, error: ENOENT,
            sentence: "process/apparmorProfile: cannot set label profile: "
                + "ENOENT (write): no such file or directory"),
        Row(
            op: .seccomp(filter: [], instructions: 4, flags: 0), origin: "linux/seccomp",
            call: .SYNC_CALL_SECCOMP, error: EINVAL,
            sentence: "linux/seccomp: cannot load the system call filter: "
                + "EINVAL (seccomp): invalid argument"),
    ]

    @Test("a failing operation has a place, a sentence, a call and an error", arguments: rows)
    func operation(_ row: Row) {
        let error = Self.error(
            row.op, row.origin, label: row.label, row.call, row.error, row.detail)
        #expect(error.description == row.sentence)
        #expect(error.code == .system)
        #expect(error.location == row.origin)
    }

    @Test("every operation's failure is one sentence", arguments: PlanEncoderTests.rows)
    func sentences(_ row: PlanEncoderTests.Row) {
        let error = Self.error(row.op, "place", .SYNC_CALL_READ, EIO, "x")
        #expect(error.description.hasPrefix("place"))
        #expect(!error.message.hasPrefix("cannot set ") || error.message.count > 14)
        #expect(!error.description.contains("\n"))
    }

    // MARK: - Hooks

    @Test("hooks say how they ended")
    func hooks() {
        let hook = PlanOp.hook(
            PlanOp.ContainerHook(
                path: "/hook", arguments: ["hook"], environment: [], stateBeforePid: "",
                stateAfterPid: "", timeout: 3000))
        let place = "hooks/createContainer/1"
        let cases: [(sync_call, Int32, String, String)] = [
            (.SYNC_CALL_HOOK_EXIT, 3, "/hook\n", "hook exited with status 3"),
            (
                .SYNC_CALL_HOOK_EXIT, 3, "/hook\none\nthe reason\n",
                "hook exited with status 3: one; the reason"
            ),
            (.SYNC_CALL_HOOK_SIGNAL, SIGSEGV, "/hook\n", "hook was killed by SIGSEGV"),
            (
                .SYNC_CALL_HOOK_TIMEOUT, ETIMEDOUT, "/hook\n",
                "hook was killed at its timeout of 3 s"
            ),
            (
                .SYNC_CALL_EXECVE, ENOENT, "/hook",
                "cannot run hook: ENOENT (execve /hook): no such file or directory"
            ),
        ]
        for (call, number, detail, sentence) in cases {
            let error = Self.error(hook, place, label: "/hook", call, number, detail)
            #expect(error.description == "\(place) (/hook): \(sentence)")
            #expect(error.code == .hook)
        }
        let late = InitFailure.hookError(
            Self.message(0, .SYNC_CALL_HOOK_TIMEOUT, ETIMEDOUT), path: "/hook", timeout: nil,
            at: "hooks/startContainer")
        #expect(
            late.description == "hooks/startContainer (/hook): hook was killed at its timeout")
    }

    // MARK: - What is no operation

    @Test("a plan that was refused, and an operation that is none")
    func noOperation() {
        var plan = Plan()
        plan.add(.exec(arguments: ["x"], environment: []), "process/args")
        for op in [1, Int(UInt32.max)] {
            let error = InitFailure.error(
                Self.message(op, .SYNC_CALL_VALIDATE, EINVAL), in: plan)
            #expect(
                error.description
                    == "cannot start the init stage: EINVAL (plan_validate): invalid argument")
        }
    }

    @Test("a warning is the error's sentence")
    func warning() {
        var plan = Plan()
        plan.add(.ambient(1), "process/capabilities/ambient", flags: .warn)
        let message = Self.message(0, .SYNC_CALL_PRCTL, EPERM, "PR_CAP_AMBIENT_RAISE: 0")
        #expect(
            InitFailure.warning(message, in: plan)
                == InitFailure.error(message, in: plan).description)
    }

    @Test("a detail without end and one that is no text do no harm")
    func details() {
        var message = Self.message(0, .SYNC_CALL_READ, EIO)
        withUnsafeMutableBytes(of: &message.detail) { buffer in
            for index in buffer.indices { buffer[index] = 0x61 }
        }
        #expect(InitFailure.text(message) == String(repeating: "a", count: 216))
        withUnsafeMutableBytes(of: &message.detail) { $0[0] = 0xff }
        #expect(InitFailure.text(message).hasPrefix("\u{fffd}a"))
        withUnsafeMutableBytes(of: &message.detail) { $0[0] = 0 }
        #expect(InitFailure.text(message) == "")
    }

    @Test("a call that is none does no harm")
    func unknownCall() {
        var message = Self.message(1, .SYNC_CALL_READ, 9999)
        message.call = .max
        var plan = Plan()
        plan.add(.setsid, "init")
        plan.add(.pivot, "root/path")
        #expect(
            InitFailure.error(message, in: plan).description
                == "root/path: cannot pivot root: E9999 (?): unknown error 9999")
    }
}

/// The sentences of a program that fails after `start`.
@Suite struct StartFailureTests {
    private static func error(
        _ kind: plan_kind, _ call: sync_call, _ number: Int32, _ detail: String
    ) -> RuntimeError {
        var message = sync_message()
        message.call = call.rawValue
        message.err = number
        message.value2 = UInt64(kind.rawValue)
        withUnsafeMutableBytes(of: &message.detail) { $0.copyBytes(from: Array(detail.utf8)) }
        return StartFailure.error(message)
    }

    @Test("a program that cannot be executed after all")
    func exec() {
        let error = Self.error(.PLAN_OP_EXEC, .SYNC_CALL_EXECVE, ENOENT, "/bin/script")
        #expect(error.code == .program)
        #expect(
            error.description
                == "process/args: unable to start container process: exec: \"/bin/script\": "
                + "no such file or directory: "
                + "ENOENT (execve /bin/script): no such file or directory")
    }

    @Test("a hook before it")
    func hook() {
        let error = Self.error(.PLAN_OP_HOOK, .SYNC_CALL_HOOK_EXIT, 1, "/hook\nno")
        #expect(error.code == .hook)
        #expect(error.description == "hooks/startContainer (/hook): hook exited with status 1: no")
    }

    @Test("anything else names the operation")
    func other() {
        let error = Self.error(.PLAN_OP_SETUID, .SYNC_CALL_SETRESUID, EAGAIN, "")
        #expect(error.code == .system)
        #expect(
            error.description
                == "cannot start the program: setuid: "
                + "EAGAIN (setresuid): resource temporarily unavailable")
    }
}
