/// What all readers of one document share.
///
/// The pointers are valid while `JSONDocument.read` runs. A class of constant pointers has neither
/// exclusivity checks nor copies, which matters because every property goes through it.
final class ReadContext {
    let source: UnsafePointer<UInt8>
    let unescaped: UnsafePointer<UInt8>?
    let nodes: UnsafeMutablePointer<JSONNode>
    var faults: FaultList

    init(
        source: UnsafePointer<UInt8>, unescaped: UnsafePointer<UInt8>?,
        nodes: UnsafeMutablePointer<JSONNode>, faults: FaultList
    ) {
        self.source = source
        self.unescaped = unescaped
        self.nodes = nodes
        self.faults = faults
    }

    /// The bytes of a string, key or number.
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let node = nodes[index]
        let base = node.isUnescaped ? unescaped : source
        return UnsafeBufferPointer(start: base.map { $0 + Int(node.text) }, count: Int(node.length))
    }

    /// The text of a string, key or number.
    func string(_ index: Int) -> String {
        String(decoding: text(index), as: UTF8.self)
    }

    /// Reports a value that is not what was expected.
    func mismatch(_ index: Int, expected: String) {
        report(index, "expected \(expected), found \(describe(index))")
    }

    /// Reports a mistake at a value.
    func report(_ index: Int, _ message: String) {
        let offset = Int(nodes[index].offset)
        faults.add(JSONFault(offset: offset, node: index, message: message))
    }

    /// Reports a member that an object should have.
    func reportMissing(_ name: String, in object: Int, expected: String) {
        faults.add(
            JSONFault(
                offset: Int(nodes[object].offset), node: object, missing: name,
                message: "required property is missing, expected \(expected)"))
    }

    /// A value in the words of a message.
    func describe(_ index: Int) -> String {
        switch nodes[index].kind {
        case .null: return "null"
        case .true: return "true"
        case .false: return "false"
        case .number: return printable(string(index), limit: 60)
        case .string, .key: return "\"" + printable(string(index), limit: 60) + "\""
        case .array: return "an array"
        case .object: return "an object"
        }
    }
}
