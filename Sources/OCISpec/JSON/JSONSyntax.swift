// yajl says what it disliked in a sentence, and leaves its cursor behind the offending token (a
// wrong order of tokens) or behind the offending byte (a malformed token).

extension JSONParser {
    /// Adds the fault of a document that yajl rejected.
    mutating func addSyntaxFault(_ text: UnsafeMutablePointer<UInt8>?, consumed: Int) {
        let reason = text.map { String(cString: $0) } ?? ""
        // The fault that made a callback stop the parser is reported already.
        guard let complaint = Complaint.of(reason) else {
            faults.add(
                JSONFault(offset: consumed, node: open.last ?? 0, message: printable(reason)))
            return
        }
        let end = min(consumed, source.count)
        let start: Int
        switch complaint.cursor {
        case .endOfInput: start = source.count
        case .here: start = end
        case .afterByte: start = max(end - 1, 0)
        case .afterToken: start = tokenStart(endingAt: end)
        }
        let message = complaint.message + describe(from: start)
        faults.add(JSONFault(offset: start, node: open.last ?? 0, message: message))
    }

    /// The start of the token that ends before an offset.
    private func tokenStart(endingAt end: Int) -> Int {
        guard end > 0 else { return 0 }
        var start = end - 1
        if source[start] == UInt8(ascii: "\"") { return openingQuote(before: start) }
        while start > 0, isWord(source[start]), isWord(source[start - 1]) { start -= 1 }
        return start
    }

    /// The token or character at an offset, quoted for a message.
    private func describe(from start: Int) -> String {
        guard start < source.count else { return "the end of the file" }
        var end = start + 1
        if isWord(source[start]) {
            while end < source.count, end < start + 40, isWord(source[end]) { end += 1 }
        } else {
            // An escape is shown with the character after the backslash.
            if source[start] == UInt8(ascii: "\\"), end < source.count { end += 1 }
            while end < source.count, source[end] & 0xC0 == 0x80 { end += 1 }
        }
        let text = String(decoding: source[start..<end], as: UTF8.self)
        return text == "\"" ? "a string" : "'\(printable(text))'"
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
    /// Where yajl's cursor stands.
    enum Cursor {
        case endOfInput, here, afterByte, afterToken
    }

    /// A sentence that ends with the token.
    let message: String
    let cursor: Cursor

    /// Recognises a sentence of yajl 2.1 by a part of it; nil for an unknown one.
    static func of(_ reason: String) -> Complaint? {
        for (part, message, cursor) in table where contains(reason, part) {
            return Complaint(message: message, cursor: cursor)
        }
        return nil
    }

    private static var table: [(String, String, Cursor)] {
        [
            ("premature EOF", "incomplete JSON, found ", .endOfInput),
            ("trailing garbage", "expected the end of the file, found ", .afterToken),
            ("invalid object key", "expected a property name in quotes, found ", .afterToken),
            ("separated by a colon", "expected ':', found ", .afterToken),
            ("after key and value", "expected ',' or '}', found ", .afterToken),
            ("after array element", "expected ',' or ']', found ", .afterToken),
            ("unallowed token", "expected a value, found ", .afterToken),
            ("invalid char in json text", "unexpected character ", .afterByte),
            ("invalid string in json text", "expected true, false or null, found ", .afterToken),
            ("invalid character inside string", "control character in a string: ", .afterByte),
            ("occurs before a character", "unknown escape in a string: ", .afterByte),
            ("non-hex", "expected four hexadecimal digits after \\u, found ", .afterByte),
            ("malformed number", "expected a digit, found ", .here),
            ("comment", "comments are not allowed, found ", .here),
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
