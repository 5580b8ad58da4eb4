internal import CKernel

/// A set of processors, as `sched_setaffinity(2)` takes it.
package struct CPUAffinity: Equatable, Sendable {
    /// One bit for each processor, processor 0 lowest in the first word.
    private var words: [UInt]

    private static var bitsPerWord: Int { UInt.bitWidth }
    /// More processors than any kernel is built for (`NR_CPUS` is at most 8192).
    private static var maximum: Int { 65536 }

    /// The processors of a list such as `0-3,7`.
    ///
    /// - Returns: `nil` for anything else, and for an empty list.
    package init?(list: String) {
        words = []
        let comma = UInt8(ascii: ",")
        for part in list.utf8.split(separator: comma, omittingEmptySubsequences: false) {
            let text = Substring(part).drop { $0 == " " }
            let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = Self.number(ends[0]) else { return nil }
            guard let last = ends.count > 1 ? Self.number(ends[1]) : first, first <= last
            else { return nil }
            for processor in first...last { insert(processor) }
        }
        if words.isEmpty { return nil }
    }

    private static func number(_ text: Substring) -> Int? {
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let rest = text.utf8[digits.endIndex...]
        guard rest.allSatisfy({ $0 == UInt8(ascii: " ") }),
            let value = Int(Substring(digits)), value < maximum
        else { return nil }
        return value
    }

    private mutating func insert(_ processor: Int) {
        let word = processor / Self.bitsPerWord
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt(processor % Self.bitsPerWord)
    }

    /// The set as words of 64 bits with at least one bit to spare, as node sets are passed to
    /// `set_mempolicy(2)`; lists of nodes are written as lists of processors.
    package var mask: [UInt64] {
        var mask = words.map { UInt64($0) }
        if let last = mask.last, last >> 63 != 0 { mask.append(0) }
        return mask
    }

    /// The set as bytes, processor 0 lowest in the first one, without empty ones at the end.
    package var bytes: [UInt8] {
        var bytes = words.flatMap { word in
            (0..<Self.bitsPerWord / 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        while bytes.last == 0 { bytes.removeLast() }
        return bytes
    }

    /// Whether a processor is in the set.
    package func contains(_ processor: Int) -> Bool {
        let word = processor / Self.bitsPerWord
        return word < words.count && words[word] & (1 << UInt(processor % Self.bitsPerWord)) != 0
    }
}

extension CPUAffinity {
    private init(words: [UInt]) {
        self.words = words
    }

    /// Every processor that a machine can have; the kernel takes those that the process may use.
    package static var all: CPUAffinity {
        CPUAffinity(words: [UInt](repeating: .max, count: maximum / bitsPerWord / 8))
    }

    /// The processors that a process may use; 0 is the calling thread.
    ///
    /// The corresponding C function is `sched_getaffinity`.
    package static func of(_ pid: Int32) throws(Errno) -> CPUAffinity {
        var words = [UInt](repeating: 0, count: maximum / bitsPerWord)
        try Syscall.call("sched_getaffinity") {
            words.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { ck_sched_getaffinity(pid, bytes.count, $0) } ?? -1
            }
        }
        while words.count > 1, words.last == 0 { words.removeLast() }
        return CPUAffinity(words: words)
    }

    /// Lets a process use these processors only; 0 is the calling thread.
    ///
    /// The corresponding C function is `sched_setaffinity`.
    ///
    /// - Throws: `EINVAL` when none of them is there, or its cgroup has none of them.
    package func apply(to pid: Int32) throws(Errno) {
        try Syscall.call("sched_setaffinity") {
            words.withUnsafeBytes { bytes in
                bytes.baseAddress.map { ck_sched_setaffinity(pid, bytes.count, $0) } ?? -1
            }
        }
    }
}
