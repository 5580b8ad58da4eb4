internal import CYajl

/// Builds the tree of a document from yajl's events.
///
/// yajl is a state machine without recursion, so depth costs no stack; the limits are here to keep
/// readers and memory bounded. All options of yajl stay off: no comments, no trailing data.
struct JSONParser {
    /// The deepest nesting accepted; the specification needs 9.
    static let depthLimit = 64
    /// The most values and keys accepted in one document, 20 MiB of nodes.
    static let nodeLimit = 1 << 20

    let source: UnsafeBufferPointer<UInt8>
    private var handle: yajl_handle?
    /// The containers that are open, outermost first.
    private(set) var open: [Int] = []
    private var isAtEnd = false
    /// The offset after the last token that made an event.
    private(set) var lastEnd = 0

    private(set) var nodes: [JSONNode] = []
    private(set) var unescaped: [UInt8] = []
    var faults = FaultList()

    /// Parses a document into its tree.
    ///
    /// When the syntax is wrong the tree is incomplete, and good for pointers alone.
    static func parse(_ source: [UInt8]) -> (tree: JSONTree, faults: FaultList, isComplete: Bool) {
        var tree = JSONTree(source: source)
        var faults = FaultList()
        let isComplete = source.withUnsafeBufferPointer { bytes in
            var parser = JSONParser(bytes)
            let isComplete = parser.run()
            tree.nodes = parser.nodes
            tree.unescaped = parser.unescaped
            faults = parser.faults
            return isComplete
        }
        return (tree, faults, isComplete)
    }

    private init(_ source: UnsafeBufferPointer<UInt8>) {
        self.source = source
        open.reserveCapacity(16)
        nodes.reserveCapacity(source.count / 12)
    }

    private mutating func run() -> Bool {
        // One table per call instead of a global: nothing to initialise at start.
        let callbacks = yajl_callbacks(
            yajl_null: { JSONParser.add(.null, width: 4, to: $0) },
            yajl_boolean: { context, value in
                JSONParser.add(
                    value != 0 ? .true : .false, width: value != 0 ? 4 : 5, to: context)
            },
            yajl_integer: nil,
            yajl_double: nil,
            yajl_number: { context, text, length in
                JSONParser.with(context) { $0.addNumber(text, length) }
            },
            yajl_string: { context, text, length in
                JSONParser.with(context) { $0.addText(.string, text, length) }
            },
            yajl_start_map: { JSONParser.add(.object, width: 1, to: $0) },
            yajl_map_key: { context, text, length in
                JSONParser.with(context) { $0.addText(.key, text, length) }
            },
            yajl_end_map: { context in JSONParser.with(context) { $0.closeContainer() } },
            yajl_start_array: { JSONParser.add(.array, width: 1, to: $0) },
            yajl_end_array: { context in JSONParser.with(context) { $0.closeContainer() } })

        // yajl keeps both addresses until it is freed.
        return withUnsafePointer(to: callbacks) { callbacks in
            withUnsafeMutablePointer(to: &self) { parser in
                guard let handle = yajl_alloc(callbacks, nil, parser) else {
                    parser.pointee.faults.add(JSONFault(message: "out of memory"))
                    return false
                }
                defer { yajl_free(handle) }
                return Self.run(parser, handle)
            }
        }
    }

    /// Feeds the source to yajl, whose callbacks change the parser meanwhile.
    private static func run(
        _ parser: UnsafeMutablePointer<JSONParser>, _ handle: yajl_handle
    ) -> Bool {
        parser.pointee.handle = handle
        let source = parser.pointee.source
        var status = yajl_parse(handle, source.baseAddress, source.count)
        let consumed = yajl_get_bytes_consumed(handle)
        if status == yajl_status_ok {
            parser.pointee.isAtEnd = true
            status = yajl_complete_parse(handle)
        }
        if status == yajl_status_error {
            let text = yajl_get_error(handle, 0, nil, 0)
            parser.pointee.addSyntaxFault(text, consumed: consumed)
            yajl_free_error(handle, text)
        }
        parser.pointee.closeAll()
        return status == yajl_status_ok
    }

    /// Gives the containers that a broken document left open an end, so that pointers work.
    private mutating func closeAll() {
        while let container = open.popLast() {
            nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        }
    }
}

// Events. A callback returns 1 to go on and 0 to stop.
extension JSONParser {
    private static func with(
        _ context: UnsafeMutableRawPointer?, _ body: (inout JSONParser) -> Bool
    ) -> Int32 {
        guard let context else { return 0 }
        return body(&context.assumingMemoryBound(to: JSONParser.self).pointee) ? 1 : 0
    }

    private static func add(
        _ kind: JSONNode.Kind, width: Int, to context: UnsafeMutableRawPointer?
    ) -> Int32 {
        with(context) { parser in
            parser.append(kind, offset: parser.consumed - width, text: 0, length: 0)
        }
    }

    /// The offset after the token of this event.
    private var consumed: Int {
        isAtEnd ? source.count : yajl_get_bytes_consumed(handle)
    }

    private mutating func append(
        _ kind: JSONNode.Kind, offset: Int, text: Int, length: Int, isUnescaped: Bool = false
    ) -> Bool {
        let index = nodes.count
        lastEnd = consumed
        if index == Self.nodeLimit {
            faults.add(
                JSONFault(
                    offset: offset, node: open.last ?? 0,
                    message: "more than \(Self.nodeLimit) values and keys"))
            return false
        }
        nodes.append(
            JSONNode(
                kind: kind, isUnescaped: isUnescaped, use: .unknown,
                offset: UInt32(truncatingIfNeeded: offset),
                text: UInt32(truncatingIfNeeded: text),
                length: UInt32(truncatingIfNeeded: length),
                next: UInt32(truncatingIfNeeded: index + 1)))
        if kind != .key, let container = open.last { nodes[container].length += 1 }
        if kind == .object || kind == .array {
            if open.count == Self.depthLimit {
                faults.add(
                    JSONFault(
                        offset: offset, node: open.last ?? 0,
                        message: "nested deeper than \(Self.depthLimit) levels"))
                return false
            }
            open.append(index)
        }
        return true
    }

    private mutating func addNumber(_ text: UnsafePointer<CChar>?, _ length: Int) -> Bool {
        // A number at the very end of the input comes from yajl's own buffer.
        let offset = consumed - length
        return append(.number, offset: offset, text: offset, length: length)
    }

    /// Adds a string or a key; yajl points into the source unless it had to resolve escapes.
    private mutating func addText(
        _ kind: JSONNode.Kind, _ text: UnsafePointer<UInt8>?, _ length: Int
    ) -> Bool {
        let end = consumed - 1
        if let base = source.baseAddress, let text, text == base + (end - length) {
            return append(kind, offset: end - length - 1, text: end - length, length: length)
        }
        let start = openingQuote(before: end)
        let textStart = unescaped.count
        let raw = UnsafeBufferPointer(rebasing: source[(start + 1)..<end])
        let fault = appendUnescaped(raw, to: &unescaped)
        let isAdded = append(
            kind, offset: start, text: textStart, length: unescaped.count - textStart,
            isUnescaped: true)
        if let fault {
            faults.add(
                JSONFault(
                    offset: start + 1 + fault.offset, node: nodes.count - 1,
                    message: fault.message))
        }
        return isAdded
    }

    /// Finds where a string begins: the nearest quotation mark that no backslash escapes.
    func openingQuote(before end: Int) -> Int {
        var start = end - 1
        while start > 0 {
            if source[start] == UInt8(ascii: "\"") {
                var slash = start
                while slash > 0, source[slash - 1] == UInt8(ascii: "\\") { slash -= 1 }
                if (start - slash) % 2 == 0 { return start }
            }
            start -= 1
        }
        return start
    }

    private mutating func closeContainer() -> Bool {
        guard let container = open.popLast() else { return false }
        lastEnd = consumed
        nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        if nodes[container].kind == .object { reportDuplicates(in: container) }
        return true
    }
}

// Duplicate keys: parsers differ in which one wins, so an engine and a runtime may see different
// configurations. They are refused.
extension JSONParser {
    private mutating func reportDuplicates(in container: Int) {
        let count = Int(nodes[container].length)
        guard count > 1 else { return }
        var keys: [Int] = []
        keys.reserveCapacity(count)
        var index = container + 1
        while index < nodes.count {
            keys.append(index)
            index = Int(nodes[index + 1].next)
        }
        // Comparing all pairs is quickest for the few keys of real objects, and quadratic for a
        // hostile one.
        if count <= 24 {
            for second in 1..<count {
                let first = (0..<second).first { compare(keys[$0], keys[second]) == 0 }
                if let first { addDuplicate(keys[second], first: keys[first]) }
            }
            return
        }
        keys.sort { left, right in
            let order = compare(left, right)
            return order < 0 || (order == 0 && left < right)
        }
        for second in 1..<count where compare(keys[second - 1], keys[second]) == 0 {
            addDuplicate(keys[second], first: keys[second - 1])
        }
    }

    private mutating func addDuplicate(_ key: Int, first: Int) {
        faults.add(
            JSONFault(
                offset: Int(nodes[key].offset), node: key, message: "duplicate property",
                first: Int(nodes[first].offset)))
    }

    /// Orders keys by length, then bytes.
    private func compare(_ left: Int, _ right: Int) -> Int {
        let (left, right) = (nodes[left], nodes[right])
        guard left.length == right.length else {
            return left.length < right.length ? -1 : 1
        }
        return withText(left) { leftText in
            withText(right) { rightText in
                for index in 0..<leftText.count where leftText[index] != rightText[index] {
                    return leftText[index] < rightText[index] ? -1 : 1
                }
                return 0
            }
        }
    }

    private func withText<Result>(
        _ node: JSONNode, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let range = Int(node.text)..<Int(node.text + node.length)
        guard node.isUnescaped else {
            return body(UnsafeBufferPointer(rebasing: source[range]))
        }
        return unescaped.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[range]))
        }
    }
}
