/// A document that was read: it still knows the place of every value.
package struct JSONDocument: Sendable {
    /// The largest document accepted, in bytes: 16 MiB.
    ///
    /// A configuration of an engine has about 12 KiB.
    package static let sizeLimit = 16 << 20
    /// The most mistakes reported for one document.
    package static let issueLimit = 100

    /// The name under which the document is reported, such as `config.json`.
    package let fileName: String
    private let tree: JSONTree

    /// The JSON pointers of the members that nobody asked for, in the order of the document.
    ///
    /// The specification wants unknown properties ignored; a debug log lists them. Control
    /// characters are escaped.
    package var unknownProperties: [String] {
        tree.unknownMembers()
    }

    /// The line and column of the value at a JSON pointer, or of its nearest ancestor that exists.
    ///
    /// It scans the document: for error messages alone.
    package func position(of pointer: String) -> SourcePosition {
        let node = tree.node(at: pointer) ?? 0
        return tree.position(ofOffset: Int(tree.nodes[node].offset))
    }

    /// Reads a document whose root is an object.
    ///
    /// - Parameters:
    ///   - bytes: The contents; at most `sizeLimit` bytes of UTF-8 without byte order mark.
    ///   - fileName: How messages call the document.
    ///   - make: Reads the root object.
    /// - Throws: All mistakes at once: of the syntax, or of everything that `make` read.
    package static func read<Value>(
        _ bytes: [UInt8], fileName: String, _ make: (ObjectReader) -> Value
    ) throws(SpecError) -> Decoded<Value> {
        let (decoded, mistakes) = try readAll(bytes, fileName: fileName, make)
        if let mistakes { throw mistakes }
        return decoded
    }

    /// Reads a document as far as it goes, for a caller that has checks of its own to add to the
    /// list of mistakes.
    ///
    /// Where there is a mistake the value has a neutral placeholder.
    ///
    /// - Throws: mistakes of the syntax, after which there is no value.
    package static func readAll<Value>(
        _ bytes: [UInt8], fileName: String, _ make: (ObjectReader) -> Value
    ) throws(SpecError) -> (Decoded<Value>, SpecError?) {
        try checkEncoding(bytes, fileName)
        var (tree, faults, isComplete) = JSONParser.parse(bytes)
        var value: Value?
        if isComplete { value = readRoot(&tree, &faults, make) }
        guard let value else {
            // Every refusal comes with its fault; an error without one would say nothing.
            if faults.isEmpty { faults.add(JSONFault(message: "the file cannot be parsed")) }
            throw SpecError(faults, in: tree, fileName: fileName)
        }
        let mistakes = faults.isEmpty ? nil : SpecError(faults, in: tree, fileName: fileName)
        return (
            Decoded(value: value, document: JSONDocument(fileName: fileName, tree: tree)), mistakes
        )
    }

    private static func readRoot<Value>(
        _ tree: inout JSONTree, _ faults: inout FaultList, _ make: (ObjectReader) -> Value
    ) -> Value? {
        let source = tree.source
        let unescaped = tree.unescaped
        return source.withUnsafeBufferPointer { source in
            unescaped.withUnsafeBufferPointer { unescaped in
                tree.nodes.withUnsafeMutableBufferPointer { nodes in
                    guard let source = source.baseAddress, let nodes = nodes.baseAddress else {
                        return nil
                    }
                    let context = ReadContext(
                        source: source, unescaped: unescaped.baseAddress, nodes: nodes,
                        faults: faults)
                    defer { faults = context.faults }
                    guard nodes[0].kind == .object else {
                        context.mismatch(0, expected: "an object")
                        return nil
                    }
                    return make(ObjectReader(context: context, object: 0))
                }
            }
        }
    }

    /// Refuses what is not worth parsing.
    private static func checkEncoding(_ bytes: [UInt8], _ fileName: String) throws(SpecError) {
        if bytes.isEmpty { throw SpecError("the file is empty", fileName: fileName) }
        if bytes.count > sizeLimit {
            throw SpecError(
                "the file has \(bytes.count) bytes, more than the limit of \(sizeLimit)",
                fileName: fileName)
        }
        var message: String?
        var offset = 0
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            message = "expected JSON, found a byte order mark"
        } else if let invalid = bytes.withUnsafeBufferPointer({ firstInvalidUTF8($0) }) {
            message = "expected UTF-8, found the byte 0x" + String(bytes[invalid], radix: 16)
            offset = invalid
        }
        guard let message else { return }
        var faults = FaultList()
        faults.add(JSONFault(offset: offset, message: message))
        throw SpecError(faults, in: JSONTree(source: bytes), fileName: fileName)
    }
}

/// What was read from a document, with the document's places.
package struct Decoded<Value> {
    /// What was read.
    package let value: Value
    /// Where it was read from.
    package let document: JSONDocument

    /// As in `JSONDocument`.
    package var unknownProperties: [String] { document.unknownProperties }

    /// As in `JSONDocument`.
    package func position(of pointer: String) -> SourcePosition {
        document.position(of: pointer)
    }
}

extension Decoded: Sendable where Value: Sendable {}
