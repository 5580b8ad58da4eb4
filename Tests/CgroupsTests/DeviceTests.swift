import Testing

@testable import Cgroups

/// One access to one device.
struct DeviceRequest {
    var isBlock: Bool
    var major: Int64
    var minor: Int64
    var access: CgroupDeviceRule.Access

    static func random(_ generator: inout SeededGenerator) -> DeviceRequest {
        DeviceRequest(
            isBlock: Bool.random(using: &generator), major: .random(in: 0...3, using: &generator),
            minor: .random(in: 0...3, using: &generator),
            access: .init(rawValue: .random(in: 1...7, using: &generator)))
    }
}

extension CgroupDeviceRule {
    static func random(_ generator: inout SeededGenerator) -> CgroupDeviceRule {
        let kinds: [Kind] = [.all, .character, .character, .block]
        func number() -> Int64? {
            Bool.random(using: &generator) ? nil : .random(in: 0...3, using: &generator)
        }
        return CgroupDeviceRule(
            allow: Bool.random(using: &generator),
            kind: kinds[Int.random(in: 0...3, using: &generator)], major: number(),
            minor: number(), access: .init(rawValue: .random(in: 1...7, using: &generator)))
    }

    func matches(_ request: DeviceRequest) -> Bool {
        (kind == .all || (kind == .block) == request.isBlock)
            && (major == nil || major == request.major) && (minor == nil || minor == request.minor)
    }
}

/// The meaning of a list, spelled out as slowly as possible.
func allows(_ rules: [CgroupDeviceRule], _ request: DeviceRequest) -> Bool {
    for bit in [CgroupDeviceRule.Access.read, .write, .mknod] where request.access.contains(bit) {
        let last = rules.last { $0.matches(request) && $0.access.contains(bit) }
        if last?.allow != true { return false }
    }
    return true
}

/// Executes a program as the kernel does, or returns `nil` when it leaves its bounds.
func run(_ program: DeviceProgram, _ request: DeviceRequest) -> Int64? {
    let context: [UInt32] = [
        UInt32(request.access.rawValue) << 16 | (request.isBlock ? 1 : 2),
        UInt32(request.major), UInt32(request.minor),
    ]
    var registers = [Int64](repeating: 0, count: 11)
    var index = 0
    for _ in 0..<100_000 {
        guard program.instructions.indices.contains(index) else { return nil }
        let instruction = program.instructions[index]
        let destination = Int(instruction.registers & 15)
        let source = Int(instruction.registers >> 4)
        index += 1
        switch instruction.code {
        case BPFInstruction.Code.loadWord:
            guard source == 1, instruction.offset % 4 == 0,
                context.indices.contains(Int(instruction.offset) / 4)
            else { return nil }
            registers[destination] = Int64(context[Int(instruction.offset) / 4])
        case BPFInstruction.Code.and:
            registers[destination] &= Int64(UInt32(bitPattern: instruction.immediate))
        case BPFInstruction.Code.shiftRight:
            registers[destination] >>= Int64(instruction.immediate)
        case BPFInstruction.Code.moveImmediate:
            registers[destination] = Int64(instruction.immediate)
        case BPFInstruction.Code.moveRegister:
            registers[destination] = registers[source]
        case BPFInstruction.Code.jumpIfNotEqual:
            if registers[destination] != Int64(instruction.immediate) {
                index += Int(instruction.offset)
            }
        case BPFInstruction.Code.jumpIfEqual:
            if registers[destination] == Int64(instruction.immediate) {
                index += Int(instruction.offset)
            }
        case BPFInstruction.Code.exit:
            return registers[0]
        default:
            return nil
        }
    }
    return nil
}

/// What version 1 of the kernel makes of a default and exceptions.
func allows(_ form: DeviceExceptions, _ request: DeviceRequest) -> Bool {
    let matching = form.exceptions.filter { $0.matches(request) }
    if form.allowsByDefault {
        return !matching.contains { !$0.access.isDisjoint(with: request.access) }
    }
    return matching.contains { $0.access.isSuperset(of: request.access) }
}

@Suite("Device rules")
struct DeviceTests {
    @Test("a shortened list means the same, and so does the program", arguments: 1...60)
    func randomLists(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let count = Int.random(in: 0...7, using: &generator)
        let rules = (0..<count).map { _ in CgroupDeviceRule.random(&generator) }
        let full = rules + DeviceRules.always
        let effective = DeviceRules.effective(rules)
        #expect(effective.count <= full.count)
        let program = DeviceProgram(effective)
        let unshortened = DeviceProgram(full)
        for _ in 0..<100 {
            let request = DeviceRequest.random(&generator)
            let expected = allows(full, request)
            #expect(allows(effective, request) == expected, "\(request)")
            #expect(run(program, request) == (expected ? 1 : 0), "\(request)")
            #expect(run(unshortened, request) == (expected ? 1 : 0), "\(request)")
        }
    }

    @Test("what version 1 is told means the same, or is refused")
    func versionOne() {
        var generator = SeededGenerator(7)
        var expressed = 0
        for _ in 0..<600 {
            let count = Int.random(in: 0...4, using: &generator)
            let rules = (0..<count).map { _ in CgroupDeviceRule.random(&generator) }
            guard let form = try? DeviceExceptions(rules) else { continue }
            expressed += 1
            for _ in 0..<50 {
                let request = DeviceRequest.random(&generator)
                let expected = allows(rules, request)
                // Bits that two overlapping exceptions allow are not open together; never wider.
                if allows(form, request) != expected {
                    #expect(expected && request.access.rawValue.nonzeroBitCount > 1)
                    #expect(!form.allowsByDefault)
                }
            }
        }
        #expect(expressed > 150)
    }

    @Test("the usual list: nothing but what everybody has")
    func usual() throws {
        let rules = [CgroupDeviceRule(allow: false, kind: .all)]
        #expect(DeviceRules.effective(rules) == DeviceRules.always)
        var list = CgroupWriteList()
        try V1Devices.convert(rules, into: &list)
        #expect(
            list.writes.map { "\($0.file) \($0.value)" } == [
                "devices.deny a", "devices.allow c *:* m", "devices.allow b *:* m",
                "devices.allow c 1:3 rwm", "devices.allow c 1:8 rwm", "devices.allow c 1:7 rwm",
                "devices.allow c 5:0 rwm", "devices.allow c 1:5 rwm", "devices.allow c 1:9 rwm",
                "devices.allow c 136:* rwm", "devices.allow c 5:2 rwm",
                "devices.allow c 10:200 rwm",
            ])
    }

    @Test("a privileged list is one line")
    func privileged() throws {
        let rules = [
            CgroupDeviceRule(allow: false, kind: .all), CgroupDeviceRule(allow: true, kind: .all),
        ]
        var list = CgroupWriteList()
        try V1Devices.convert(rules, into: &list)
        #expect(list.writes.map { "\($0.file) \($0.value)" } == ["devices.allow a"])
        #expect(DeviceProgram(DeviceRules.effective(rules)).instructions.count < 80)
    }

    @Test("all but one device needs the other default")
    func allButOne() throws {
        let form = try DeviceExceptions([
            CgroupDeviceRule(allow: true, kind: .all),
            CgroupDeviceRule(allow: false, kind: .block, major: 8, minor: 0),
        ])
        #expect(form.allowsByDefault)
        #expect(form.exceptions.map(V1Devices.line) == ["b 8:0 rwm"])
    }

    @Test("holes in a hole cannot be said on version 1")
    func holes() {
        let rules = [
            CgroupDeviceRule(allow: true, kind: .character, major: 5),
            CgroupDeviceRule(allow: false, kind: .character, minor: 3),
            CgroupDeviceRule(allow: true, kind: .character, major: 5, minor: 3, access: .read),
            CgroupDeviceRule(allow: true, kind: .block, major: 8),
        ]
        #expect(throws: CgroupError.self) { try DeviceExceptions(rules) }
    }

    @Test("a program for one device, instruction by instruction")
    func golden() {
        let program = DeviceProgram([
            CgroupDeviceRule(
                allow: true, kind: .character, major: 1, minor: 3, access: [.read, .write])
        ])
        let listing = program.encoded.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        #expect(
            listing == [
                "0000000000001261",  // r2 = context.access_type
                "00000000000023bf",  // r3 = r2
                "0000ffff00000254",  // w2 &= 0xffff
                "0000001000000374",  // w3 >>= 16
                "0000000000041461",  // r4 = context.major
                "0000000000081561",  // r5 = context.minor
                "0000000200060255",  // if r2 != character goto no
                "0000000100050455",  // if r4 != 1 goto no
                "0000000300040555",  // if r5 != 3 goto no
                "0000000100000354",  // w3 &= ~(read | write)
                "0000000000020355",  // if r3 != 0 goto no
                "00000001000000b7",  // r0 = 1
                "0000000000000095",  // exit
                "00000000000000b7",  // no: r0 = 0
                "0000000000000095",  // exit
            ])
    }

    @Test("numbers that no device has match nothing")
    func impossibleNumbers() {
        let rules = [
            CgroupDeviceRule(allow: true, kind: .all, major: Int64.max),
            CgroupDeviceRule(allow: true, kind: .all, minor: -5),
        ]
        #expect(DeviceProgram(rules).instructions.count == 8)
    }
}
