import Glibc

@testable import OCISpec

/// The JSON schema of the specification, when `APUS_SPEC_SCHEMA` names its directory.
struct Schema {
    let directory: String
    private var documents: [String: JSONTree] = [:]

    /// The directory of the schema, or nil.
    static var directory: String? {
        getenv("APUS_SPEC_SCHEMA").map { String(cString: $0) }
    }

    init(directory: String) {
        self.directory = directory
    }

    /// The patterns of all properties below a schema file's root that concern Linux.
    mutating func properties(of file: String) -> Set<String> {
        var found: Set<String> = []
        collect(file, "", into: &found, at: "")
        return found
    }

    /// The words of an enumeration.
    mutating func words(of definition: String, in file: String) -> [String] {
        let tree = document(file)
        guard let node = child(tree, at: "/definitions/" + definition + "/enum") else { return [] }
        return children(tree, of: node).map { text(tree, $0) }
    }

    private mutating func document(_ file: String) -> JSONTree {
        if let tree = documents[file] { return tree }
        let tree = JSONParser.parse(Fixtures.read(directory + "/" + file)).tree
        documents[file] = tree
        return tree
    }

    /// Follows a schema object, and the references in it.
    private mutating func collect(
        _ file: String, _ location: String, into found: inout Set<String>, at pattern: String
    ) {
        let tree = document(file)
        if let reference = child(tree, at: location + "/$ref") {
            let parts = text(tree, reference).split(
                separator: "#", omittingEmptySubsequences: false)
            let target = parts.first.map { String($0) } ?? ""
            let pointer = parts.count > 1 ? String(parts[1]) : ""
            collect(target.isEmpty ? file : target, pointer, into: &found, at: pattern)
        }
        if let properties = child(tree, at: location + "/properties") {
            for key in keys(tree, of: properties) where !isForeign(pattern + "/" + key) {
                found.insert(pattern + "/" + key)
                collect(
                    file, location + "/properties/" + key, into: &found, at: pattern + "/" + key)
            }
        }
        if child(tree, at: location + "/items") != nil {
            collect(file, location + "/items", into: &found, at: elements(pattern))
        }
        for free in ["/additionalProperties", "/patternProperties"]
        where child(tree, at: location + free) != nil {
            found.insert(pattern + "/*")
            collect(file, location + free, into: &found, at: pattern + "/*")
        }
        for alternatives in ["/allOf", "/anyOf"] {
            guard let list = child(tree, at: location + alternatives) else { continue }
            for index in children(tree, of: list).indices {
                collect(file, location + alternatives + "/\(index)", into: &found, at: pattern)
            }
        }
    }

    private func elements(_ pattern: String) -> String { pattern + "/*" }

    private func isForeign(_ pattern: String) -> Bool {
        ["/solaris", "/windows", "/vm", "/zos", "/freebsd"].contains(pattern)
    }

    private func child(_ tree: JSONTree, at pointer: String) -> Int? {
        guard let node = tree.node(at: pointer), tree.pointer(to: node) == pointer else {
            return nil
        }
        return node
    }

    private func keys(_ tree: JSONTree, of object: Int) -> [String] {
        children(tree, of: object).map { text(tree, $0 - 1) }
    }

    private func children(_ tree: JSONTree, of container: Int) -> [Int] {
        let isObject = tree.nodes[container].kind == .object
        var children: [Int] = []
        var index = container + 1
        while index < tree.nodes[container].next {
            let value = isObject ? index + 1 : index
            children.append(value)
            index = Int(tree.nodes[value].next)
        }
        return children
    }

    private func text(_ tree: JSONTree, _ node: Int) -> String {
        String(decoding: tree.text(tree.nodes[node]), as: UTF8.self)
    }
}
