internal import OCISpec

/// Turns what is wrong with a document, and what is wrong with what it says, into one error that
/// names every place.
struct ConfigReport {
    let decoded: DecodedSpec
    private let mistakes: SpecError?
    private let fileName: String

    /// Starts with the mistakes of the decoder.
    init(_ decoded: DecodedSpec, _ mistakes: SpecError?, _ fileName: String) {
        self.decoded = decoded
        self.mistakes = mistakes
        self.fileName = fileName
    }

    /// Nil when there is nothing to report.
    func error(_ diagnostics: Diagnostics) -> RuntimeError? {
        let findings = diagnostics.errors.filter { !isAboutPlaceholder($0.location) }
        if mistakes == nil, findings.isEmpty { return nil }
        var lines = findings.map(line)
        if let mistakes { lines.insert(mistakes.description, at: 0) }
        let code = mistakes == nil ? findings.first?.code : nil
        return RuntimeError(code ?? .invalidConfig, lines.joined(separator: "\n"))
    }

    /// Where the decoder put a neutral value, validation finds fault with something that nobody
    /// wrote.
    private func isAboutPlaceholder(_ location: String) -> Bool {
        if location.isEmpty { return false }
        let pointer = "/" + location
        return (mistakes?.issues ?? []).contains { issue in
            pointer == issue.pointer || PathText.isBelow(pointer, issue.pointer)
                || PathText.isBelow(issue.pointer, pointer)
        }
    }

    /// `config.json:12:7: linux/namespaces/0: ...`: the position first, as compilers do.
    private func line(_ error: RuntimeError) -> String {
        // What the caller asks for stands in no file.
        if error.location.isEmpty { return error.description }
        let position = decoded.position(of: "/" + error.location)
        return "\(fileName):\(position.line):\(position.column): \(error.description)"
    }
}
