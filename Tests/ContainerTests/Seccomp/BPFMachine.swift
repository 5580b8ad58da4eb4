import Container
import Glibc

/// An interpreter of the classic BPF that filters consist of: what the kernel would answer.
struct BPFMachine {
    /// A system call as a filter sees it (`struct seccomp_data`).
    struct Call {
        var number: UInt32
        var architecture: UInt32
        var arguments: [UInt64] = []
    }

    /// What is wrong with a program that the kernel would not load.
    enum Failure: Error { case badInstruction(UInt16), badJump, endless }

    private struct Instruction {
        var operation: UInt16
        var whenTrue: UInt8
        var whenFalse: UInt8
        var operand: UInt32
    }

    private let program: [Instruction]

    init(_ filter: SeccompFilter) {
        program = stride(from: 0, to: filter.code.count, by: 8).map { offset in
            filter.code.withUnsafeBytes { raw in
                Instruction(
                    operation: raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self),
                    whenTrue: raw[offset + 2], whenFalse: raw[offset + 3],
                    operand: raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
            }
        }
    }

    init(_ instructions: [BPFInstruction]) {
        var code: [UInt8] = []
        for instruction in instructions { instruction.encode(into: &code) }
        self.init(SeccompFilter(code: code))
    }

    /// The action for a call.
    func run(_ call: Call) throws -> UInt32 {
        var accumulator: UInt32 = 0
        var memory = [UInt32](repeating: 0, count: 16)
        var position = 0
        for _ in 0...program.count {
            guard position < program.count else { throw Failure.badJump }
            let step = program[position]
            position += 1
            switch step.operation {
            case 0x20: accumulator = try word(step.operand, call)
            case 0x60: accumulator = memory[Int(step.operand & 15)]
            case 0x02: memory[Int(step.operand & 15)] = accumulator
            case 0x54: accumulator &= step.operand
            case 0x05: position += Int(step.operand)
            case 0x06: return step.operand
            case 0x15, 0x25, 0x35, 0x45:
                position += Int(holds(step, accumulator) ? step.whenTrue : step.whenFalse)
            default: throw Failure.badInstruction(step.operation)
            }
        }
        throw Failure.endless
    }

    private func holds(_ step: Instruction, _ accumulator: UInt32) -> Bool {
        switch step.operation {
        case 0x15: accumulator == step.operand
        case 0x25: accumulator > step.operand
        case 0x35: accumulator >= step.operand
        default: accumulator & step.operand != 0
        }
    }

    /// A word of `struct seccomp_data`; the low half of an argument comes first.
    private func word(_ offset: UInt32, _ call: Call) throws -> UInt32 {
        switch offset {
        case 0: return call.number
        case 4: return call.architecture
        case 16..<64 where offset % 4 == 0:
            let index = Int(offset - 16) / 8
            let argument = index < call.arguments.count ? call.arguments[index] : 0
            return UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
        default: throw Failure.badInstruction(0x20)
        }
    }
}
