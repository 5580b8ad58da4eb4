import CInit
import Kernel
import Testing

@testable import Container

/// The wire format of each operation: accepted by the validator, with every operand in its place.
@Suite struct PlanEncoderTests {
    /// One operation, and what the record must hold.
    struct Row: CustomTestStringConvertible, Sendable {
        var op: PlanOp
        var kind: plan_kind
        /// Strings by place; what is not named must be absent.
        var texts: [Int: String] = [:]
        var lists: [Int: [String]] = [:]
        var blobs: [Int: [UInt8]] = [:]
        var descriptor = -1
        var numbers: [UInt64] = [0, 0, 0]
        var flags = 0

        var testDescription: String { String(cString: plan_op_name(kind.rawValue)) }
    }

    static let namespaces: [Row] = [
        Row(
            op: .setns(slot: 2, flags: CLONE_NEWNET), kind: .PLAN_OP_SETNS, descriptor: 2,
            numbers: [0x4000_0000, 0, 0]),
        Row(
            op: .unshare(flags: CLONE_NEWNS | CLONE_NEWPID), kind: .PLAN_OP_UNSHARE,
            numbers: [0x2002_0000, 0, 0]),
        Row(op: .sync(.idmap), kind: .PLAN_OP_SYNC, numbers: [1, 0, 0]),
        Row(op: .sync(.timens), kind: .PLAN_OP_SYNC, numbers: [2, 0, 0]),
        Row(op: .sync(.hooks), kind: .PLAN_OP_SYNC, numbers: [3, 0, 0]),
        Row(op: .sync(.ready), kind: .PLAN_OP_SYNC, numbers: [5, 0, 0]),
        Row(op: .sync(.start), kind: .PLAN_OP_SYNC, numbers: [6, 0, 0]),
        Row(op: .fork, kind: .PLAN_OP_FORK),
        Row(
            op: .becomeRoot(uid: 7, gid: 9), kind: .PLAN_OP_BECOME_ROOT, numbers: [7, 9, 0]),
        Row(op: .dumpable(true), kind: .PLAN_OP_DUMPABLE, numbers: [1, 0, 0]),
        Row(op: .dumpable(false), kind: .PLAN_OP_DUMPABLE),
        Row(op: .setsid, kind: .PLAN_OP_SETSID),
        Row(
            op: .keyring(name: "_ses.blue", permissions: 0x80000), kind: .PLAN_OP_KEYRING,
            texts: [0: "_ses.blue"], numbers: [0x80000, 0, 0]),
        Row(op: .loopback, kind: .PLAN_OP_LOOPBACK),
    ]

    static let root: [Row] = [
        Row(
            op: .propagation(MS_REC | MS_SLAVE), kind: .PLAN_OP_PROPAGATION,
            numbers: [0x84000, 0, 0]),
        Row(
            op: .rootfs(slot: 0, path: "/bundle/rootfs", isRecursive: true), kind: .PLAN_OP_ROOTFS,
            texts: [0: "/bundle/rootfs"], descriptor: 0, flags: Int(PLAN_RECURSIVE)),
        Row(
            op: .rootfs(slot: nil, path: "/r", isRecursive: false), kind: .PLAN_OP_ROOTFS,
            texts: [0: "/r"]),
        Row(
            op: .mount(
                PlanOp.NewMount(
                    type: "tmpfs", source: "shm", target: "dev/shm",
                    options: ["size=1k", "mode=755"],
                    attributes: MOUNT_ATTR_NOSUID, propagation: MS_PRIVATE, copiesUp: true,
                    targetIsStrict: true, takesOverMode: true)),
            kind: .PLAN_OP_MOUNT, texts: [0: "tmpfs", 1: "shm", 2: "dev/shm"],
            lists: [3: ["size=1k", "mode=755"]], numbers: [2, 0x40000, 2],
            flags: Int(PLAN_COPYUP) | Int(PLAN_NOFOLLOW) | Int(PLAN_EMPTY_TARGET_MODE)),
        Row(
            op: .mount(PlanOp.NewMount(type: "proc", source: "", target: "proc")),
            kind: .PLAN_OP_MOUNT, texts: [0: "proc", 2: "proc"]),
        Row(
            op: .mountLegacy(
                type: "ext4", source: "/dev/sda", target: "disk", data: "a,b", flags: MS_RDONLY,
                propagation: MS_SLAVE),
            kind: .PLAN_OP_MOUNT_LEGACY, texts: [0: "ext4", 1: "/dev/sda", 2: "disk", 3: "a,b"],
            numbers: [1, 0x80000, 0]),
        Row(
            op: .bind(PlanOp.Bind(slot: 3, source: "/srv", target: "srv", isRecursive: true)),
            kind: .PLAN_OP_BIND, texts: [2: "srv"], descriptor: 3, flags: Int(PLAN_RECURSIVE)),
        Row(
            op: .bind(
                PlanOp.Bind(
                    slot: nil, source: "/srv", target: "srv",
                    attributes: MountOptions.Attributes(set: 1, clear: 6), propagation: MS_SHARED)),
            kind: .PLAN_OP_BIND, texts: [1: "/srv", 2: "srv"], numbers: [1, 6, 0x100000]),
        Row(
            op: .setAttributes(
                target: ".", MountOptions.Attributes(set: 1, clear: 2), propagation: MS_PRIVATE,
                isRecursive: true),
            kind: .PLAN_OP_SETATTR, texts: [2: "."], numbers: [1, 2, 0x40000],
            flags: Int(PLAN_RECURSIVE)),
        Row(
            op: .mkdir(path: "srv/a", mode: 0o755), kind: .PLAN_OP_MKDIR, texts: [2: "srv/a"],
            numbers: [0o755, 0, 0]),
        Row(
            op: .symlink(text: "/proc/self/fd", path: "dev/fd"), kind: .PLAN_OP_SYMLINK,
            texts: [0: "/proc/self/fd", 2: "dev/fd"]),
        Row(op: .unlink(path: "dev/ptmx"), kind: .PLAN_OP_UNLINK, texts: [2: "dev/ptmx"]),
        Row(op: .unmount(path: "srv/a"), kind: .PLAN_OP_UNMOUNT, texts: [2: "srv/a"]),
        Row(op: .pivot, kind: .PLAN_OP_PIVOT),
        Row(op: .moveRoot, kind: .PLAN_OP_MOVE_ROOT),
        Row(op: .chroot(slot: nil, path: "."), kind: .PLAN_OP_CHROOT, texts: [2: "."]),
        Row(op: .chroot(slot: 2, path: ""), kind: .PLAN_OP_CHROOT, descriptor: 2),
        Row(
            op: .mknod(path: "dev/null", mode: 0o20666, device: 0x103, uid: 7, gid: 9),
            kind: .PLAN_OP_MKNOD, texts: [2: "dev/null"], numbers: [0o20666, 0x103, 7 << 32 | 9]),
    ]

    static let kernel: [Row] = [
        Row(
            op: .console(rows: 24, columns: 80, owner: 5, bindsConsole: true, isRelayed: true),
            kind: .PLAN_OP_CONSOLE, numbers: [24 << 32 | 80, 5, 1],
            flags: Int(PLAN_CONSOLE_BIND)),
        Row(
            op: .console(rows: 0, columns: 0, owner: 0, bindsConsole: false, isRelayed: false),
            kind: .PLAN_OP_CONSOLE),
        Row(op: .stdioNull, kind: .PLAN_OP_STDIO_NULL),
        Row(op: .stdioOwner(uid: 12), kind: .PLAN_OP_STDIO_OWNER, numbers: [12, 0, 0]),
        Row(op: .closeFDs, kind: .PLAN_OP_CLOSE_FDS),
        Row(op: .hostname("tern"), kind: .PLAN_OP_HOSTNAME, texts: [0: "tern"]),
        Row(
            op: .domainname("example.test"), kind: .PLAN_OP_DOMAINNAME,
            texts: [0: "example.test"]),
        Row(
            op: .sysctl(path: "net/ipv4/ip_forward", value: "1"), kind: .PLAN_OP_SYSCTL,
            texts: [0: "net/ipv4/ip_forward", 1: "1"]),
        Row(
            op: .sysctl(path: "kernel/sem", value: ""), kind: .PLAN_OP_SYSCTL,
            texts: [0: "kernel/sem"]),
        Row(op: .personality(8), kind: .PLAN_OP_PERSONALITY, numbers: [8, 0, 0]),
        Row(
            op: .mempolicy(mode: 2, nodes: [0x0102_0304_0506_0708], maxNode: 64),
            kind: .PLAN_OP_MEMPOLICY, blobs: [0: [8, 7, 6, 5, 4, 3, 2, 1]], numbers: [2, 64, 0]),
        Row(op: .mempolicy(mode: 0, nodes: [], maxNode: 0), kind: .PLAN_OP_MEMPOLICY),
        Row(op: .umask(0o22), kind: .PLAN_OP_UMASK, numbers: [0o22, 0, 0]),
        Row(op: .readonlyPath("proc/sys"), kind: .PLAN_OP_READONLY_PATH, texts: [2: "proc/sys"]),
        Row(
            op: .maskPath("proc/kcore", mountLabel: ""), kind: .PLAN_OP_MASK_PATH,
            texts: [2: "proc/kcore"]),
        Row(
            op: .relabel(path: "dev/mqueue", label: "label"), kind: .PLAN_OP_RELABEL,
            texts: [0: "label", 2: "dev/mqueue"]),
        Row(
            op: .label(file: "exec", text: "profile"), kind: .PLAN_OP_LABEL,
            texts: [0: "exec", 1: "profile"]),
        Row(op: .noNewPrivs, kind: .PLAN_OP_NO_NEW_PRIVS),
        Row(
            op: .seccomp(filter: [1, 2, 3, 4, 5, 6, 7, 8], instructions: 1, flags: 4),
            kind: .PLAN_OP_SECCOMP, blobs: [0: [1, 2, 3, 4, 5, 6, 7, 8]], numbers: [1, 4, 0]),
    ]

    static let process: [Row] = [
        Row(
            op: .setgroups([1, 0x0a0b_0c0d]), kind: .PLAN_OP_SETGROUPS,
            blobs: [0: [1, 0, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a]], numbers: [2, 0, 0]),
        Row(op: .setgroups([]), kind: .PLAN_OP_SETGROUPS),
        Row(op: .setgid(5), kind: .PLAN_OP_SETGID, numbers: [5, 0, 0]),
        Row(op: .setuid(4_294_967_294), kind: .PLAN_OP_SETUID, numbers: [4_294_967_294, 0, 0]),
        Row(op: .bounding(.max), kind: .PLAN_OP_BOUNDING, numbers: [.max, 0, 0]),
        Row(
            op: .capset(effective: 1, permitted: 2, inheritable: 4), kind: .PLAN_OP_CAPSET,
            numbers: [1, 2, 4]),
        Row(op: .ambient(8), kind: .PLAN_OP_AMBIENT, numbers: [8, 0, 0]),
        Row(
            op: .chdir(path: "/srv", putsOffAccess: true), kind: .PLAN_OP_CHDIR,
            texts: [0: "/srv"], flags: Int(PLAN_CHDIR_TRY)),
        Row(op: .chdir(path: "/", putsOffAccess: false), kind: .PLAN_OP_CHDIR, texts: [0: "/"]),
        Row(op: .home(uid: 1000), kind: .PLAN_OP_HOME, numbers: [1000, 0, 0]),
        Row(
            op: .resolveExec(program: "sh", searchPath: "/bin:"), kind: .PLAN_OP_RESOLVE_EXEC,
            texts: [0: "sh", 1: "/bin:"]),
        Row(
            op: .resolveExec(program: "sh", searchPath: ""), kind: .PLAN_OP_RESOLVE_EXEC,
            texts: [0: "sh"]),
        Row(
            op: .hook(
                PlanOp.ContainerHook(
                    path: "/hook", arguments: ["hook", "", "last"], environment: ["A=b"],
                    stateBeforePid: "{\"pid\":", stateAfterPid: ",\"id\":\"blue\"}", timeout: 5000)),
            kind: .PLAN_OP_HOOK, texts: [0: "/hook"],
            lists: [
                1: ["hook", "", "last"], 2: ["A=b"], 3: ["{\"pid\":", ",\"id\":\"blue\"}"],
            ],
            numbers: [3 << 32 | 1, 5000, 0]),
        Row(
            op: .hook(
                PlanOp.ContainerHook(
                    path: "/hook", arguments: ["hook"], environment: [], stateBeforePid: "",
                    stateAfterPid: "", timeout: 0)),
            kind: .PLAN_OP_HOOK, texts: [0: "/hook"], lists: [1: ["hook"], 3: ["", ""]],
            numbers: [1 << 32, 0, 0]),
        Row(op: .waitStart(slot: 1), kind: .PLAN_OP_WAIT_START, descriptor: 1),
        Row(op: .done, kind: .PLAN_OP_DONE),
    ]

    static let exec = Row(
        op: .exec(arguments: ["sh", "", "-c"], environment: ["A=", "B=ü"]), kind: .PLAN_OP_EXEC,
        lists: [0: ["sh", "", "-c"], 1: ["A=", "B=ü"]], numbers: [3, 2, 0])

    static var rows: [Row] { namespaces + root + kernel + process + [exec] }

    @Test("an operation's operands are where the header says", arguments: rows)
    func operands(_ row: Row) throws {
        var plan = Plan()
        for _ in 0..<4 { _ = plan.newSlot() }
        plan.add(row.op, "place/7")
        // One of the two ends each plan.
        let isExec = row.kind == .PLAN_OP_EXEC || row.kind == .PLAN_OP_DONE
        if !isExec { plan.add(.exec(arguments: ["true"], environment: []), "") }
        let bytes = PlanEncoder.encode(plan)
        let verdict = validatePlan(bytes)
        #expect(verdict.result == 0, "operation \(verdict.operation)")
        let decoded = DecodedPlan(bytes)
        let operation = try #require(decoded.operations.first)
        #expect(decoded.operations.count == (isExec ? 1 : 2))
        #expect(operation.kind == row.kind)
        #expect(operation.origin == "place/7")
        #expect(operation.descriptor == row.descriptor)
        #expect(operation.numbers == row.numbers)
        #expect(operation.flags == row.flags)
        for place in 0..<4 { check(operation, row, place) }
    }

    private func check(_ operation: DecodedPlan.Operation, _ row: Row, _ place: Int) {
        if let text = row.texts[place] {
            #expect(operation.text(place) == text)
        } else if let list = row.lists[place] {
            #expect(operation.list(place) == list)
        } else if let blob = row.blobs[place] {
            #expect(operation.blob(place) == blob)
        } else {
            #expect(operation.isAbsent(place))
        }
    }

    @Test("each kind is in the table")
    func complete() {
        let covered = Set(Self.rows.map(\.kind.rawValue))
        let missing = (0..<UInt16(PLAN_OP_COUNT)).filter { !covered.contains($0) }
        #expect(missing.map { String(cString: plan_op_name($0)) } == [])
    }
}

/// What concerns the plan as a whole.
@Suite struct PlanEncodingTests {
    private static func plan(_ ops: [PlanOp]) -> Plan {
        var plan = Plan()
        for op in ops { plan.add(op, "") }
        return plan
    }

    private static let last = PlanOp.exec(arguments: ["true"], environment: [])

    @Test("the header counts what is there")
    func header() {
        var plan = Plan()
        _ = plan.newSlot()
        _ = plan.newSlot()
        plan.payloadFDs = 3
        plan.isTraced = true
        plan.host(.publish, "state.json")
        plan.add(.setsid, "init")
        plan.add(Self.last, "process/args")
        let bytes = PlanEncoder.encode(plan)
        let header = DecodedPlan(bytes).header
        #expect(header.magic == UInt32(PLAN_MAGIC))
        #expect(header.version == UInt16(PLAN_VERSION))
        #expect(header.flags == UInt16(PLAN_TRACE))
        #expect(header.size == UInt32(bytes.count))
        #expect(header.op_count == 2)
        #expect(header.fd_count == 2)
        #expect(header.payload_fds == 3)
        #expect(validatePlan(bytes).result == 0)
    }

    @Test("flags of any operation are passed on")
    func flags() {
        var plan = Plan()
        plan.add(.ambient(1), "", flags: .warn)
        plan.add(.unlink(path: "a"), "", flags: .ignoreMissing)
        plan.add(.maskPath("a", mountLabel: ""), "", flags: [.warn, .ignoreMissing])
        plan.add(Self.last, "")
        let bytes = PlanEncoder.encode(plan)
        let warn = Int(PLAN_WARN)
        let ignore = Int(PLAN_IGNORE_ENOENT)
        #expect(DecodedPlan(bytes).operations.map(\.flags) == [warn, ignore, warn | ignore, 0])
        #expect(validatePlan(bytes).result == 0)
    }

    @Test("a mount may be refused where something is done instead")
    func refusal() {
        func verdict(_ second: PlanOpFlags, bind: PlanOp = .umask(0)) -> Int32 {
            var plan = Plan()
            plan.add(
                .mount(PlanOp.NewMount(type: "sysfs", source: "", target: "sys")), "",
                flags: .refusable)
            plan.add(bind, "", flags: second)
            plan.add(Self.last, "")
            return validatePlan(PlanEncoder.encode(plan)).result
        }
        #expect(verdict(.instead) == 0)
        #expect(verdict([]) != 0)
        #expect(verdict(.refusable) != 0)
        #expect(verdict(.instead, bind: .setuid(0)) != 0)
    }

    @Test("a vital operation's failure can be no warning")
    func strictFlags() {
        var plan = Plan()
        plan.add(.setuid(0), "", flags: .warn)
        plan.add(Self.last, "")
        #expect(validatePlan(PlanEncoder.encode(plan)).result != 0)
    }

    @Test("long strings keep every byte", arguments: [1, 7, 8, 1023, 4095, 65_536, 1 << 20])
    func longText(_ length: Int) {
        let text = String(repeating: "x", count: length - 1) + "y"
        let bytes = PlanEncoder.encode(
            Self.plan([
                .sysctl(path: "kernel/sem", value: text),
                .exec(arguments: ["a", text], environment: [text, "b"]),
            ]))
        #expect(validatePlan(bytes).result == 0)
        let operations = DecodedPlan(bytes).operations
        #expect(operations.first?.text(1) == text)
        #expect(operations.last?.list(0) == ["a", text])
        #expect(operations.last?.list(1) == [text, "b"])
    }

    @Test("long lists keep every element")
    func longLists() {
        let groups = (0..<UInt32(65_536)).map { $0 }
        let words = (0..<20_000).map { "WORD_\($0)=\($0)" }
        let bytes = PlanEncoder.encode(
            Self.plan([.setgroups(groups), .exec(arguments: words, environment: words)]))
        #expect(validatePlan(bytes).result == 0)
        let operations = DecodedPlan(bytes).operations
        #expect(operations.first?.blob(0).count == groups.count * 4)
        #expect(operations.last?.list(0) == words)
        #expect(operations.last?.list(1) == words)
    }

    @Test("a path that the kernel could not take is refused by the validator")
    func overlongPath() {
        for (length, isAccepted) in [(4095, true), (4096, false)] {
            let path = String(repeating: "p", count: length)
            let bytes = PlanEncoder.encode(Self.plan([.maskPath(path, mountLabel: ""), Self.last]))
            let verdict = validatePlan(bytes)
            #expect((verdict.result == 0) == isAccepted)
            if !isAccepted { #expect(verdict.operation == 0) }
        }
    }

    @Test("an empty program and an operation after exec are refused by the validator")
    func incomplete() {
        #expect(validatePlan(PlanEncoder.encode(Plan())).result != 0)
        #expect(validatePlan(PlanEncoder.encode(Self.plan([.setsid]))).result != 0)
        let empty = PlanOp.exec(arguments: [], environment: [])
        #expect(validatePlan(PlanEncoder.encode(Self.plan([empty]))).result != 0)
        #expect(validatePlan(PlanEncoder.encode(Self.plan([Self.last, .setsid]))).result != 0)
        #expect(validatePlan(PlanEncoder.encode(Self.plan([.fork, .fork, Self.last]))).result != 0)
    }

    @Test("every listed plan is one that the init stage accepts", arguments: GoldenPlan.all)
    func goldens(_ golden: GoldenPlan) throws {
        guard let plan = try golden.make().plan else { return }
        let verdict = validatePlan(PlanEncoder.encode(plan))
        #expect(verdict.result == 0, "operation \(verdict.operation)")
    }

    @Test(
        "slots are used once, in the order in which the parent fills them",
        arguments: GoldenPlan.all)
    func slots(_ golden: GoldenPlan) throws {
        guard let plan = try golden.make().plan else { return }
        var filled: [Int] = []
        for step in plan.steps {
            switch step.actor {
            case .host(.openTree(let tree)): filled.append(tree.slot)
            case .host(.openNamespace(let slot, _, _)), .host(.makeFifo(let slot)),
                .host(.openProcess(let slot, _)), .host(.openRoot(let slot, _)):
                filled.append(slot)
            case .host(.spawn):
                #expect(filled.sorted() == Array(0..<plan.slotCount))
            default: break
            }
        }
        let used = DecodedPlan(PlanEncoder.encode(plan)).operations
            .map(\.descriptor).filter { $0 >= 0 }
        #expect(used.sorted() == Array(0..<plan.slotCount))
    }
}
