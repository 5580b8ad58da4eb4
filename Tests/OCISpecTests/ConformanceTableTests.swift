import Testing

/// The first column of the tables of docs/spec-conformance.md against the checklist.
@Suite("Conformance tables") struct ConformanceTableTests {
    /// The properties of the document as lists of components; `*` stands for any one.
    private let rows: [[Substring]]

    init() {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = String(
            decoding: Fixtures.read("/\(root)/docs/spec-conformance.md"), as: UTF8.self)
        var rows: [[Substring]] = []
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.split(separator: "|").first ?? ""
            // Every second piece is between backticks.
            for (index, piece) in cell.split(separator: "`", omittingEmptySubsequences: false)
                .enumerated() where index % 2 == 1
            {
                rows.append(piece.split(separator: "/"))
            }
        }
        self.rows = rows
    }

    private func matches(_ row: [Substring], _ property: [Substring]) -> Bool {
        row.count == property.count && zip(row, property).allSatisfy { $0 == "*" || $0 == $1 }
    }

    @Test("every property has a row")
    func properties() {
        for property in Checklist.properties.sorted() {
            let components = property.split(separator: "/")
            #expect(rows.contains { matches($0, components) }, "no row for \(property)")
        }
    }

    @Test("every row is a property")
    func rowsAreProperties() {
        let properties = Checklist.properties.map { $0.split(separator: "/") }
        for row in rows {
            let name = row.joined(separator: "/")
            #expect(properties.contains { matches(row, $0) }, "no property \(name)")
        }
    }
}
