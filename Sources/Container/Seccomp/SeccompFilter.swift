/// A compiled filter: classic BPF as seccomp(2) takes it.
package struct SeccompFilter: Equatable, Sendable {
    /// Instructions of eight bytes in host byte order (`struct sock_filter`).
    package var code: [UInt8]

    /// The most instructions that the kernel takes (`BPF_MAXINSNS` of linux/bpf_common.h).
    package static let limit = 4096
    /// The size of an instruction in bytes.
    package static let instructionSize = 8

    /// The number of instructions.
    package var count: Int { code.count / Self.instructionSize }

    /// Takes instructions that are already encoded.
    package init(code: [UInt8]) {
        self.code = code
    }
}

/// One instruction of classic BPF (`struct sock_filter` of linux/filter.h).
package struct BPFInstruction: Equatable, Sendable {
    package var operation: UInt16
    /// How many instructions are skipped when a comparison holds, and when it does not.
    package var whenTrue: UInt8 = 0
    package var whenFalse: UInt8 = 0
    package var operand: UInt32

    /// `BPF_LD | BPF_W | BPF_ABS`: loads a word of `struct seccomp_data`.
    package static func load(_ field: Field) -> BPFInstruction {
        BPFInstruction(operation: 0x20, operand: field.rawValue)
    }

    /// `BPF_RET | BPF_K`: ends with an action.
    package static func end(_ action: UInt32) -> BPFInstruction {
        BPFInstruction(operation: 0x06, operand: action)
    }

    /// `BPF_JMP | BPF_K` with a comparison of the loaded word.
    package static func jump(
        _ comparison: Comparison, _ operand: UInt32, _ whenTrue: Int, _ whenFalse: Int
    ) -> BPFInstruction {
        BPFInstruction(
            operation: comparison.rawValue, whenTrue: UInt8(truncatingIfNeeded: whenTrue),
            whenFalse: UInt8(truncatingIfNeeded: whenFalse), operand: operand)
    }

    /// Offsets in `struct seccomp_data` (linux/seccomp.h).
    package enum Field: UInt32, Sendable {
        case number = 0
        case architecture = 4
    }

    /// Comparisons of the loaded word with the operand.
    package enum Comparison: UInt16, Sendable {
        case equal = 0x15
        case greater = 0x25
        case hasBits = 0x45
    }

    /// Appends the instruction in its encoded form.
    package func encode(into code: inout [UInt8]) {
        withUnsafeBytes(of: operation) { code.append(contentsOf: $0) }
        code.append(whenTrue)
        code.append(whenFalse)
        withUnsafeBytes(of: operand) { code.append(contentsOf: $0) }
    }
}
