internal import CInit

/// Turns the init stage's operations into the wire format of `plan.h`.
package struct PlanEncoder {
    private var operations: [UInt8] = []
    /// Offset 0 is the empty string: length 0, NUL, padding.
    private var table: [UInt8] = [UInt8](repeating: 0, count: 8)
    private var count: UInt32 = 0

    private init() {
        operations.reserveCapacity(128 * MemoryLayout<plan_op>.size)
        table.reserveCapacity(8192)
    }

    /// Encodes a plan.
    package static func encode(_ plan: Plan) -> [UInt8] {
        var encoder = PlanEncoder()
        for step in plan.steps {
            guard case .initStage(let op, let flags) = step.actor else { continue }
            encoder.append(op, flags, origin: step.origin)
        }
        return encoder.finish(plan)
    }

    private func finish(_ plan: Plan) -> [UInt8] {
        let headerSize = MemoryLayout<plan_header>.size
        var header = plan_header()
        header.magic = UInt32(PLAN_MAGIC)
        header.version = UInt16(PLAN_VERSION)
        header.flags = plan.isTraced ? UInt16(PLAN_TRACE) : 0
        header.op_count = count
        header.table_offset = UInt32(headerSize + operations.count)
        header.table_size = UInt32(table.count)
        header.size = header.table_offset + header.table_size
        header.fd_count = UInt32(plan.slotCount)
        header.payload_fds = UInt32(plan.payloadFDs)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(header.size))
        withUnsafeBytes(of: &header) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: operations)
        bytes.append(contentsOf: table)
        return bytes
    }

    // MARK: - Table

    private mutating func entry(_ fill: (inout [UInt8]) -> Void) -> UInt32 {
        let offset = table.count
        table.append(contentsOf: [0, 0, 0, 0])
        fill(&table)
        var length = UInt32(table.count - offset - 4)
        withUnsafeBytes(of: &length) { bytes in
            for (index, byte) in bytes.enumerated() { table[offset + index] = byte }
        }
        table.append(0)
        while table.count % 8 != 0 { table.append(0) }
        return UInt32(offset)
    }

    private mutating func string(_ text: String) -> UInt32 {
        text.isEmpty ? 0 : entry { $0.append(contentsOf: text.utf8) }
    }

    private mutating func list(_ texts: [String]) -> UInt32 {
        guard !texts.isEmpty else { return 0 }
        return entry { table in
            for text in texts {
                table.append(contentsOf: text.utf8)
                table.append(0)
            }
        }
    }

    private mutating func blob<Element: BitwiseCopyable>(_ values: [Element]) -> UInt32 {
        guard !values.isEmpty else { return 0 }
        return entry { table in values.withUnsafeBytes { table.append(contentsOf: $0) } }
    }

    // MARK: - Operations

    private mutating func append(_ op: PlanOp, _ flags: PlanOpFlags, origin: String) {
        var record = plan_op()
        record.fd = Int32(PLAN_NO_FD)
        record.flags = flags.rawValue
        fill(&record, op)
        record.origin = string(origin)
        withUnsafeBytes(of: &record) { operations.append(contentsOf: $0) }
        count += 1
    }

    private mutating func fill(_ record: inout plan_op, _ op: PlanOp) {
        switch op {
        case .setns, .unshare, .sync, .fork, .becomeRoot, .dumpable, .setsid, .keyring, .loopback:
            fillNamespace(&record, op)
        case .propagation, .rootfs, .mount, .mountLegacy, .bind, .setAttributes, .mkdir, .symlink,
            .unlink, .unmount, .pivot, .moveRoot, .chroot, .mknod:
            fillRoot(&record, op)
        case .console, .stdioNull, .stdioOwner, .closeFDs, .hostname, .domainname, .sysctl,
            .personality, .mempolicy, .umask, .readonlyPath, .maskPath, .relabel, .label,
            .noNewPrivs,
            .seccomp:
            fillKernel(&record, op)
        case .setgroups, .setgid, .setuid, .bounding, .capset, .ambient, .chdir, .home,
            .resolveExec, .hook, .waitStart, .done, .exec:
            fillProcess(&record, op)
        }
    }

    private mutating func fillNamespace(_ record: inout plan_op, _ op: PlanOp) {
        switch op {
        case .setns(let slot, let flags):
            record.set(.PLAN_OP_SETNS)
            record.fd = Int32(slot)
            record.num.0 = flags
        case .unshare(let flags):
            record.set(.PLAN_OP_UNSHARE)
            record.num.0 = flags
        case .sync(let reason):
            record.set(.PLAN_OP_SYNC)
            record.num.0 = reason.wireValue.rawValue
        case .fork: record.set(.PLAN_OP_FORK)
        case .becomeRoot(let uid, let gid):
            record.set(.PLAN_OP_BECOME_ROOT)
            record.num = (UInt64(uid), UInt64(gid), 0)
        case .dumpable(let isOn):
            record.set(.PLAN_OP_DUMPABLE)
            record.num.0 = isOn ? 1 : 0
        case .setsid: record.set(.PLAN_OP_SETSID)
        case .keyring(let name, let permissions):
            record.set(.PLAN_OP_KEYRING)
            record.str.0 = string(name)
            record.num.0 = permissions
        default: record.set(.PLAN_OP_LOOPBACK)
        }
    }

    private mutating func fillRoot(_ record: inout plan_op, _ op: PlanOp) {
        switch op {
        case .propagation(let flags):
            record.set(.PLAN_OP_PROPAGATION)
            record.num.0 = flags
        case .rootfs(let slot, let path, let isRecursive):
            record.set(.PLAN_OP_ROOTFS, isRecursive ? PLAN_RECURSIVE : nil)
            record.fd = slot.map(Int32.init) ?? Int32(PLAN_NO_FD)
            record.str.0 = string(path)
        case .mount(let mount): fillMount(&record, mount)
        case .mountLegacy(let type, let source, let target, let data, let flags, let propagation):
            record.set(.PLAN_OP_MOUNT_LEGACY)
            record.str = (string(type), string(source), string(target), string(data))
            record.num = (flags, propagation, 0)
        case .bind(let bind):
            record.set(.PLAN_OP_BIND, bind.isRecursive ? PLAN_RECURSIVE : nil)
            if bind.isSourceInRoot { record.flags |= UInt16(PLAN_SOURCE_IN_ROOT) }
            record.fd = bind.slot.map(Int32.init) ?? Int32(PLAN_NO_FD)
            // A tree from the parent has its source behind it.
            if bind.slot == nil { record.str.1 = string(bind.source) }
            record.str.2 = string(bind.target)
            record.num = (bind.attributes.set, bind.attributes.clear, bind.propagation)
        case .setAttributes(let target, let attributes, let propagation, let isRecursive):
            record.set(.PLAN_OP_SETATTR, isRecursive ? PLAN_RECURSIVE : nil)
            record.str.2 = string(target)
            record.num = (attributes.set, attributes.clear, propagation)
        case .mkdir(let path, let mode):
            record.set(.PLAN_OP_MKDIR)
            record.str.2 = string(path)
            record.num.0 = UInt64(mode)
        case .symlink(let text, let path):
            record.set(.PLAN_OP_SYMLINK)
            record.str.0 = string(text)
            record.str.2 = string(path)
        case .unlink(let path):
            record.set(.PLAN_OP_UNLINK)
            record.str.2 = string(path)
        case .unmount(let path):
            record.set(.PLAN_OP_UNMOUNT)
            record.str.2 = string(path)
        case .pivot: record.set(.PLAN_OP_PIVOT)
        case .chroot(let slot, let path):
            record.set(.PLAN_OP_CHROOT)
            record.fd = slot.map(Int32.init) ?? Int32(PLAN_NO_FD)
            if slot == nil { record.str.2 = string(path) }
        case .mknod(let path, let mode, let device, let uid, let gid):
            record.set(.PLAN_OP_MKNOD)
            record.str.2 = string(path)
            record.num = (UInt64(mode), device, UInt64(uid) << 32 | UInt64(gid))
        default: record.set(.PLAN_OP_MOVE_ROOT)
        }
    }

    private mutating func fillMount(_ record: inout plan_op, _ mount: PlanOp.NewMount) {
        record.set(.PLAN_OP_MOUNT)
        if mount.copiesUp { record.flags |= UInt16(PLAN_COPYUP) }
        if mount.targetIsStrict { record.flags |= UInt16(PLAN_NOFOLLOW) }
        if mount.takesOverMode { record.flags |= UInt16(PLAN_EMPTY_TARGET_MODE) }
        record.str = (
            string(mount.type), string(mount.source), string(mount.target), list(mount.options)
        )
        record.num = (mount.attributes, mount.propagation, UInt64(mount.options.count))
    }

    private mutating func fillKernel(_ record: inout plan_op, _ op: PlanOp) {
        switch op {
        case .console(let rows, let columns, let owner, let bindsConsole, let isRelayed):
            record.set(.PLAN_OP_CONSOLE, bindsConsole ? PLAN_CONSOLE_BIND : nil)
            record.num = (
                UInt64(rows) << 32 | UInt64(columns), UInt64(owner), isRelayed ? 1 : 0
            )
        case .stdioNull: record.set(.PLAN_OP_STDIO_NULL)
        case .stdioOwner(let uid):
            record.set(.PLAN_OP_STDIO_OWNER)
            record.num.0 = UInt64(uid)
        case .closeFDs: record.set(.PLAN_OP_CLOSE_FDS)
        case .hostname(let name):
            record.set(.PLAN_OP_HOSTNAME)
            record.str.0 = string(name)
        case .domainname(let name):
            record.set(.PLAN_OP_DOMAINNAME)
            record.str.0 = string(name)
        case .sysctl(let path, let value):
            record.set(.PLAN_OP_SYSCTL)
            record.str.0 = string(path)
            record.str.1 = string(value)
        case .personality(let value):
            record.set(.PLAN_OP_PERSONALITY)
            record.num.0 = value
        case .mempolicy(let mode, let nodes, let maxNode):
            record.set(.PLAN_OP_MEMPOLICY)
            record.str.0 = blob(nodes)
            record.num = (mode, maxNode, 0)
        case .umask(let mask):
            record.set(.PLAN_OP_UMASK)
            record.num.0 = UInt64(mask)
        case .readonlyPath(let path):
            record.set(.PLAN_OP_READONLY_PATH)
            record.str.2 = string(path)
        case .maskPath(let path, let mountLabel):
            record.set(.PLAN_OP_MASK_PATH)
            record.str.0 = string(mountLabel)
            record.str.2 = string(path)
        case .relabel(let path, let label):
            record.set(.PLAN_OP_RELABEL)
            record.str.0 = string(label)
            record.str.2 = string(path)
        case .label(let file, let text):
            record.set(.PLAN_OP_LABEL)
            record.str.0 = string(file)
            record.str.1 = string(text)
        case .seccomp(let filter, let instructions, let flags):
            record.set(.PLAN_OP_SECCOMP)
            record.str.0 = blob(filter)
            record.num = (UInt64(instructions), flags, 0)
        default: record.set(.PLAN_OP_NO_NEW_PRIVS)
        }
    }

    private mutating func fillProcess(_ record: inout plan_op, _ op: PlanOp) {
        switch op {
        case .setgroups(let groups):
            record.set(.PLAN_OP_SETGROUPS)
            record.str.0 = blob(groups)
            record.num.0 = UInt64(groups.count)
        case .setgid(let gid):
            record.set(.PLAN_OP_SETGID)
            record.num.0 = UInt64(gid)
        case .setuid(let uid):
            record.set(.PLAN_OP_SETUID)
            record.num.0 = UInt64(uid)
        case .bounding(let mask):
            record.set(.PLAN_OP_BOUNDING)
            record.num.0 = mask
        case .capset(let effective, let permitted, let inheritable):
            record.set(.PLAN_OP_CAPSET)
            record.num = (effective, permitted, inheritable)
        case .ambient(let mask):
            record.set(.PLAN_OP_AMBIENT)
            record.num.0 = mask
        case .chdir(let path, let putsOffAccess):
            record.set(.PLAN_OP_CHDIR, putsOffAccess ? PLAN_CHDIR_TRY : nil)
            record.str.0 = string(path)
        case .home(let uid):
            record.set(.PLAN_OP_HOME)
            record.num.0 = UInt64(uid)
        case .resolveExec(let program, let searchPath):
            record.set(.PLAN_OP_RESOLVE_EXEC)
            record.str.0 = string(program)
            record.str.1 = string(searchPath)
        case .hook(let hook): fillHook(&record, hook)
        case .waitStart(let slot):
            record.set(.PLAN_OP_WAIT_START)
            record.fd = Int32(slot)
        case .done: record.set(.PLAN_OP_DONE)
        case .exec(let arguments, let environment):
            record.set(.PLAN_OP_EXEC)
            record.str.0 = list(arguments)
            record.str.1 = list(environment)
            record.num = (UInt64(arguments.count), UInt64(environment.count), 0)
        default: return
        }
    }

    /// A descriptor that may be absent, as a part of a number.
    private func place(_ slot: PlanOp.Slot?) -> UInt64 { slot.map { UInt64($0) + 1 } ?? 0 }

    private mutating func fillHook(_ record: inout plan_op, _ hook: PlanOp.ContainerHook) {
        record.set(.PLAN_OP_HOOK)
        record.str = (
            string(hook.path), list(hook.arguments), list(hook.environment),
            list([hook.stateBeforePid, hook.stateAfterPid])
        )
        record.num = (
            UInt64(hook.arguments.count) << 32 | UInt64(hook.environment.count), hook.timeout,
            place(hook.errors) << 32 | place(hook.output)
        )
    }
}

extension PlanOp.Reason {
    /// The number on the wire.
    var wireValue: sync_reason {
        switch self {
        case .idmap: .SYNC_IDMAP
        case .timens: .SYNC_TIMENS
        case .hooks: .SYNC_HOOKS
        case .ready: .SYNC_READY
        case .start: .SYNC_START
        }
    }
}

extension plan_op {
    fileprivate mutating func set(_ kind: plan_kind) {
        self.kind = kind.rawValue
    }

    fileprivate mutating func set(_ kind: plan_kind, _ flag: Int?) {
        self.kind = kind.rawValue
        if let flag { flags |= UInt16(flag) }
    }
}
