/// A form that a string must have.
///
/// These are the patterns of the specification's schema; what needs the host or other properties
/// to be judged is left to validation.
package enum StringRule: Sendable {
    /// Any text.
    case any
    /// A list of numbers and ranges: digits, commas, hyphens and blanks.
    case cpuList
    /// A size of huge pages such as `2MB`: a number without leading zero, then KB, MB or GB.
    case pageSize
    /// A combination of `r`, `w` and `m`.
    case deviceAccess
    /// A line of a resctrl schemata file that starts with `MB:`.
    case memoryBandwidth

    /// What a message calls such a string.
    var description: String {
        switch self {
        case .any: "a string"
        case .cpuList: "a list of CPUs such as \"0-3,7\""
        case .pageSize: "a size in KB, MB or GB such as \"2MB\""
        case .deviceAccess: "a combination of r, w and m"
        case .memoryBandwidth: "one line that starts with \"MB:\""
        }
    }

    /// Whether a text has the form.
    func accepts(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .any:
            return true
        case .cpuList:
            return text.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: " ")
            }
        case .pageSize:
            guard text.count >= 3, text[text.count - 1] == UInt8(ascii: "B"),
                isDigit(text[0]), text[0] != UInt8(ascii: "0")
            else { return false }
            let unit = text[text.count - 2]
            guard
                unit == UInt8(ascii: "K") || unit == UInt8(ascii: "M")
                    || unit == UInt8(ascii: "G")
            else { return false }
            return text.dropLast(2).allSatisfy(isDigit)
        case .deviceAccess:
            return text.allSatisfy { byte in
                byte == UInt8(ascii: "r") || byte == UInt8(ascii: "w")
                    || byte == UInt8(ascii: "m")
            }
        case .memoryBandwidth:
            return text.starts(with: "MB:".utf8) && !text.contains(UInt8(ascii: "\n"))
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
