internal import Glibc

/// Reads the members of one JSON object.
///
/// A method returns nil for a member that is absent or `null`; the `required` ones return a neutral
/// value instead. Whatever is wrong is recorded, never thrown, so that one run reports every
/// mistake of the document; the values of a document with mistakes are discarded. A reader is
/// usable inside `JSONDocument.read` alone.
package struct ObjectReader {
    let context: ReadContext
    let object: Int

    /// Whether a member is present, `null` included.
    package func has(_ key: StaticString) -> Bool {
        member(key) != nil
    }

    /// Accepts a member and everything below it without reading it.
    package func ignore(_ key: StaticString) {
        if let value = member(key) { context.nodes[value - 1].use = .ignored }
    }

    /// Records a mistake at a member, or at the object when there is no such member.
    package func reject(_ key: StaticString, _ message: String) {
        context.report(member(key) ?? object, message)
    }

    /// The text of a string in one of the forms of `StringRule`.
    package func string(_ key: StaticString, _ rule: StringRule = .any) -> String? {
        value(key).flatMap { string(at: $0, rule) }
    }

    /// The text of a string that must be present.
    package func requiredString(_ key: StaticString, _ rule: StringRule = .any) -> String {
        guard let value = requiredValue(key, { rule.description }) else { return "" }
        return string(at: value, rule) ?? ""
    }

    /// A truth value.
    package func bool(_ key: StaticString) -> Bool? {
        value(key).flatMap { bool(at: $0) }
    }

    /// A truth value that must be present.
    package func requiredBool(_ key: StaticString) -> Bool {
        guard let value = requiredValue(key, { "true or false" }) else { return false }
        return bool(at: value) ?? false
    }

    /// An integer that fits its type and is not below a bound.
    ///
    /// It is written as plain digits: a fraction or an exponent is refused even when the value is
    /// whole (`1.0`, `1e3`), and so is a minus sign before an unsigned zero.
    package func integer<T: FixedWidthInteger>(_ key: StaticString, atLeast least: T = .min) -> T? {
        value(key).flatMap { integer(at: $0, atLeast: least) }
    }

    /// An integer that must be present.
    package func requiredInteger<T: FixedWidthInteger>(_ key: StaticString) -> T {
        guard let value = requiredValue(key, { Self.range(T.min, T.max) }) else { return 0 }
        return integer(at: value, atLeast: .min) ?? 0
    }

    /// One word of an enumeration.
    package func keyword<E>(_ key: StaticString) -> E?
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        value(key).flatMap { keyword(at: $0) }
    }

    /// One word of an enumeration that must be present.
    package func requiredKeyword<E>(_ key: StaticString, placeholder: E) -> E
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        guard let value = requiredValue(key, { Self.words(E.self) }) else { return placeholder }
        return keyword(at: value) ?? placeholder
    }

    /// What a nested object holds.
    package func object<T: JSONObject>(_ key: StaticString) -> T? {
        value(key).flatMap { reader(at: $0) }.map { T($0) }
    }
}

// Members. The keys of an object are few: a scan that compares lengths first beats any index.
extension ObjectReader {
    /// The index of a member's value; the member counts as read.
    func member(_ key: StaticString) -> Int? {
        let nodes = context.nodes
        let count = key.utf8CodeUnitCount
        var index = object + 1
        let end = Int(nodes[object].next)
        while index < end {
            if nodes[index].length == count {
                let text = context.text(index)
                if let base = text.baseAddress, memcmp(base, key.utf8Start, count) == 0 {
                    nodes[index].use = .read
                    return index + 1
                }
            }
            index = Int(nodes[index + 1].next)
        }
        return nil
    }

    /// The index of a member's value unless it is absent or `null`.
    func value(_ key: StaticString) -> Int? {
        guard let value = member(key), context.nodes[value].kind != .null else { return nil }
        return value
    }

    /// The index of a member's value, which is a mistake to leave out.
    func requiredValue(_ key: StaticString, _ expected: () -> String) -> Int? {
        guard let value = member(key) else {
            context.reportMissing("\(key)", in: object, expected: expected())
            return nil
        }
        return value
    }
}

// Values.
extension ObjectReader {
    func string(at index: Int, _ rule: StringRule = .any) -> String? {
        guard context.nodes[index].kind == .string, rule.accepts(context.text(index)) else {
            context.mismatch(index, expected: rule.description)
            return nil
        }
        return context.string(index)
    }

    func bool(at index: Int) -> Bool? {
        switch context.nodes[index].kind {
        case .true: return true
        case .false: return false
        default:
            context.mismatch(index, expected: "true or false")
            return nil
        }
    }

    func integer<T: FixedWidthInteger>(at index: Int, atLeast least: T) -> T? {
        if context.nodes[index].kind == .number {
            let value: T? = parseInteger(context.text(index))
            if let value, value >= least { return value }
        }
        context.mismatch(index, expected: Self.range(least, T.max))
        return nil
    }

    func keyword<E>(at index: Int) -> E?
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        if context.nodes[index].kind == .string, let word = E(rawValue: context.string(index)) {
            return word
        }
        context.mismatch(index, expected: Self.words(E.self))
        return nil
    }

    func reader(at index: Int) -> ObjectReader? {
        guard context.nodes[index].kind == .object else {
            context.mismatch(index, expected: "an object")
            return nil
        }
        return ObjectReader(context: context, object: index)
    }

    private static func range<T: FixedWidthInteger>(_ least: T, _ most: T) -> String {
        "an integer from \(least) to \(most)"
    }

    private static func words<E>(_: E.Type) -> String
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        "one of " + E.allCases.map { $0.rawValue }.joined(separator: ", ")
    }
}

/// Parses the digits of a JSON number; nil when it is not a whole number of the type's range.
private func parseInteger<T: FixedWidthInteger>(_ text: UnsafeBufferPointer<UInt8>) -> T? {
    let isNegative = text.first == UInt8(ascii: "-")
    guard !isNegative || T.isSigned else { return nil }
    var value: T = 0
    for byte in text.dropFirst(isNegative ? 1 : 0) {
        guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        let digit = T(truncatingIfNeeded: byte - UInt8(ascii: "0"))
        let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
        let (sum, sumOverflows) =
            isNegative
            ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
        guard !productOverflows, !sumOverflows else { return nil }
        value = sum
    }
    return value
}
