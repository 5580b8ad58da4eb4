/// Reads a whole decimal number and keeps it inside a range.
///
/// Throws a `UsageError` that begins with `subject` and says which of the two failed.
func parseInteger(
    _ text: String, in range: ClosedRange<Int64>, subject: String
) throws(UsageError) -> Int64 {
    guard text.utf8.first != UInt8(ascii: "+"), let number = Int64(text) else {
        throw .value("\(subject): \"\(text)\" is not a whole number of 64 bits")
    }
    guard range.contains(number) else {
        throw .value(
            "\(subject): \(number) is not between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
}

/// Reads the words for on and off that either peer takes, in any case.
func parseBoolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "t", "true", "y", "yes", "on": return true
    case "0", "f", "false", "n", "no", "off": return false
    default: return nil
    }
}

/// A decimal number with a fraction, times a unit, rounded towards zero.
///
/// Exact: no floating point is involved, so `9007199254740993` stays what it is. The fraction may
/// have nine digits. Returns nil for anything that is no such number, and on overflow.
func scaled(whole: Substring.UTF8View, fraction: Substring.UTF8View?, by unit: UInt64) -> Int64? {
    guard whole.count > 0 || fraction?.isEmpty == false else { return nil }
    guard let base = digits(whole), let upper = product(base, unit) else { return nil }
    var lower: UInt64 = 0
    if let fraction {
        guard fraction.count <= 9, let part = digits(fraction) else { return nil }
        var divisor: UInt64 = 1
        for _ in 0..<fraction.count { divisor *= 10 }
        let full = part.multipliedFullWidth(by: unit)
        // The part is smaller than the divisor, so the quotient is smaller than the unit and fits.
        lower = divisor.dividingFullWidth(full).quotient
    }
    let (sum, overflow) = upper.addingReportingOverflow(lower)
    return overflow ? nil : Int64(exactly: sum)
}

private func digits(_ text: Substring.UTF8View) -> UInt64? {
    var value: UInt64 = 0
    for byte in text {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"),
            let tens = product(value, 10)
        else { return nil }
        let (sum, overflow) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
        if overflow { return nil }
        value = sum
    }
    return value
}

private func product(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let (result, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? nil : result
}

/// Splits `12.5kb` into its digits, its fraction and what follows.
func splitNumber(
    _ text: Substring.UTF8View
) -> (whole: Substring.UTF8View, fraction: Substring.UTF8View?, rest: Substring.UTF8View) {
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    let whole = text.prefix(while: isDigit)
    var rest = text[whole.endIndex...]
    guard rest.first == UInt8(ascii: ".") else { return (whole, nil, rest) }
    rest = rest.dropFirst()
    let fraction = rest.prefix(while: isDigit)
    return (whole, fraction, rest[fraction.endIndex...])
}
