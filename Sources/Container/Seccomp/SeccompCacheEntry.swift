internal import CSeccomp
internal import OCISpec

/// What a compiled filter depends on, in one canonical form.
package struct SeccompCacheKey: Equatable, Sendable {
    /// The canonical form.
    package let bytes: [UInt8]
    /// The name of the file, in the alphabet of hexadecimal digits.
    package let fileName: String

    /// Raised with every change of what the compiler makes of a profile.
    private static let compilerVersion: UInt32 = 1

    /// The key of a profile on this machine, with this libseccomp.
    package init(_ profile: SeccompProfile) {
        self.init(
            profile, library: SeccompCompiler.libraryVersion, native: SeccompCompiler.nativeToken)
    }

    /// The key of a profile elsewhere.
    package init(_ profile: SeccompProfile, library: String, native: UInt32) {
        var form = CanonicalForm()
        form.add(Self.compilerVersion)
        form.add(library)
        form.add(native)
        form.add(profile.defaultAction)
        form.add(UInt32(profile.architectures.count))
        for architecture in profile.architectures { form.add(architecture.token ?? 0) }
        form.add(UInt32(profile.rules.count))
        for rule in profile.rules {
            form.add(rule.action)
            form.add(UInt32(rule.conditions.count))
            for condition in rule.conditions { form.add(condition) }
            form.add(UInt32(rule.names.count))
            for name in rule.names { form.add(name) }
        }
        bytes = form.bytes
        let digits = String(Checksum.of(bytes[...]), radix: 16)
        fileName = String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Values one after the other, each of a known length or after its length: no two sequences of
/// values have the same form.
private struct CanonicalForm {
    var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(8192)
    }

    mutating func add(_ number: UInt32) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ number: UInt64) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        add(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ condition: SyscallArg) {
        add(condition.index)
        add(condition.op.comparison.rawValue)
        add(condition.value)
        add(condition.valueTwo ?? 0)
    }
}

/// A file of the cache: magic, two lengths, a checksum of what follows, the key, the filter.
package enum SeccompCacheEntry {
    /// "ApusBPF1".
    private static let magic: UInt64 = 0x3146_5042_7375_7041
    private static let headerSize = 24

    /// The file's contents.
    package static func bytes(_ filter: SeccompFilter, for key: SeccompCacheKey) -> [UInt8] {
        let body = key.bytes + filter.code
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize + body.count)
        withUnsafeBytes(of: magic) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(key.bytes.count)) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(filter.code.count)) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: Checksum.of(body[...])) { bytes.append(contentsOf: $0) }
        return bytes + body
    }

    /// The filter in a file's contents; nil when they are damaged or of another profile.
    package static func filter(in bytes: [UInt8], for key: SeccompCacheKey) -> SeccompFilter? {
        guard bytes.count >= headerSize else { return nil }
        let (found, keySize, codeSize, checksum) = bytes.withUnsafeBytes { raw in
            (
                raw.loadUnaligned(as: UInt64.self),
                raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
                raw.loadUnaligned(fromByteOffset: 12, as: UInt32.self),
                raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            )
        }
        guard found == magic, Int(keySize) == key.bytes.count,
            bytes.count - headerSize == Int(keySize) + Int(codeSize), codeSize > 0,
            Int(codeSize) % SeccompFilter.instructionSize == 0,
            Int(codeSize) <= SeccompFilter.limit * SeccompFilter.instructionSize
        else { return nil }
        let code = headerSize + Int(keySize)
        guard bytes[headerSize..<code].elementsEqual(key.bytes),
            Checksum.of(bytes[headerSize...]) == checksum
        else { return nil }
        return SeccompFilter(code: Array(bytes[code...]))
    }
}

/// Finds damage and spreads file names; no protection against somebody who means it.
private enum Checksum {
    /// Multiplies and rotates eight bytes at a time (the constants are odd and dense).
    static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            var sum = UInt64(raw.count) &* 0x9e37_79b9_7f4a_7c15
            var offset = 0
            while offset + 8 <= raw.count {
                mix(&sum, raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < raw.count {
                rest = rest << 8 | UInt64(raw[offset])
                offset += 1
            }
            mix(&sum, rest)
            return sum ^ sum >> 32
        }
    }

    private static func mix(_ sum: inout UInt64, _ word: UInt64) {
        sum = (sum ^ word) &* 0xff51_afd7_ed55_8ccd
        sum = sum << 31 | sum >> 33
    }
}
