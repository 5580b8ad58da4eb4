import Container
import Glibc
import OCISpec
import Testing

/// Compiled filters are asked what they say to calls of x86-64, which libseccomp can compile for on
/// every little-endian machine.
@Suite("Compiled filters")
struct SeccompCompilerTests {
    private func machine(_ seccomp: Seccomp) throws -> BPFMachine {
        var seccomp = seccomp
        var architectures = seccomp.architectures ?? []
        architectures.append(.x86_64)
        seccomp.architectures = architectures
        return BPFMachine(try SeccompCompiler.compile(profile(seccomp)).filter)
    }

    private func call(_ number: UInt32, _ arguments: [UInt64] = []) -> BPFMachine.Call {
        BPFMachine.Call(number: number, architecture: Audit.x86_64, arguments: arguments)
    }

    private static let getppid: UInt32 = 110
    private static let uname: UInt32 = 63

    @Test("every action comes out as it went in", arguments: SeccompAction.allCases)
    func actions(_ action: SeccompAction) throws {
        let defaultAction: SeccompAction = action == .allow ? .errno : .allow
        let rule = SyscallRule(names: ["getppid"], action: action)
        let machine = try machine(
            Seccomp(defaultAction: defaultAction, listenerPath: "/sock", syscalls: [rule]))
        #expect(try machine.run(call(Self.getppid)) == action.value(nil))
        #expect(try machine.run(call(Self.uname)) == defaultAction.value(nil))
    }

    @Test("every action can be the default", arguments: SeccompAction.allCases)
    func defaults(_ action: SeccompAction) throws {
        let other: SeccompAction = action == .allow ? .errno : .allow
        let rule = SyscallRule(names: ["getppid"], action: other)
        let machine = try machine(
            Seccomp(defaultAction: action, listenerPath: "/sock", syscalls: [rule]))
        #expect(try machine.run(call(Self.getppid)) == other.value(nil))
        #expect(try machine.run(call(Self.uname)) == action.value(nil))
    }

    @Test(
        "operators",
        arguments: [
            (.notEqual, [4, 6]), (.less, [4]), (.lessOrEqual, [4, 5]), (.equal, [5]),
            (.greaterOrEqual, [5, 6]), (.greater, [6]),
        ] as [(SeccompOperator, [UInt64])])
    func operators(_ op: SeccompOperator, _ hits: [UInt64]) throws {
        // The values differ in both halves of 64 bits.
        let unit: UInt64 = 0x1_0000_0001
        let machine = try machine(
            Seccomp(
                defaultAction: .allow,
                syscalls: [
                    SyscallRule(
                        names: ["getppid"], action: .errno,
                        args: [SyscallArg(index: 3, value: 5 * unit, valueTwo: 99, op: op)])
                ]))
        for value in 4...6 as ClosedRange<UInt64> {
            let answer = try machine.run(call(Self.getppid, [0, 0, 0, value * unit]))
            #expect(answer == (hits.contains(value) ? Answer.errno(EPERM) : Answer.allow))
        }
    }

    @Test("masked comparison: value is the mask, valueTwo what is compared")
    func masked() throws {
        let argument = SyscallArg(index: 0, value: 0xf0, valueTwo: 0x50, op: .maskedEqual)
        let machine = try machine(
            Seccomp(
                defaultAction: .allow,
                syscalls: [SyscallRule(names: ["getppid"], action: .errno, args: [argument])]))
        #expect(try machine.run(call(Self.getppid, [0x15f])) == Answer.errno(EPERM))
        #expect(try machine.run(call(Self.getppid, [0x16f])) == Answer.allow)
    }

    @Test("conditions on different arguments must all hold")
    func conjunction() throws {
        let arguments = [
            SyscallArg(index: 0, value: 1, op: .equal), SyscallArg(index: 1, value: 2, op: .equal),
        ]
        let machine = try machine(
            Seccomp(
                defaultAction: .allow,
                syscalls: [SyscallRule(names: ["getppid"], action: .errno, args: arguments)]))
        #expect(try machine.run(call(Self.getppid, [1, 2])) == Answer.errno(EPERM))
        #expect(try machine.run(call(Self.getppid, [1, 3])) == Answer.allow)
        #expect(try machine.run(call(Self.getppid, [2, 2])) == Answer.allow)
    }

    @Test("of several conditions on one argument each is a rule of its own")
    func alternatives() throws {
        let arguments = [
            SyscallArg(index: 0, value: 1, op: .equal), SyscallArg(index: 0, value: 3, op: .equal),
            SyscallArg(index: 1, value: 9, op: .equal),
        ]
        let machine = try machine(
            Seccomp(
                defaultAction: .allow,
                syscalls: [SyscallRule(names: ["getppid"], action: .errno, args: arguments)]))
        for hit in [[1, 0], [3, 0], [2, 9]] as [[UInt64]] {
            #expect(try machine.run(call(Self.getppid, hit)) == Answer.errno(EPERM))
        }
        #expect(try machine.run(call(Self.getppid, [2, 8])) == Answer.allow)
    }

    @Test("unknown names are skipped and told")
    func unknown() throws {
        let seccomp = Seccomp(
            defaultAction: .allow,
            syscalls: [
                SyscallRule(names: ["no_such_call", "getppid", "nor_this"], action: .errno)
            ])
        let result = try SeccompCompiler.compile(profile(seccomp))
        #expect(result.unknownNames == ["no_such_call", "nor_this"])
        #expect(try machine(seccomp).run(call(Self.getppid)) == Answer.errno(EPERM))
    }

    @Test("a rule that says what the default says is no rule, and no mistake")
    func redundant() throws {
        let machine = try machine(
            Seccomp(
                defaultAction: .errno,
                syscalls: [
                    SyscallRule(names: ["getppid"], action: .errno, errnoRet: 1),
                    SyscallRule(names: ["uname"], action: .allow),
                ]))
        #expect(try machine.run(call(Self.getppid)) == Answer.errno(EPERM))
        #expect(try machine.run(call(Self.uname)) == Answer.allow)
        // getppid is the higher of the two, and was known.
        #expect(try machine.run(call(Self.getppid + 1)) == Answer.errno(ENOSYS))
    }

    @Test("other architectures end the program")
    func foreign() throws {
        let machine = try machine(
            Seccomp(
                defaultAction: .allow, syscalls: [SyscallRule(names: ["getppid"], action: .errno)]))
        let other = BPFMachine.Call(number: 64, architecture: 0x8000_0016)
        #expect(try machine.run(other) == Answer.kill)
    }

    @Test("an architecture of the other byte order is refused with its place")
    func byteOrder() {
        let seccomp = Seccomp(defaultAction: .allow, architectures: [.x86, .s390x])
        do {
            _ = try SeccompCompiler.compile(profile(seccomp))
            Issue.record("it was compiled")
        } catch {
            #expect(error.location == "linux/seccomp/architectures/1")
        }
    }

    @Test("a filter that the kernel would not take is refused")
    func tooLarge() {
        let rules = (0..<250).map { number in
            SyscallRule(
                names: ["getppid"], action: .errno,
                args: (0..<6).map { index in
                    SyscallArg(index: index, value: UInt64(number) * 0x1_0000_0001, op: .equal)
                })
        }
        let seccomp = Seccomp(defaultAction: .allow, syscalls: rules)
        do {
            _ = try SeccompCompiler.compile(profile(seccomp))
            Issue.record("it was compiled")
        } catch {
            #expect(error.message.hasSuffix("instructions, and the kernel takes at most 4096"))
        }
    }
}

/// The profile of the usual size, asked for every call.
@Suite("The default profile, compiled")
struct DefaultProfileTests {
    private let machine: BPFMachine
    private let profile: SeccompProfile
    private let limits: [SeccompPrologue.Limit]

    init() throws {
        profile = try defaultProfile()
        limits = SeccompCompiler.limits(of: profile)
        machine = BPFMachine(try SeccompCompiler.compile(profile).filter)
    }

    private func answer(
        _ number: UInt32, _ architecture: UInt32 = Audit.x86_64, _ arguments: [UInt64] = []
    ) throws -> UInt32 {
        try machine.run(
            .init(number: number, architecture: architecture, arguments: arguments))
    }

    @Test("has more than 300 calls and three architectures")
    func size() throws {
        #expect(profile.nameCount > 300)
        #expect(limits.count >= 3)
    }

    @Test("calls by number", arguments: [(0, true), (59, true), (246, false), (165, false)])
    func calls(_ number: UInt32, _ isAllowed: Bool) throws {
        #expect(try answer(number) == (isAllowed ? Answer.allow : Answer.errno(EPERM)))
    }

    @Test("calls with conditions")
    func conditions() throws {
        let personality: UInt32 = 135, socket: UInt32 = 41, clone: UInt32 = 56, clone3: UInt32 = 435
        for value in [0, 8, 0x20000, 0x20008, 0xffff_ffff] as [UInt64] {
            #expect(try answer(personality, Audit.x86_64, [value]) == Answer.allow)
        }
        #expect(try answer(personality, Audit.x86_64, [1]) == Answer.errno(EPERM))
        #expect(try answer(socket, Audit.x86_64, [40]) == Answer.errno(EPERM))
        #expect(try answer(socket, Audit.x86_64, [2]) == Answer.allow)
        #expect(try answer(clone, Audit.x86_64, [17]) == Answer.allow)
        #expect(try answer(clone, Audit.x86_64, [0x1000_0000]) == Answer.errno(EPERM))
        #expect(try answer(clone3) == Answer.errno(ENOSYS))
    }

    @Test("calls above the highest one do not exist, below it they are refused")
    func future() throws {
        for limit in limits where limit.token == Audit.x86_64 || limit.token == Audit.i386 {
            #expect(try answer(limit.highest, limit.token) == Answer.allow)
            #expect(try answer(limit.highest + 1, limit.token) == Answer.errno(ENOSYS))
            #expect(try answer(5000, limit.token) == Answer.errno(ENOSYS))
        }
    }

    @Test("32-bit and x32 programs are filtered too")
    func otherEntrances() throws {
        // reboot, and write, by their numbers there.
        #expect(try answer(88, Audit.i386) == Answer.errno(EPERM))
        #expect(try answer(4, Audit.i386) == Answer.allow)
        #expect(try answer(SeccompPrologue.x32Bit | 169) == Answer.errno(EPERM))
        #expect(try answer(SeccompPrologue.x32Bit | 1) == Answer.allow)
        #expect(try answer(SeccompPrologue.x32Bit | 5000) == Answer.errno(ENOSYS))
    }

    @Test("the decision tree says what the rules say")
    func tree() throws {
        let allowed = Set(
            profile.rules.filter { $0.action == Answer.allow && $0.conditions.isEmpty }
                .flatMap(\.names))
        let machine = try chain(profile)
        let highest = try #require(limits.first { $0.token == Audit.x86_64 }).highest
        var count = 0
        for number in 0...highest {
            let call = BPFMachine.Call(number: number, architecture: Audit.x86_64)
            let answer = try answer(number)
            #expect(try machine.run(call) == answer, "number \(number)")
            if answer == Answer.allow { count += 1 }
        }
        // Not all names exist on x86-64; personality, socket and clone allow zeroes.
        #expect(count > 250 && count <= allowed.count + 3)
    }

    /// The same rules in filters of at most eight calls, each a chain, one asked after the other.
    private func chain(_ profile: SeccompProfile) throws -> Chain {
        var filters: [BPFMachine] = []
        for rule in profile.rules {
            for start in stride(from: 0, to: rule.names.count, by: 8) {
                var part = profile
                let end = min(start + 8, rule.names.count)
                part.rules = [rule]
                part.rules[0].names = Array(rule.names[start..<end])
                // Stands for "no rule"; as the default it brings no prologue along.
                part.defaultAction = Answer.errno(ENOSYS)
                part.architectures = [.x86_64]
                filters.append(BPFMachine(try SeccompCompiler.compile(part).filter))
            }
        }
        return Chain(filters: filters, defaultAction: profile.defaultAction)
    }

    private struct Chain {
        let filters: [BPFMachine]
        let defaultAction: UInt32

        func run(_ call: BPFMachine.Call) throws -> UInt32 {
            for filter in filters {
                let answer = try filter.run(call)
                if answer != Answer.errno(ENOSYS) { return answer }
            }
            // clone3 is the one call that the profile itself answers so.
            return call.number == 435 ? Answer.errno(ENOSYS) : defaultAction
        }
    }
}
