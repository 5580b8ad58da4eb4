internal import CKernel
import Glibc

/// eBPF programs and the cgroups that they filter for.
///
/// Each function fills a `union bpf_attr` by hand, since libc has none; offsets are those of
/// `linux/bpf.h`, which never change. The corresponding C function is `bpf`.
package enum BPF {
    /// `BPF_PROG_TYPE_*`.
    package enum ProgramType: UInt32, Sendable {
        case cgroupDevice = 15
    }

    /// `enum bpf_attach_type`.
    package enum AttachType: UInt32, Sendable {
        case cgroupDevice = 6
    }

    /// Loads a program, which the kernel verifies first (device filters: Linux 4.15).
    ///
    /// - Parameters:
    ///   - instructions: eight bytes for each, as `struct bpf_insn` lies in memory.
    ///   - name: at most 15 bytes, shown by tools.
    /// - Throws: `EPERM` without `CAP_BPF` or `CAP_SYS_ADMIN`, `EINVAL` or `EACCES` from the verifier.
    package static func load(
        _ type: ProgramType, _ instructions: [UInt64], name: StaticString
    ) throws(Errno) -> FileDescriptor {
        let license: StaticString = "Apache-2.0"
        let number = try Syscall.call("bpf") {
            instructions.withUnsafeBytes { code in
                var attributes = Attributes()
                attributes.set(type.rawValue, at: 0)
                attributes.set(UInt32(instructions.count), at: 4)
                attributes.set(UInt64(UInt(bitPattern: code.baseAddress)), at: 8)
                attributes.set(UInt64(UInt(bitPattern: license.utf8Start)), at: 16)
                attributes.set(name, at: 48, limit: 15)
                return attributes.call(Command.load)
            }
        }
        return FileDescriptor(owning: Int32(number))
    }

    /// Attaches a program to a cgroup beside others (`BPF_F_ALLOW_MULTI`), or in the place of one
    /// that is attached there (`BPF_F_REPLACE`, Linux 5.6).
    ///
    /// - Parameter replaced: the descriptor of the program to replace, or -1.
    package static func attach(
        _ program: borrowing FileDescriptor, to directory: Int32, as type: AttachType,
        replacing replaced: Int32 = -1
    ) throws(Errno) {
        var attributes = Attributes()
        attributes.set(UInt32(bitPattern: directory), at: 0)
        attributes.set(UInt32(bitPattern: program.rawValue), at: 4)
        attributes.set(type.rawValue, at: 8)
        attributes.set(UInt32(replaced < 0 ? 2 : 2 | 4), at: 12)
        if replaced >= 0 { attributes.set(UInt32(bitPattern: replaced), at: 16) }
        try Syscall.call("bpf") { attributes.call(Command.attach) }
    }

    /// Takes a program away from a cgroup.
    package static func detach(
        _ program: borrowing FileDescriptor, from directory: Int32, as type: AttachType
    ) throws(Errno) {
        var attributes = Attributes()
        attributes.set(UInt32(bitPattern: directory), at: 0)
        attributes.set(UInt32(bitPattern: program.rawValue), at: 4)
        attributes.set(type.rawValue, at: 8)
        try Syscall.call("bpf") { attributes.call(Command.detach) }
    }

    /// The ids of the programs attached to this very cgroup, at most 64.
    package static func attached(
        to directory: Int32, as type: AttachType
    ) throws(Errno) -> [UInt32] {
        var ids = [UInt32](repeating: 0, count: 64)
        var count: UInt32 = 0
        try Syscall.call("bpf") {
            ids.withUnsafeMutableBytes { buffer in
                var attributes = Attributes()
                attributes.set(UInt32(bitPattern: directory), at: 0)
                attributes.set(type.rawValue, at: 4)
                attributes.set(UInt64(UInt(bitPattern: buffer.baseAddress)), at: 16)
                attributes.set(UInt32(64), at: 24)
                let result = attributes.call(Command.query)
                count = attributes.word(at: 24)
                return result
            }
        }
        return Array(ids.prefix(Int(count)))
    }

    /// Opens a loaded program by its id.
    package static func program(id: UInt32) throws(Errno) -> FileDescriptor {
        var attributes = Attributes()
        attributes.set(id, at: 0)
        return FileDescriptor(
            owning: Int32(try Syscall.call("bpf") { attributes.call(Command.openById) }))
    }

    /// `enum bpf_cmd`.
    private enum Command {
        static let load: Int32 = 5
        static let attach: Int32 = 8
        static let detach: Int32 = 9
        static let openById: Int32 = 13
        static let query: Int32 = 16
    }

    /// `union bpf_attr`, as long as the kernels need that know these commands.
    private struct Attributes {
        private static let size = 72
        private var bytes = [UInt8](repeating: 0, count: size)

        mutating func set<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
            withUnsafeBytes(of: value) { source in
                bytes.withUnsafeMutableBytes { target in
                    for index in source.indices { target[offset + index] = source[index] }
                }
            }
        }

        mutating func set(_ text: StaticString, at offset: Int, limit: Int) {
            for index in 0..<min(text.utf8CodeUnitCount, limit) {
                bytes[offset + index] = text.utf8Start[index]
            }
        }

        func word(at offset: Int) -> UInt32 {
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        }

        mutating func call(_ command: Int32) -> Int {
            bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return -1 }
                return ck_bpf(command, base, UInt32(Self.size))
            }
        }
    }
}
