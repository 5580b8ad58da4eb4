/// Rows as text with aligned columns, each three blanks from the next.
func columnText(_ rows: [[String]]) -> String {
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in
        rows.map { $0[column].count }.max() ?? 0
    }
    var text = ""
    for row in rows {
        var line = ""
        for (column, cell) in row.enumerated() {
            line += cell
            if column < row.count - 1 {
                line += String(repeating: " ", count: widths[column] - cell.count + 3)
            }
        }
        text += line + "\n"
    }
    return text
}
