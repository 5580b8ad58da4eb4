/// Reads an amount of memory: bytes, or a number with a unit of 1024 to a power, or -1 (unlimited).
///
/// Units are `k m g t p`, in any case, optionally followed by `b` or `ib`: all of them binary, as
/// the peers have it. A fraction is allowed (`1.5g`) and what is less than a byte is dropped.
/// Returns nil for anything else, and for amounts beyond 63 bits.
func parseByteSize(_ text: String) -> Int64? {
    if text == "-1" { return -1 }
    let (whole, fraction, suffix) = splitNumber(Substring(text).utf8)
    guard whole.count > 0, fraction?.isEmpty != true else { return nil }
    guard let shift = unitShift(suffix) else { return nil }
    return scaled(whole: whole, fraction: fraction, by: 1 << shift)
}

/// The power of two that a unit stands for.
private func unitShift(_ suffix: Substring.UTF8View) -> UInt64? {
    guard suffix.count <= 3 else { return nil }
    switch String(Substring(suffix)).lowercased() {
    case "", "b": return 0
    case "k", "kb", "kib": return 10
    case "m", "mb", "mib": return 20
    case "g", "gb", "gib": return 30
    case "t", "tb", "tib": return 40
    case "p", "pb", "pib": return 50
    default: return nil
    }
}
