import Glibc

/// The instructions before a filter that answer ENOSYS to calls of which the profile's author did
/// not know: those with a number above the highest one that the profile names.
///
/// A section for each architecture, in which x32's calls are told from x86-64's by their bit:
///
///     load architecture
///     equal to this one?     no: next section
///     load number
///     has the x32 bit?       yes: compare with x32's highest; without x32 in the profile: filter
///     above the highest?     no: filter
///     end with ENOSYS
package enum SeccompPrologue {
    /// The highest number of an architecture's calls that a profile names.
    package struct Limit: Equatable, Sendable {
        /// The number that libseccomp knows the architecture by.
        package var token: UInt32
        package var highest: UInt32

        /// States a limit.
        package init(token: UInt32, highest: UInt32) {
            self.token = token
            self.highest = highest
        }
    }

    /// `__X32_SYSCALL_BIT`: tells x32's calls from those of x86-64.
    package static let x32Bit: UInt32 = 0x4000_0000
    /// `AUDIT_ARCH_X86_64`.
    package static let x86_64: UInt32 = 0xc000_003e
    /// `SCMP_ARCH_X32`, which only libseccomp knows: to the kernel it is x86-64.
    package static let x32: UInt32 = 0x4000_003e

    /// The instructions; none when there are no limits.
    package static func instructions(_ limits: [Limit]) -> [BPFInstruction] {
        let x32Limit = limits.first { $0.token == x32 }
        // From the last section to the first: each must know how far the filter is.
        var program: [BPFInstruction] = []
        for limit in limits.reversed() where limit.token != x32 {
            let after = program.count
            let section =
                limit.token == x86_64
                ? intelSection(limit, x32Limit, after) : plainSection(limit, after)
            program.insert(contentsOf: section, at: 0)
        }
        if !program.isEmpty { program.insert(.load(.architecture), at: 0) }
        return program
    }

    private static var noSuchCall: BPFInstruction { .end(0x0005_0000 | UInt32(ENOSYS)) }

    private static func plainSection(_ limit: Limit, _ after: Int) -> [BPFInstruction] {
        [
            .jump(.equal, limit.token, 0, 3),
            .load(.number),
            .jump(.greater, limit.highest, 0, 1 + after),
            noSuchCall,
        ]
    }

    private static func intelSection(
        _ limit: Limit, _ x32Limit: Limit?, _ after: Int
    ) -> [BPFInstruction] {
        guard let x32Limit else {
            // Numbers of x32 are for the filter, which refuses them as another architecture.
            return [
                .jump(.equal, limit.token, 0, 4),
                .load(.number),
                .jump(.hasBits, x32Bit, 2 + after, 0),
                .jump(.greater, limit.highest, 0, 1 + after),
                noSuchCall,
            ]
        }
        return [
            .jump(.equal, limit.token, 0, 6),
            .load(.number),
            .jump(.hasBits, x32Bit, 2, 0),
            .jump(.greater, limit.highest, 0, 3 + after),
            noSuchCall,
            .jump(.greater, x32Limit.highest, 0, 1 + after),
            noSuchCall,
        ]
    }
}
