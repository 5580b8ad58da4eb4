import Testing

@testable import OCISpec

@Suite("UTF-8")
struct UTF8Tests {
    private func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { firstInvalidUTF8($0) } == nil
    }

    private func agrees(_ bytes: [UInt8]) -> Bool {
        isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil)
    }

    @Test("every pair of bytes is judged as the standard library does")
    func pairs() {
        var wrong = 0
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max where !agrees([first, second]) { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test("longer sequences, whole and cut off, are judged as the standard library does")
    func sequences() {
        let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        var wrong = 0
        for first in UInt8(0xE0) ... .max {
            for second in edges {
                for third in edges where !agrees([first, second, third]) { wrong += 1 }
                for third in edges {
                    for fourth in edges where !agrees([first, second, third, fourth]) { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test("the place of the first mistake is found at any distance")
    func places() {
        for distance in 0..<20 {
            let bytes = [UInt8](repeating: 0x61, count: distance) + [0x80, 0x61]
            #expect(bytes.withUnsafeBufferPointer { firstInvalidUTF8($0) } == distance)
            let valid = [UInt8](repeating: 0x61, count: distance) + Array("\u{E9}\u{1F9C0}".utf8)
            #expect(isValid(valid))
        }
        #expect(isValid([]))
    }
}
