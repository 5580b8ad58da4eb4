import Testing

@testable import OCISpec

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite("Random input")
struct MutationTests {
    /// Bytes that mean something to a parser are tried more often than others.
    private static let favourites = Array("{}[]\",:\\0123456789-+.eEu/*tfn \n\u{0}\u{7F}ü".utf8)

    private func mutate(_ bytes: inout [UInt8], with random: inout Xorshift) {
        let index = Int.random(in: 0..<max(bytes.count, 1), using: &random)
        guard index < bytes.count else { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes[index] = Self.favourites.randomElement(using: &random) ?? 0
        case 2: bytes.insert(Self.favourites.randomElement(using: &random) ?? 0, at: index)
        case 3: bytes.remove(at: index)
        case 4: bytes.removeSubrange(index..<min(index + 40, bytes.count))
        default: bytes.insert(contentsOf: bytes[index..<min(index + 40, bytes.count)], at: index)
        }
    }

    /// What must hold for any input: an error names places inside it, and prints harmlessly.
    private func check(_ bytes: [UInt8]) -> Bool {
        guard let error = specError(bytes) else { return true }
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        for issue in error.issues {
            guard let position = issue.position else { continue }
            #expect(1...lines ~= position.line && 1...(bytes.count + 1) ~= position.column)
        }
        #expect(!error.issues.isEmpty && error.issues.count <= JSONDocument.issueLimit)
        let isHarmless = error.description.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) || $0 == "\n"
        }
        #expect(isHarmless)
        return false
    }

    @Test("never crashes the decoder", arguments: 1...8)
    func mutations(_ seed: UInt64) {
        let original = Fixtures.good("everything")
        var random = Xorshift(seed: seed &* 0x9E37_79B9_7F4A_7C15)
        var accepted = 0
        for _ in 0..<100 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, with: &random) }
            if check(bytes) { accepted += 1 }
        }
        // Some mutations hit a string's text; most do not.
        #expect(0..<60 ~= accepted)
    }

    @Test("is never accepted when cut off")
    func truncation() {
        let bytes = Fixtures.good("process-rlimits")
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for length in 0...end { #expect(!check(Array(bytes[..<length]))) }
    }

    @Test("of any bytes is refused")
    func noise() {
        var random = Xorshift(seed: 42)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(!check(bytes))
            let text = (0..<length).map { _ in Self.favourites.randomElement(using: &random) ?? 0 }
            #expect(!check(text))
        }
    }
}
