/// Annotations `org.systemd.property.NAME`: properties of the unit, with values in the text format
/// of GVariant, as far as units have such types.
package enum UnitAnnotation {
    /// What such an annotation begins with.
    package static let prefix = "org.systemd.property."

    /// The property that an annotation asks for.
    ///
    /// A name that ends in `Sec` takes seconds and becomes systemd's own `USec`.
    static func property(_ annotation: CgroupRequest.Annotation) throws(CgroupError) -> UnitProperty
    {
        var name = String(annotation.key.utf8.dropFirst(prefix.utf8.count)) ?? ""
        guard name.utf8.count >= 3, name.utf8.allSatisfy(isLetterOrDigit) else {
            throw error(annotation, "\"\(name)\" is no name of a property")
        }
        var text = annotation.value[...]
        trim(&text)
        guard var value = parse(text) else {
            throw error(annotation, "cannot read the value '\(annotation.value)'")
        }
        if name.hasSuffix("Sec"), !name.hasSuffix("USec") {
            guard let micros = microseconds(value) else {
                throw error(annotation, "'\(annotation.value)' is no number of seconds")
            }
            name = name.dropLast(3) + "USec"
            value = .number(micros)
        }
        return UnitProperty(name, value)
    }

    private static func error(
        _ annotation: CgroupRequest.Annotation, _ message: String
    ) -> CgroupError {
        CgroupError(message, property: "annotations/" + annotation.key)
    }

    private static func microseconds(_ value: UnitValue) -> UInt64? {
        let seconds: Double
        switch value {
        case .int32(let number): seconds = Double(number)
        case .int64(let number): seconds = Double(number)
        case .uint32(let number): seconds = Double(number)
        case .number(let number): seconds = Double(number)
        case .double(let number): seconds = number
        default: return nil
        }
        return UInt64(exactly: (seconds * 1_000_000).rounded())
    }

    // MARK: - Values

    private static func parse(_ text: Substring) -> UnitValue? {
        if text == "true" { return .flag(true) }
        if text == "false" { return .flag(false) }
        switch text.utf8.first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            var rest = text
            guard let string = string(&rest), rest.isEmpty else { return nil }
            return .text(string)
        case UInt8(ascii: "["): return strings(text)
        case UInt8(ascii: "@"):
            return typed(text.dropFirst())
        default: return named(text) ?? bare(text)
        }
    }

    // `@t 5`, `@as []`
    private static func typed(_ text: Substring) -> UnitValue? {
        guard let (type, rest) = cut(text) else { return nil }
        switch type {
        case "as": return rest == "[]" ? .texts([]) : strings(rest)
        case "s", "b": return parse(rest)
        case "i": return Int32(rest).map { .int32($0) }
        case "u": return UInt32(rest).map { .uint32($0) }
        case "x": return Int64(rest).map { .int64($0) }
        case "t": return UInt64(rest).map { .number($0) }
        case "d": return Double(rest).map { .double($0) }
        default: return nil
        }
    }

    // `uint64 5`
    private static func named(_ text: Substring) -> UnitValue? {
        guard let (type, rest) = cut(text) else { return nil }
        switch type {
        case "int32": return Int32(rest).map { .int32($0) }
        case "uint32": return UInt32(rest).map { .uint32($0) }
        case "int64": return Int64(rest).map { .int64($0) }
        case "uint64": return UInt64(rest).map { .number($0) }
        case "double": return Double(rest).map { .double($0) }
        case "boolean": return rest == "true" || rest == "false" ? .flag(rest == "true") : nil
        case "string": return parse(rest)
        default: return nil
        }
    }

    // A number without a type is an `int32`, or a `double` when it has a point.
    private static func bare(_ text: Substring) -> UnitValue? {
        if let number = Int32(text) { return .int32(number) }
        return text.utf8.contains(UInt8(ascii: ".")) ? Double(text).map { .double($0) } : nil
    }

    // ['one', 'two']
    private static func strings(_ text: Substring) -> UnitValue? {
        guard text.utf8.last == UInt8(ascii: "]") else { return nil }
        var rest = text.dropFirst().dropLast()
        var result: [String] = []
        trim(&rest)
        while !rest.isEmpty {
            guard let string = string(&rest) else { return nil }
            result.append(string)
            trim(&rest)
            if rest.isEmpty { break }
            guard rest.utf8.first == UInt8(ascii: ",") else { return nil }
            rest = rest.dropFirst()
            trim(&rest)
            if rest.isEmpty { return nil }
        }
        return result.isEmpty ? nil : .texts(result)
    }

    // Takes a quoted string off the front.
    private static func string(_ text: inout Substring) -> String? {
        guard let quote = text.first, quote == "'" || quote == "\"" else { return nil }
        var result = ""
        var rest = text.dropFirst()
        while let next = rest.popFirst() {
            if next == quote {
                text = rest
                return result
            }
            guard next == "\\" else {
                result.append(next)
                continue
            }
            switch rest.popFirst() {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case let mark?: result.append(mark)
            case nil: return nil
            }
        }
        return nil
    }

    private static func cut(_ text: Substring) -> (type: Substring, rest: Substring)? {
        guard let blank = text.firstIndex(of: " ") else { return nil }
        var rest = text[blank...]
        trim(&rest)
        return (text[..<blank], rest)
    }

    private static func trim(_ text: inout Substring) {
        while text.utf8.first == UInt8(ascii: " ") { text = text.dropFirst() }
        while text.utf8.last == UInt8(ascii: " ") { text = text.dropLast() }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
