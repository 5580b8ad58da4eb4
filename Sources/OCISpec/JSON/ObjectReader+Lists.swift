// Arrays, and JSON objects used as maps. An element with a mistake is left out of the result, which
// is discarded anyway.

extension ObjectReader {
    /// An array of strings.
    package func strings(_ key: StaticString) -> [String]? {
        elements(key, of: "strings") { string(at: $0) }
    }

    /// An array of one string or more that must be present.
    package func requiredStrings(_ key: StaticString, atLeast least: Int) -> [String] {
        let expected = "an array of at least \(least) string\(least == 1 ? "" : "s")"
        guard let value = requiredValue(key, { expected }) else { return [] }
        if context.nodes[value].kind == .array, context.nodes[value].length < least {
            let count = context.nodes[value].length
            context.report(value, "expected \(expected), found \(count == 0 ? "none" : "\(count)")")
            return []
        }
        guard context.nodes[value].kind == .array else {
            context.mismatch(value, expected: expected)
            return []
        }
        return strings(key) ?? []
    }

    /// An array of integers that fit their type.
    package func integers<T: FixedWidthInteger>(_ key: StaticString) -> [T]? {
        elements(key, of: "integers") { integer(at: $0, atLeast: .min) }
    }

    /// An array of words of an enumeration.
    package func keywords<E>(_ key: StaticString) -> [E]?
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        elements(key, of: "strings") { keyword(at: $0) }
    }

    /// An array of objects.
    package func objects<T: JSONObject>(_ key: StaticString) -> [T]? {
        elements(key, of: "objects") { index in reader(at: index).map { T($0) } }
    }

    /// A JSON object whose values are strings, in the order of the document.
    package func stringEntries(_ key: StaticString) -> [StringEntry]? {
        entries(key) { name, value in
            string(at: value).map { StringEntry(key: name, value: $0) }
        }
    }

    /// A JSON object whose values are objects, in the order of the document.
    package func entries<T: JSONEntry>(_ key: StaticString) -> [T]? {
        entries(key) { name, value in reader(at: value).map { T(key: name, $0) } }
    }

    private func elements<T>(
        _ key: StaticString, of plural: String, _ read: (Int) -> T?
    ) -> [T]? {
        guard let array = value(key) else { return nil }
        let nodes = context.nodes
        guard nodes[array].kind == .array else {
            context.mismatch(array, expected: "an array of \(plural)")
            return nil
        }
        var result: [T] = []
        result.reserveCapacity(Int(nodes[array].length))
        var index = array + 1
        while index < nodes[array].next {
            if let element = read(index) { result.append(element) }
            index = Int(nodes[index].next)
        }
        return result
    }

    private func entries<T>(_ key: StaticString, _ read: (String, Int) -> T?) -> [T]? {
        guard let map = value(key) else { return nil }
        let nodes = context.nodes
        guard nodes[map].kind == .object else {
            context.mismatch(map, expected: "an object")
            return nil
        }
        var result: [T] = []
        result.reserveCapacity(Int(nodes[map].length))
        var index = map + 1
        while index < nodes[map].next {
            nodes[index].use = .read
            if nodes[index].length == 0 {
                context.report(index, "expected a key that is not empty")
            }
            if let entry = read(context.string(index), index + 1) { result.append(entry) }
            index = Int(nodes[index + 1].next)
        }
        return result
    }
}
