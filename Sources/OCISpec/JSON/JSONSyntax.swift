// yajl says what it disliked in a sentence, but leaves its cursor in different places: before,
// inside or behind the offending token. The places are worked out here, from the last token that
// made an event when yajl disliked the order of tokens.

extension JSONParser {
    /// Adds the fault of a document that yajl rejected with a sentence, its cursor at `consumed`.
    mutating func addSyntaxFault(_ sentence: UnsafeMutablePointer<UInt8>?, consumed: Int) {
        let reason = sentence.map { String(cString: $0) } ?? ""
        let cursor = min(consumed, source.count)
        guard let complaint = Complaint.of(reason) else {
            addFault(at: cursor, printable(reason))
            return
        }
        switch complaint.place {
        case .endOfFile: addFault(at: source.count, complaint.message)
        case .cursor: addFault(at: cursor, complaint.message + describe(from: cursor))
        case .beforeCursor:
            let start = max(cursor - 1, 0)
            addFault(at: start, complaint.message + describe(from: start))
        case .wordBeforeCursor:
            var start = max(cursor - 1, 0)
            while start > 0, isWord(source[start - 1]) { start -= 1 }
            addFault(at: start, complaint.message + describe(from: start))
        case .nextToken:
            let start = nextToken(afterSeparator: false)
            addFault(at: start, complaint.message + describe(from: start))
        case .afterSeparator:
            let start = nextToken(afterSeparator: true)
            addFault(at: start, complaint.message + describe(from: start))
        }
    }

    /// Adds a fault at the value that a key announced, else at the innermost container.
    private mutating func addFault(at offset: Int, _ message: String) {
        var fault = JSONFault(offset: offset, node: open.last ?? 0, message: message)
        if let key = nodes.last, key.kind == .key { fault.missing = name(of: key) }
        faults.add(fault)
    }

    private func name(of key: JSONNode) -> String {
        let range = Int(key.text)..<Int(key.text + key.length)
        guard key.isUnescaped else { return String(decoding: source[range], as: UTF8.self) }
        return String(decoding: unescaped[range], as: UTF8.self)
    }

    /// The token after the last event, or the one after the separator that rightly follows it.
    private func nextToken(afterSeparator: Bool) -> Int {
        let next = skipBlanks(from: lastEnd)
        guard afterSeparator, next < source.count, lastEnd > 0 else { return next }
        let last = source[lastEnd - 1]
        if last == UInt8(ascii: "{") || last == UInt8(ascii: "[") { return next }
        let separator = nodes.last?.kind == .key ? UInt8(ascii: ":") : UInt8(ascii: ",")
        return source[next] == separator ? skipBlanks(from: next + 1) : next
    }

    private func skipBlanks(from start: Int) -> Int {
        var index = start
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                index += 1
            default: return index
            }
        }
        return index
    }

    /// The text at an offset, quoted for a message: a string, a word or a character.
    private func describe(from start: Int) -> String {
        guard start < source.count else { return "the end of the file" }
        var end = start + 1
        switch source[start] {
        case UInt8(ascii: "\""):
            while end < source.count, source[end] != UInt8(ascii: "\"") {
                end += source[end] == UInt8(ascii: "\\") ? 2 : 1
            }
            let text = source[(start + 1)..<max(min(end, source.count), start + 1)]
            return "\"" + printable(String(decoding: text, as: UTF8.self), limit: 60) + "\""
        case UInt8(ascii: "\\"):
            // An escape is shown with the character after the backslash.
            if end < source.count { end += 1 }
            while end < source.count, source[end] & 0xC0 == 0x80 { end += 1 }
        case let first where isWord(first):
            while end < source.count, isWord(source[end]) { end += 1 }
        default:
            while end < source.count, source[end] & 0xC0 == 0x80 { end += 1 }
        }
        return "'" + printable(String(decoding: source[start..<end], as: UTF8.self), limit: 60)
            + "'"
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// What yajl complains about, in our words.
private struct Complaint {
    /// Where the mistake is.
    enum Place {
        case endOfFile, cursor, beforeCursor, wordBeforeCursor, nextToken, afterSeparator
    }

    /// A sentence that ends with the offending text, except at the end of the file.
    let message: String
    let place: Place

    /// Recognises a sentence of yajl 2.1 by a part of it; nil for an unknown one.
    static func of(_ reason: String) -> Complaint? {
        for (part, message, place) in table where contains(reason, part) {
            return Complaint(message: message, place: place)
        }
        return nil
    }

    private static var table: [(part: String, message: String, place: Place)] {
        [
            ("premature EOF", "incomplete JSON: the file ends here", .endOfFile),
            ("trailing garbage", "expected the end of the file, found ", .nextToken),
            ("invalid object key", "expected a name in quotes, found ", .afterSeparator),
            ("separated by a colon", "expected ':', found ", .nextToken),
            ("after key and value", "expected ',' or '}', found ", .nextToken),
            ("after array element", "expected ',' or ']', found ", .nextToken),
            ("unallowed token", "expected a value, found ", .afterSeparator),
            ("invalid char in json text", "unexpected text ", .beforeCursor),
            ("invalid string in json text", "unexpected text ", .wordBeforeCursor),
            ("invalid character inside string", "control character in a string: ", .cursor),
            ("occurs before a character", "unknown escape in a string: ", .beforeCursor),
            ("non-hex", "expected a hexadecimal digit, found ", .cursor),
            ("malformed number", "expected a digit, found ", .cursor),
            ("comment", "comments are not allowed, found ", .cursor),
        ]
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        var rest = text.utf8[...]
        while rest.count >= part.utf8.count {
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
