/// A version as SemVer 2.0.0 writes it: `MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]`.
struct SemanticVersion: Equatable {
    let major: Substring
    let minor: Substring
    let patch: Substring

    /// Takes a version apart; nil for anything else.
    init?(_ text: String) {
        let withoutBuild = text.split(
            separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if withoutBuild.count > 1, !Self.areIdentifiers(withoutBuild[1]) { return nil }
        let parts = withoutBuild[0].split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1, !Self.areIdentifiers(parts[1]) { return nil }
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(Self.isNumber) else { return nil }
        (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
    }

    /// Whether a version comes before `major.minor.0`.
    func isBefore(_ major: UInt, _ minor: UInt) -> Bool {
        // A number that is too large for the type is larger than any that is asked for.
        let own = (UInt(self.major) ?? .max, UInt(self.minor) ?? .max)
        return own < (major, minor)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return !text.isEmpty && text.utf8.allSatisfy(digits.contains)
            && (text == "0" || text.utf8.first != UInt8(ascii: "0"))
    }

    private static func areIdentifiers(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }
}
