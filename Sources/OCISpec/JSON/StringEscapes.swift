/// What is wrong with the escapes of a string.
struct EscapeFault {
    /// The offset of the escape from the start of the text.
    let offset: Int
    /// What is wrong.
    let message: String
}

/// Appends the text of a string token with its escapes resolved.
///
/// The token was accepted by yajl, so every escape is complete. NUL is refused because no path,
/// argument or file content in the kernel's interfaces can carry it, and so are halves of
/// surrogate pairs, which yajl would turn into `?`.
func appendUnescaped(
    _ raw: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]
) -> EscapeFault? {
    var fault: EscapeFault?
    var index = 0
    while index < raw.count {
        guard raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count else {
            text.append(raw[index])
            index += 1
            continue
        }
        let start = index
        let escape = raw[index + 1]
        index += 2
        switch escape {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let value = codePoint(raw, at: &index)
            var message: String?
            if let scalar = Unicode.Scalar(value) {
                text += UTF8.encode(scalar).map { Array($0) } ?? []
                if value == 0 { message = "expected text without NUL, found \\u0000" }
            } else {
                message = "expected a surrogate pair, found half of one"
            }
            if let message, fault == nil { fault = EscapeFault(offset: start, message: message) }
        default: text.append(escape)
        }
    }
    return fault
}

/// Reads the digits after `\u`, and a second escape that completes a surrogate pair.
private func codePoint(_ raw: UnsafeBufferPointer<UInt8>, at index: inout Int) -> UInt32 {
    let first = hex(raw, at: index)
    index += 4
    guard 0xD800...0xDBFF ~= first, index + 6 <= raw.count,
        raw[index] == UInt8(ascii: "\\"), raw[index + 1] == UInt8(ascii: "u")
    else { return first }
    let second = hex(raw, at: index + 2)
    guard 0xDC00...0xDFFF ~= second else { return first }
    index += 6
    return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
}

private func hex(_ raw: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32 {
    var value: UInt32 = 0
    for byte in raw[index..<min(index + 4, raw.count)] {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 + UInt32(byte - 0x30)
        default: value = value << 4 + UInt32((byte | 0x20) &- 0x57)
        }
    }
    return value
}
