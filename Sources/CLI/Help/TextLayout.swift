/// The width that help is laid out for.
private let lineWidth = 80

/// Breaks a text into lines at spaces and indents each.
func wrapped(_ text: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
        if !line.isEmpty && indent + line.count + 1 + word.count > lineWidth {
            lines.append(margin + line)
            line = ""
        }
        line += line.isEmpty ? String(word) : " " + word
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines.joined(separator: "\n") + "\n"
}

/// A table of two columns; a term too long for the first has its explanation on the next lines.
func definitions(_ rows: [(term: String, explanation: String)]) -> String {
    let column = min(28, (rows.map(\.term.count).max() ?? 0) + 4)
    var text = ""
    for (term, explanation) in rows {
        let body = wrapped(explanation, indent: column)
        if term.count + 4 <= column {
            let gap = String(repeating: " ", count: column - term.count - 2)
            text += "  " + term + gap + body.drop { $0 == " " }
        } else {
            text += "  " + term + "\n" + body
        }
    }
    return text
}

/// The paragraphs of a description, each in one line.
func paragraphs(_ description: String) -> [String] {
    var result: [String] = []
    var current: [Substring] = []
    for line in description.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.isEmpty {
            result.append(current.joined(separator: " "))
            current = []
        } else {
            current.append(line)
        }
    }
    result.append(current.joined(separator: " "))
    return result.filter { !$0.isEmpty }
}
