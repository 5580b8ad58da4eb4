/// Writes a JSON document from top to bottom.
///
/// Commas, line breaks and indentation come by themselves; the caller gives keys and values in the
/// order that it wants. Empty containers stay on one line, and no newline follows the document.
package struct JSONWriter {
    /// How a document is laid out.
    package enum Style: Sendable {
        /// On one line without blanks.
        case compact
        /// One value per line, indented by two blanks: `state`, `list`.
        case spaces
        /// One value per line, indented by tabs: `spec`.
        case tabs
    }

    /// The document so far, in UTF-8.
    package private(set) var bytes: [UInt8] = []
    private let style: Style
    private var depth = 0
    /// Whether the open container has nothing in it yet.
    private var isFirst = true
    private var isAfterKey = false

    /// Creates a writer of an empty document.
    package init(_ style: Style) {
        self.style = style
    }

    /// The document so far.
    package var text: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Writes the key of the next value.
    package mutating func key(_ key: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        if style != .compact { bytes.append(UInt8(ascii: " ")) }
        isAfterKey = true
    }

    /// Writes a string.
    package mutating func value(_ value: String) {
        separate()
        appendQuoted(value)
    }

    /// Writes a truth value.
    package mutating func value(_ value: Bool) {
        separate()
        bytes += (value ? "true" : "false").utf8
    }

    /// Writes an integer.
    package mutating func value<T: FixedWidthInteger>(_ value: T) {
        separate()
        bytes += String(value).utf8
    }

    /// Writes a number; JSON has no infinity, which becomes 0.
    package mutating func value(_ value: Double) {
        separate()
        bytes += (value.isFinite ? value.description : "0").utf8
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        bytes += "null".utf8
    }

    /// Writes an object whose members are written by a closure.
    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    /// Writes an array whose elements are written by a closure.
    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    private mutating func container(
        _ opening: UInt8, _ closing: UInt8, _ contents: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(opening)
        depth += 1
        isFirst = true
        contents(&self)
        depth -= 1
        if !isFirst { breakLine() }
        bytes.append(closing)
        isFirst = false
    }

    /// Writes what stands between the previous value and the next key or value.
    private mutating func separate() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        if depth > 0 { breakLine() }
        isFirst = false
    }

    private mutating func breakLine() {
        switch style {
        case .compact: return
        case .spaces:
            bytes.append(UInt8(ascii: "\n"))
            bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
        case .tabs:
            bytes.append(UInt8(ascii: "\n"))
            bytes += repeatElement(UInt8(ascii: "\t"), count: depth)
        }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20, 0x7F:
                bytes += "\\u00".utf8
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 0xF))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
