/// Finds the first byte that is not well-formed UTF-8 (Unicode, table 3-7); nil when all is well.
///
/// yajl's own check admits overlong forms and surrogates. Eight ASCII bytes are skipped at a time.
func firstInvalidUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes)
    let high: UInt64 = 0x8080_8080_8080_8080
    var index = 0
    while index < bytes.count {
        if bytes[index] < 0x80 {
            if index + 8 <= bytes.count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & high == 0
            {
                index += 8
            } else {
                index += 1
            }
            continue
        }
        guard let length = sequenceLength(bytes, at: index) else { return index }
        index += length
    }
    return nil
}

/// The length of the multi-byte sequence at an index; nil when it is malformed.
private func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
    let length: Int
    // The second byte excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    let second: ClosedRange<UInt8>
    switch bytes[index] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for rest in (index + 2)..<(index + max(length, 2)) where bytes[rest] & 0xC0 != 0x80 {
        return nil
    }
    return length
}
