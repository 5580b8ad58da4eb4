/// One value (or key) of a parsed document.
///
/// Nodes stand in document order, so a container is followed by its children and `next` skips
/// over them. 20 bytes each; a tree of them costs one allocation.
struct JSONNode: Sendable {
    /// What a node is; the members of an object are pairs of a key and a value.
    enum Kind: UInt8, Sendable {
        case null, `true`, `false`, number, string, key, array, object
    }

    /// What the node is.
    let kind: Kind
    /// Whether the text is in the tree's `unescaped` bytes instead of the source.
    let isUnescaped: Bool
    /// For a key: whether a reader asked for it, or for everything below it.
    var use: Use
    /// The offset of the token's first byte in the source.
    let offset: UInt32
    /// The offset of the text of a string, key or number.
    let text: UInt32
    /// The bytes of the text, or the number of a container's children.
    var length: UInt32
    /// The index of the node after this one and everything below it.
    var next: UInt32

    /// Whether somebody looked at a key.
    enum Use: UInt8, Sendable {
        case unknown, read, ignored
    }
}

/// A line and a column, both counted from 1; columns are Unicode scalars.
package struct SourcePosition: Sendable, Equatable, Comparable {
    /// The line.
    package let line: Int
    /// The column.
    package let column: Int

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A parsed document: its bytes, and nodes that point into them.
struct JSONTree: Sendable {
    /// The document as given.
    let source: [UInt8]
    /// The text of the strings that have escapes.
    var unescaped: [UInt8] = []
    /// Every value and key in document order; the first is the root.
    var nodes: [JSONNode] = []

    init(source: [UInt8]) {
        self.source = source
    }

    /// The text of a string, key or number.
    func text(_ node: JSONNode) -> ArraySlice<UInt8> {
        let range = Int(node.text)..<Int(node.text + node.length)
        return node.isUnescaped ? unescaped[range] : source[range]
    }

    /// The place of a byte, counted on demand because only errors need it.
    func position(ofOffset offset: Int) -> SourcePosition {
        var line = 1
        var column = 1
        for byte in source[..<min(offset, source.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return SourcePosition(line: line, column: column)
    }
}

// JSON pointers (RFC 6901) exist on the error path alone: they are derived from the order of the
// nodes instead of being carried along while reading.
extension JSONTree {
    /// The pointer of a node; for a key, that of its value.
    func pointer(to target: Int) -> String {
        let target = target < nodes.count && nodes[target].kind == .key ? target + 1 : target
        var pointer = ""
        var container = 0
        while container < target, let step = step(from: container, toward: target) {
            pointer += "/" + step.name
            container = step.node
        }
        return pointer
    }

    /// The node at a pointer, or the deepest of its ancestors that exists; nil when nothing was
    /// parsed.
    func node(at pointer: String) -> Int? {
        guard !nodes.isEmpty else { return nil }
        var node = 0
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let child = child(of: node, named: Self.unescape(token)) else { break }
            node = child
        }
        return node
    }

    /// The pointers of all members that no reader asked for, in document order.
    func unknownMembers() -> [String] {
        var pointers: [String] = []
        var index = 0
        while index < nodes.count {
            let node = nodes[index]
            guard node.kind == .key, node.use != .read else {
                index += 1
                continue
            }
            if node.use == .unknown { pointers.append(printable(pointer(to: index))) }
            index = Int(nodes[index + 1].next)
        }
        return pointers
    }

    private func step(from container: Int, toward target: Int) -> (name: String, node: Int)? {
        let isObject = nodes[container].kind == .object
        var child = container + 1
        var position = 0
        while child < nodes.count {
            let value = isObject ? child + 1 : child
            guard value < nodes.count else { return nil }
            if target < nodes[value].next {
                let name = isObject ? Self.escape(text(nodes[child])) : "\(position)"
                return (name, value)
            }
            child = Int(nodes[value].next)
            position += 1
        }
        return nil
    }

    private func child(of container: Int, named name: [UInt8]) -> Int? {
        let isObject = nodes[container].kind == .object
        guard isObject || nodes[container].kind == .array else { return nil }
        var child = container + 1
        var position = 0
        while child < nodes[container].next {
            let value = isObject ? child + 1 : child
            let found =
                isObject
                ? text(nodes[child]).elementsEqual(name) : "\(position)".utf8.elementsEqual(name)
            if found { return value }
            child = Int(nodes[value].next)
            position += 1
        }
        return nil
    }

    /// Writes a key as a token of a pointer.
    static func escape(_ key: some Sequence<UInt8>) -> String {
        var token: [UInt8] = []
        for byte in key {
            switch byte {
            case UInt8(ascii: "~"): token += "~0".utf8
            case UInt8(ascii: "/"): token += "~1".utf8
            default: token.append(byte)
            }
        }
        return String(decoding: token, as: UTF8.self)
    }

    private static func unescape(_ token: Substring) -> [UInt8] {
        var key: [UInt8] = []
        var bytes = token.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "~") else {
                key.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "0"): key.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): key.append(UInt8(ascii: "/"))
            default: break
            }
        }
        return key
    }
}
