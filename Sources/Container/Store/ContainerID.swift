/// The name of a container, checked: it is one component of a path and cannot leave its directory.
package struct ContainerID: Equatable, Sendable {
    /// The name as given.
    package let name: String

    /// Checks a name: `[A-Za-z0-9_+.-]+`, neither `.` nor `..`, at most `NAME_MAX` bytes.
    ///
    /// - Throws: `invalidRequest` with `invalid container ID format`, which engines match.
    package init(_ name: String) throws(RuntimeError) {
        guard Self.isValid(name) else {
            let shown = name.utf8.count > Self.limit ? String(name.prefix(32)) + "..." : name
            throw RuntimeError(.invalidRequest, "invalid container ID format: \(quoted(shown))")
        }
        self.name = name
    }

    /// Whether a name can be a container's.
    package static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard !bytes.isEmpty, bytes.count <= limit, name != ".", name != ".." else { return false }
        return bytes.allSatisfy(isAllowed)
    }

    /// `NAME_MAX`: the name is a directory's.
    private static var limit: Int { 255 }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// A text in double quotes, fit for one line of an error message.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": result += "\\" + String(scalar)
        case "\n": result += "\\n"
        default:
            let isControl = scalar.value < 0x20 || scalar.value == 0x7f
            result += isControl ? "\\x" + String(scalar.value, radix: 16) : String(scalar)
        }
    }
    return result + "\""
}
