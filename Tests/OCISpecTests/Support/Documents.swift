@testable import OCISpec

/// Decodes a configuration that must be wrong; nil when it is accepted.
func specError(_ bytes: [UInt8], fileName: String = "config.json") -> SpecError? {
    do {
        _ = try SpecDecoder.decode(bytes, fileName: fileName)
        return nil
    } catch {
        return error
    }
}

/// Decodes a configuration that must be wrong.
func specError(_ text: String) -> SpecError? {
    specError(Array(text.utf8))
}

/// The values of a document by JSON pointer; a container counts when it is empty.
func leaves(_ bytes: [UInt8]) -> [String: String] {
    let tree = JSONParser.parse(bytes).tree
    var leaves: [String: String] = [:]
    for (index, node) in tree.nodes.enumerated() where node.kind != .key {
        let text = String(decoding: tree.text(node), as: UTF8.self)
        switch node.kind {
        case .object, .array: if node.length > 0 { continue }
        default: break
        }
        leaves[tree.pointer(to: index)] = "\(node.kind) \(text)"
    }
    return leaves
}

/// The properties that a document names, as patterns: `*` stands for an index or a free key.
func patterns(_ bytes: [UInt8], maps: Set<String> = Checklist.maps) -> Set<String> {
    let tree = JSONParser.parse(bytes).tree
    let keys = tree.nodes.indices.filter { tree.nodes[$0].kind == .key }
    return Set(keys.map { pattern(tree.pointer(to: $0), maps) })
}

/// A pointer with indices and the keys of maps replaced by `*`.
private func pattern(_ pointer: String, _ maps: Set<String>) -> String {
    var pattern = ""
    for token in pointer.split(separator: "/") {
        let isFree = maps.contains(pattern) || token.allSatisfy { $0.isNumber }
        pattern += isFree ? "/*" : "/" + token
    }
    return pattern
}
