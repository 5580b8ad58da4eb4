/// A device filter for version 2: eBPF instructions that say yes or no to one access.
///
/// Pure data; `DeviceFilter` hands it to the kernel. The kernel calls it with a context of
/// `{access << 16 | type, major, minor}` and denies when it returns 0 (`struct
/// bpf_cgroup_dev_ctx`, `linux/bpf.h`, Linux 4.15).
package struct DeviceProgram: Equatable, Sendable {
    /// From the first to run to the last.
    package var instructions: [BPFInstruction]

    /// Translates rules, the last of which decides, into tests from the last to the first.
    ///
    /// Register 3 holds the accesses that are still undecided: a rule that allows some of them takes
    /// those out, one that denies any ends with no, and the end of the chain is no.
    package init(_ rules: [CgroupDeviceRule]) {
        instructions = []
        emitPrologue()
        for rule in rules.reversed() {
            emit(rule)
            // Nothing before a rule that decides everything is ever reached.
            if rule.isUniversal { return }
        }
        emitReturn(0)
    }
}

/// One instruction of eBPF, as `struct bpf_insn` has it.
package struct BPFInstruction: Equatable, Sendable {
    /// One of `Code`.
    package var code: UInt8
    /// Destination in the low four bits, source in the high ones.
    package var registers: UInt8
    /// How many instructions a jump skips, or the place that a load reads.
    package var offset: Int16
    /// The constant operand.
    package var immediate: Int32

    /// An instruction; operands that it does not have are zero.
    package init(
        _ code: UInt8, destination: UInt8 = 0, source: UInt8 = 0, offset: Int16 = 0,
        immediate: Int32 = 0
    ) {
        self.code = code
        registers = source << 4 | destination
        self.offset = offset
        self.immediate = immediate
    }

    /// Operation codes, as `linux/bpf_common.h` composes them.
    package enum Code {
        /// Load a word: `BPF_LDX | BPF_MEM | BPF_W`.
        package static let loadWord: UInt8 = 0x61
        /// Mask in 32 bits: `BPF_ALU | BPF_AND | BPF_K`.
        package static let and: UInt8 = 0x54
        /// Shift in 32 bits: `BPF_ALU | BPF_RSH | BPF_K`.
        package static let shiftRight: UInt8 = 0x74
        /// Set a register: `BPF_ALU64 | BPF_MOV | BPF_K`.
        package static let moveImmediate: UInt8 = 0xb7
        /// Copy a register: `BPF_ALU64 | BPF_MOV | BPF_X`.
        package static let moveRegister: UInt8 = 0xbf
        /// Jump unless equal: `BPF_JMP | BPF_JNE | BPF_K`.
        package static let jumpIfNotEqual: UInt8 = 0x55
        /// Jump if equal: `BPF_JMP | BPF_JEQ | BPF_K`.
        package static let jumpIfEqual: UInt8 = 0x15
        /// End with what register 0 holds: `BPF_JMP | BPF_EXIT`.
        package static let exit: UInt8 = 0x95
    }
}

// MARK: - Emission

extension DeviceProgram {
    private enum Register {
        static let result: UInt8 = 0
        static let context: UInt8 = 1
        static let type: UInt8 = 2
        static let access: UInt8 = 3
        static let major: UInt8 = 4
        static let minor: UInt8 = 5
    }

    private mutating func emitPrologue() {
        typealias Code = BPFInstruction.Code
        instructions += [
            load(Register.type, offset: 0),
            BPFInstruction(
                Code.moveRegister, destination: Register.access, source: Register.type),
            BPFInstruction(Code.and, destination: Register.type, immediate: 0xffff),
            BPFInstruction(Code.shiftRight, destination: Register.access, immediate: 16),
            load(Register.major, offset: 4),
            load(Register.minor, offset: 8),
        ]
    }

    private func load(_ register: UInt8, offset: Int16) -> BPFInstruction {
        BPFInstruction(
            BPFInstruction.Code.loadWord, destination: register, source: Register.context,
            offset: offset)
    }

    private mutating func emit(_ rule: CgroupDeviceRule) {
        typealias Code = BPFInstruction.Code
        guard let major = Self.number(rule.major), let minor = Self.number(rule.minor) else {
            return  // A number that no device can have.
        }
        let body = Self.body(allow: rule.allow, access: rule.access)
        var tests: [(register: UInt8, value: Int32)] = []
        switch rule.kind {
        case .all: break
        case .block: tests.append((Register.type, 1))
        case .character: tests.append((Register.type, 2))
        }
        if major >= 0 { tests.append((Register.major, major)) }
        if minor >= 0 { tests.append((Register.minor, minor)) }
        for (index, test) in tests.enumerated() {
            let distance = tests.count - index - 1 + body.count
            instructions.append(
                BPFInstruction(
                    Code.jumpIfNotEqual, destination: test.register, offset: Int16(distance),
                    immediate: test.value))
        }
        instructions += body
    }

    /// -1 for every number, `nil` for one that cannot match: the kernel has 12 bits for a major
    /// number and 20 for a minor one.
    private static func number(_ value: Int64?) -> Int32? {
        guard let value else { return -1 }
        return value < 0 ? nil : Int32(exactly: value)
    }

    // What a matching rule does: the last jump of a partial one leads to the next rule.
    private static func body(allow: Bool, access: CgroupDeviceRule.Access) -> [BPFInstruction] {
        typealias Code = BPFInstruction.Code
        let answer = [
            BPFInstruction(
                Code.moveImmediate, destination: Register.result, immediate: allow ? 1 : 0),
            BPFInstruction(Code.exit),
        ]
        if access == .everything { return answer }
        if allow {
            let others = Int32(CgroupDeviceRule.Access.everything.subtracting(access).rawValue)
            return [
                BPFInstruction(Code.and, destination: Register.access, immediate: others),
                BPFInstruction(
                    Code.jumpIfNotEqual, destination: Register.access, offset: 2, immediate: 0),
            ] + answer
        }
        return [
            BPFInstruction(
                Code.moveRegister, destination: Register.result, source: Register.access),
            BPFInstruction(
                Code.and, destination: Register.result, immediate: Int32(access.rawValue)),
            BPFInstruction(
                Code.jumpIfEqual, destination: Register.result, offset: 2, immediate: 0),
        ] + answer
    }

    private mutating func emitReturn(_ value: Int32) {
        typealias Code = BPFInstruction.Code
        instructions += [
            BPFInstruction(Code.moveImmediate, destination: Register.result, immediate: value),
            BPFInstruction(Code.exit),
        ]
    }
}
