/// Reads a length of time and returns nanoseconds.
///
/// The form is that of the peers' options: one or more numbers with a unit each (`1h30m`, `5s`,
/// `1.5s`, `100ms`, `20us`, `5ns`). A bare `0` needs no unit; any other bare number is refused,
/// because nobody can tell seconds from nanoseconds. Negative lengths are refused: no option has a
/// use for them. Returns nil for anything else and for spans beyond 63 bits.
func parseTimeSpan(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    var rest = Substring(text).utf8
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
        let (whole, fraction, tail) = splitNumber(rest)
        guard let (unit, length) = timeUnit(tail),
            let part = scaled(whole: whole, fraction: fraction, by: unit)
        else { return nil }
        let (sum, overflow) = total.addingReportingOverflow(part)
        if overflow { return nil }
        total = sum
        rest = tail.dropFirst(length)
    }
    return total
}

/// The unit at the start of a text, in nanoseconds, and how many bytes its name takes.
private func timeUnit(_ text: Substring.UTF8View) -> (nanoseconds: UInt64, length: Int)? {
    // The longer names first: `ms` is not `m` followed by rubbish.
    if text.starts(with: "ns".utf8) { return (1, 2) }
    if text.starts(with: "us".utf8) { return (1_000, 2) }
    if text.starts(with: "\u{B5}s".utf8) || text.starts(with: "\u{3BC}s".utf8) { return (1_000, 3) }
    if text.starts(with: "ms".utf8) { return (1_000_000, 2) }
    if text.starts(with: "s".utf8) { return (1_000_000_000, 1) }
    if text.starts(with: "m".utf8) { return (60_000_000_000, 1) }
    if text.starts(with: "h".utf8) { return (3_600_000_000_000, 1) }
    return nil
}
