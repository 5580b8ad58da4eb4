/// Text for a message or a log, with nothing that a terminal might obey.
///
/// Control and bidirectional formatting characters are written as `\u` escapes. Text beyond the
/// limit (in bytes) is cut between characters.
package func printable(_ text: String, limit: Int = .max) -> String {
    var result = ""
    var length = 0
    for scalar in text.unicodeScalars {
        guard length < limit else { return result + "..." }
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
        length += UTF8.width(scalar)
    }
    return result
}
