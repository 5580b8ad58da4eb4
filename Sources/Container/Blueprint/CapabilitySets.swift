internal import CCap
package import OCISpec

/// The five capability sets as masks, bit n for capability n (capabilities(7)).
package struct CapabilitySets: Equatable, Sendable {
    package var bounding: UInt64 = 0
    package var effective: UInt64 = 0
    package var permitted: UInt64 = 0
    package var inheritable: UInt64 = 0
    package var ambient: UInt64 = 0

    /// Translates names to masks.
    ///
    /// A name that this kernel or libcap does not know is a warning and is left out, as the
    /// specification wants ("SHOULD log a warning").
    package init(_ sets: Capabilities, lastCapability: Int, _ diagnostics: inout Diagnostics) {
        bounding = Self.mask(sets.bounding, "bounding", lastCapability, &diagnostics)
        effective = Self.mask(sets.effective, "effective", lastCapability, &diagnostics)
        permitted = Self.mask(sets.permitted, "permitted", lastCapability, &diagnostics)
        inheritable = Self.mask(sets.inheritable, "inheritable", lastCapability, &diagnostics)
        ambient = Self.mask(sets.ambient, "ambient", lastCapability, &diagnostics)
        keepGrantable(&diagnostics)
    }

    /// Leaves out of the ambient set what the kernel refuses: it takes what is both permitted and
    /// inheritable.
    ///
    /// Engines write the other three sets into it and leave the inheritable one empty.
    private mutating func keepGrantable(_ diagnostics: inout Diagnostics) {
        let refused = ambient & ~(permitted & inheritable)
        guard refused != 0 else { return }
        ambient &= ~refused
        diagnostics.remark(
            "process/capabilities/ambient",
            "\(Names.hex(refused)) cannot be granted: not permitted and inheritable")
    }

    private static func mask(
        _ names: [String]?, _ set: String, _ last: Int, _ diagnostics: inout Diagnostics
    ) -> UInt64 {
        var mask: UInt64 = 0
        for (index, name) in (names ?? []).enumerated() {
            var value: cap_value_t = 0
            if isName(name), cap_from_name(name, &value) == 0, value >= 0, Int(value) <= last {
                mask |= 1 << UInt64(value)
            } else {
                diagnostics.warning(
                    "process/capabilities/\(set)/\(index)", "unknown capability \(name) is ignored")
            }
        }
        return mask
    }

    /// Whether a name is spelt as the specification spells it; libcap takes numbers, small letters
    /// and a rest behind the name as well.
    static func isName(_ name: String) -> Bool {
        name.utf8.starts(with: "CAP_".utf8)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
