/// One mistake in a document.
package struct SpecIssue: Sendable, Equatable {
    /// Where, as a JSON pointer (RFC 6901); empty for the document as a whole.
    package let pointer: String
    /// Where, as line and column; nil for a document that was not parsed at all.
    package let position: SourcePosition?
    /// What was expected and what was found.
    package let message: String
}

/// Every mistake found in one document.
package struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name under which the document is reported, such as `config.json`.
    package let fileName: String
    /// The mistakes in the order of the document; never empty.
    package let issues: [SpecIssue]
    /// How many mistakes beyond `JSONDocument.issueLimit` are left out.
    package let omitted: Int

    /// One line per mistake: `config.json:12:7: /process/cwd: expected a string, found 3`.
    package var description: String {
        var lines = issues.map { issue in
            var line = fileName
            if let position = issue.position { line += ":\(position.line):\(position.column)" }
            if !issue.pointer.isEmpty { line += ": " + printable(issue.pointer) }
            return line + ": " + issue.message
        }
        if omitted > 0 { lines.append("\(fileName): and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}

/// A mistake whose pointer, line and column are not worked out yet.
struct JSONFault {
    /// Where in the source; nil for the document as a whole.
    var offset: Int?
    /// The node that the pointer names.
    var node: Int = 0
    /// A member of that node that does not exist.
    var missing: String?
    /// What was expected and what was found.
    var message: String
    /// For a duplicate: where the first one is.
    var first: Int?
}

/// Faults up to a limit: a hostile document must not cost minutes of error text.
struct FaultList {
    private(set) var faults: [JSONFault] = []
    private(set) var omitted = 0

    var isEmpty: Bool { faults.isEmpty }

    mutating func add(_ fault: JSONFault) {
        if faults.count < JSONDocument.issueLimit {
            faults.append(fault)
        } else {
            omitted += 1
        }
    }
}

extension SpecError {
    /// Turns faults into issues in the order of the document.
    init(_ list: FaultList, in tree: JSONTree, fileName: String) {
        let ordered = list.faults.enumerated().sorted { left, right in
            (left.element.offset ?? -1, left.offset) < (right.element.offset ?? -1, right.offset)
        }
        issues = ordered.map { SpecIssue($0.element, in: tree) }
        omitted = list.omitted
        self.fileName = fileName
    }

    /// Makes the error of a document that was not parsed at all.
    init(_ message: String, fileName: String) {
        issues = [SpecIssue(pointer: "", position: nil, message: message)]
        omitted = 0
        self.fileName = fileName
    }
}

extension SpecIssue {
    fileprivate init(_ fault: JSONFault, in tree: JSONTree) {
        var pointer = tree.pointer(to: fault.node)
        if let missing = fault.missing { pointer += "/" + JSONTree.escape(missing.utf8) }
        var message = fault.message
        if let first = fault.first {
            let position = tree.position(ofOffset: first)
            message += ", the first is at \(position.line):\(position.column)"
        }
        let position = fault.offset.map { tree.position(ofOffset: $0) }
        self.init(pointer: pointer, position: position, message: message)
    }
}
