import CInit
import Testing

/// One damaged operand and the name it is reported under.
struct BadOperation: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var add: @Sendable (inout PlanBuilder) -> Void

    init(_ name: String, _ add: @escaping @Sendable (inout PlanBuilder) -> Void) {
        testDescription = name
        self.add = add
    }
}

@Suite struct PlanValidationTests {
    @Test func acceptsAPlanOfEveryOperandType() {
        var plan = PlanBuilder()
        let path = plan.text("/dev")
        let word = plan.text("tmpfs")
        let options = plan.list(["mode=755", "", "ro"])
        let two = plan.list(["{", "}"])
        let filter = plan.entry([UInt8](repeating: 0, count: 16))
        let groups = plan.entry([UInt8](repeating: 0, count: 12))
        let nodes = plan.entry([UInt8](repeating: 0, count: 16))
        plan.add(.PLAN_OP_SETNS, fd: 3, num: [0x4000_0000])
        plan.add(.PLAN_OP_FORK)
        plan.add(.PLAN_OP_MOUNT, str: [word, 0, path, options], num: [0, 0, 3])
        plan.add(.PLAN_OP_BIND, str: [0, path, path], num: [1])
        plan.add(.PLAN_OP_BIND, str: [0, 0, path], fd: 0)
        plan.add(.PLAN_OP_HOOK, str: [path, options, 0, two], num: [3 << 32])
        plan.add(.PLAN_OP_SECCOMP, str: [filter], num: [2])
        plan.add(.PLAN_OP_SETGROUPS, str: [groups], num: [3])
        plan.add(.PLAN_OP_MEMPOLICY, str: [nodes], num: [1, 65])
        plan.add(.PLAN_OP_SETGROUPS)
        plan.addExec()
        #expect(validate(plan.bytes()) == .valid)
    }

    static let badOperations: [BadOperation] = [
        BadOperation("string missing") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_MOUNT, str: [0, 0, path])
        },
        BadOperation("string not expected") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_PIVOT, str: [path])
        },
        BadOperation("offset not aligned") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path + 4])
        },
        BadOperation("offset behind the table") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path + 8])
        },
        BadOperation("offset far away") { plan in
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, 0xFFFF_FFF8])
        },
        BadOperation("NUL inside a string") { plan in
            let path = plan.entry([0x2F, 0, 0x78])
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path])
        },
        BadOperation("length beyond the table") { plan in
            let path = plan.text("/x")
            plan.table[Int(path) + 1] = 1
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path])
        },
        BadOperation("length that wraps around") { plan in
            let path = plan.text("/x")
            for i in 0..<4 { plan.table[Int(path) + i] = 0xFF }
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path])
        },
        BadOperation("no NUL at the end") { plan in
            let path = plan.text("/x")
            plan.table[Int(path) + 6] = 0x61
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path])
        },
        BadOperation("list shorter than its count") { plan in
            let path = plan.text("/x")
            let options = plan.list(["a"])
            plan.add(.PLAN_OP_MOUNT, str: [path, 0, path, options], num: [0, 0, 2])
        },
        BadOperation("list longer than its count") { plan in
            let path = plan.text("/x")
            let options = plan.list(["a", "b"])
            plan.add(.PLAN_OP_MOUNT, str: [path, 0, path, options], num: [0, 0, 1])
        },
        BadOperation("list without its last NUL") { plan in
            let path = plan.text("/x")
            let options = plan.entry([0x61])
            plan.add(.PLAN_OP_MOUNT, str: [path, 0, path, options], num: [0, 0, 1])
        },
        BadOperation("list that is missing") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_MOUNT, str: [path, 0, path, 0], num: [0, 0, 1])
        },
        BadOperation("blob of another size") { plan in
            let filter = plan.entry([UInt8](repeating: 0, count: 15))
            plan.add(.PLAN_OP_SECCOMP, str: [filter], num: [2])
        },
        BadOperation("filter too long") { plan in
            plan.add(.PLAN_OP_SECCOMP, num: [4097])
        },
        BadOperation("descriptor missing") { plan in
            plan.add(.PLAN_OP_SETNS, num: [1])
        },
        BadOperation("descriptor out of range") { plan in
            plan.add(.PLAN_OP_SETNS, fd: 4, num: [1])
        },
        BadOperation("descriptor negative") { plan in
            plan.add(.PLAN_OP_SETNS, fd: -2, num: [1])
        },
        BadOperation("descriptor not expected") { plan in
            plan.add(.PLAN_OP_FORK, fd: 0)
        },
        BadOperation("flag of another operation") { plan in
            plan.add(.PLAN_OP_FORK, flags: Int32(PLAN_COPYUP))
        },
        BadOperation("number not expected") { plan in
            plan.add(.PLAN_OP_PIVOT, num: [0, 1])
        },
        BadOperation("mount that may be refused, and nothing instead") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_MOUNT, str: [path, 0, path], flags: Int32(PLAN_REFUSABLE))
        },
        BadOperation("root that is changed to nothing") { plan in
            plan.add(.PLAN_OP_CHROOT)
        },
        BadOperation("root that is changed to two places") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_CHROOT, str: [0, 0, path], fd: 0)
        },
        BadOperation("hook output out of range") { plan in
            plan.addHook(places: 5)
        },
        BadOperation("hook errors out of range") { plan in
            plan.addHook(places: 5 << 32)
        },
        BadOperation("end before the end") { plan in
            plan.add(.PLAN_OP_DONE)
        },
        BadOperation("uid -1") { plan in
            plan.add(.PLAN_OP_SETUID, num: [0xFFFF_FFFF])
        },
        BadOperation("gid above 32 bits") { plan in
            plan.add(.PLAN_OP_SETGID, num: [0x1_0000_0000])
        },
        BadOperation("bind of nothing") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_BIND, str: [0, 0, path])
        },
        BadOperation("bind of two sources") { plan in
            let path = plan.text("/x")
            plan.add(.PLAN_OP_BIND, str: [0, path, path], fd: 0)
        },
        BadOperation("hook without arguments") { plan in
            let path = plan.text("/x")
            let two = plan.list(["a", "b"])
            plan.add(.PLAN_OP_HOOK, str: [path, 0, 0, two])
        },
        BadOperation("sync without a reason") { plan in
            plan.add(.PLAN_OP_SYNC)
        },
        BadOperation("exec before the end") { plan in
            plan.addExec()
        },
    ]

    @Test(arguments: badOperations) func refuses(_ bad: BadOperation) {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_SETSID)
        bad.add(&plan)
        let filler = plan
        plan.addExec()
        #expect(validate(plan.bytes()) == .invalid(UInt32(filler.ops.count - 1)))
    }

    @Test func refusesAPathThatIsTooLong() {
        for (length, expected) in [(4095, Int32(0)), (4096, -36)] {
            var plan = PlanBuilder()
            let path = plan.text(String(repeating: "a", count: length))
            plan.add(.PLAN_OP_MKDIR, str: [0, 0, path])
            plan.addExec()
            #expect(validate(plan.bytes()).result == expected)
        }
    }

    @Test func refusesASecondFork() {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_FORK)
        plan.add(.PLAN_OP_FORK)
        plan.addExec()
        #expect(validate(plan.bytes()) == .invalid(1))
    }

    @Test func refusesAPlanWithoutExec() {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_SETSID)
        #expect(validate(plan.bytes()) == .invalid(0))
    }

    @Test func acceptsAPlanThatEndsWithoutAProgram() {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_SETSID)
        plan.add(.PLAN_OP_DONE)
        #expect(validate(plan.bytes()) == .valid)
    }

    @Test func acceptsFilesForTheOutputOfAHook() {
        var plan = PlanBuilder()
        plan.addHook(places: 4 << 32 | 1)
        plan.addExec()
        #expect(validate(plan.bytes()) == .valid)
    }

    @Test func refusesAnUnknownKind() {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_SETSID)
        plan.addExec()
        plan.ops[0].kind = UInt16(PLAN_OP_COUNT)
        #expect(validate(plan.bytes()) == .invalid(0))
        plan.ops[0].kind = .max
        #expect(validate(plan.bytes()) == .invalid(0))
    }

    @Test func refusesABadOrigin() {
        var plan = PlanBuilder()
        plan.add(.PLAN_OP_SETSID)
        plan.addExec()
        plan.ops[0].origin = 12
        #expect(validate(plan.bytes()) == .invalid(0))
    }

    static let badHeaders: [@Sendable (inout plan_header) -> Void] = [
        { $0.magic += 1 },
        { $0.version += 1 },
        { $0.flags = 2 },
        { $0.size += 1 },
        { $0.op_count = 0 },
        { $0.op_count += 1 },
        { $0.op_count = 65537 },
        { $0.op_count = .max },
        { $0.table_offset += 8 },
        { $0.table_offset = 0 },
        { $0.table_size += 1 },
        { $0.table_size = .max },
        { $0.fd_count = 16385 },
        { $0.payload_fds = .max },
    ]

    @Test(arguments: badHeaders.indices) func refusesHeader(_ index: Int) {
        var plan = PlanBuilder()
        plan.addExec()
        #expect(validate(plan.bytes()) == .valid)
        #expect(validate(plan.bytes(edit: Self.badHeaders[index])) == .invalidHeader)
    }

    @Test func refusesEveryTruncation() {
        var plan = PlanBuilder()
        plan.addExec()
        let bytes = plan.bytes()
        for size in 0..<bytes.count {
            #expect(validate(bytes, size: size) == .invalidHeader)
        }
    }
}
