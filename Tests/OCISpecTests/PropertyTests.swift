import Testing

@testable import OCISpec

@Suite("Every property of the specification")
struct PropertyTests {
    private let everything = Fixtures.good("everything")

    @Test("the complete fixture names exactly the checklist")
    func fixtureIsComplete() {
        #expect(patterns(everything) == Checklist.properties)
    }

    @Test("each is decoded and written again unchanged")
    func roundTrip() throws {
        let decoded = try SpecDecoder.decode(everything)
        #expect(decoded.unknownProperties == [])
        let written = decoded.spec.json(.compact)
        #expect(leaves(written) == leaves(everything))
        #expect(try SpecDecoder.decode(written).spec == decoded.spec)
    }

    @Test("each has a fixture of its own")
    func fixturePerProperty() {
        var covered: Set<String> = []
        for name in Fixtures.good where name != "everything" {
            covered.formUnion(patterns(Fixtures.good(name)))
        }
        // The six lists of hooks share their type, so one of them shows all its properties.
        let missing = Checklist.properties.subtracting(covered).filter { property in
            !property.hasPrefix("/hooks/") || property.hasSuffix("/path")
        }
        #expect(missing.sorted() == [])
    }

    /// Replaces the source text of one value.
    private func replace(_ node: JSONNode, in tree: JSONTree, with text: String) -> [UInt8] {
        let end = valueEnd(node, in: tree)
        return tree.source[..<Int(node.offset)] + Array(text.utf8) + tree.source[end...]
    }

    /// The offset after a value: before the next token, or the closing brackets.
    private func valueEnd(_ node: JSONNode, in tree: JSONTree) -> Int {
        var depth = 0
        var inString = false
        var index = Int(node.offset)
        while index < tree.source.count {
            let byte = tree.source[index]
            if inString {
                if byte == UInt8(ascii: "\\") { index += 1 }
                if byte == UInt8(ascii: "\"") {
                    inString = false
                    if depth == 0 { return index + 1 }
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): inString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return index }
                    depth -= 1
                    if depth == 0 { return index + 1 }
                case UInt8(ascii: ","), UInt8(ascii: "\n"): if depth == 0 { return index }
                default: break
                }
            }
            index += 1
        }
        return index
    }

    @Test("each refuses a value of another type, at its place")
    func wrongTypes() {
        let tree = JSONParser.parse(everything).tree
        var tried = 0
        for (index, node) in tree.nodes.enumerated() where node.kind != .key {
            let wrong = node.kind == .array ? "{}" : "[]"
            let pointer = tree.pointer(to: index)
            let error = specError(replace(node, in: tree, with: wrong))
            #expect(error?.issues.map { $0.pointer } == [pointer])
            #expect(error?.issues.first?.position == tree.position(ofOffset: Int(node.offset)))
            tried += 1
        }
        #expect(tried > Checklist.properties.count)
    }

    @Test("null means absent, and is refused where a value is required")
    func nulls() throws {
        let tree = JSONParser.parse(everything).tree
        for index in tree.nodes.indices where tree.nodes[index].kind == .key {
            let pointer = tree.pointer(to: index)
            let bytes = replace(tree.nodes[index + 1], in: tree, with: "null")
            guard let error = specError(bytes) else {
                let written = try SpecDecoder.decode(bytes).spec.json(.compact)
                let kept = leaves(written).keys.filter {
                    $0 == pointer || $0.hasPrefix(pointer + "/")
                }
                #expect(kept.isEmpty)
                continue
            }
            #expect(error.issues.map { $0.pointer } == [pointer])
        }
    }

    @Test("those required are missed", arguments: Checklist.required.sorted())
    func required(_ property: String) throws {
        #expect(Checklist.properties.contains(property))
        let tree = JSONParser.parse(everything).tree
        let pointer = property.replacingStars()
        let node = try #require(tree.node(at: pointer))
        #expect(tree.pointer(to: node) == pointer)
        // Renaming the key makes it absent.
        let key = tree.nodes[node - 1]
        var bytes = everything
        bytes[Int(key.offset) + 1] = UInt8(ascii: "X")
        let issues = try #require(specError(bytes)?.issues)
        #expect(issues.map { $0.pointer } == [pointer])
        #expect(issues.first?.message.hasPrefix("required property is missing, expected ") == true)
    }

    @Test("those not required may be left out")
    func optional() throws {
        let tree = JSONParser.parse(everything).tree
        let decoded = try SpecDecoder.decode(everything)
        for property in Checklist.properties.subtracting(Checklist.required).sorted()
        where !Checklist.maps.contains(where: { property == $0 + "/*" }) {
            let pointer = property.replacingStars()
            let node = try #require(tree.node(at: pointer))
            guard tree.pointer(to: node) == pointer else { continue }
            var bytes = everything
            bytes[Int(tree.nodes[node - 1].offset) + 1] = UInt8(ascii: "X")
            let without = try SpecDecoder.decode(bytes)
            #expect(without.spec != decoded.spec, "\(property) is not read")
            #expect(without.unknownProperties.count == 1)
        }
    }
}

extension String {
    /// A pattern as a pointer into the complete fixture: the first element of each list or map.
    fileprivate func replacingStars() -> String {
        var pointer = ""
        for token in split(separator: "/") {
            if token == "*" {
                switch pointer {
                case "/linux/netDevices": pointer += "/eth1"
                case "/linux/resources/rdma": pointer += "/mlx5_1"
                case "/linux/namespaces": pointer += "/7"
                default: pointer += "/0"
                }
            } else {
                pointer += "/" + token
            }
        }
        return pointer
    }
}
