import Testing

@testable import Criu

@Suite struct ProtobufTests {
    /// The bytes that the reference implementation makes of the same values.
    @Test func writesWhatTheFormatWants() {
        var writer = ProtobufWriter()
        writer.field(1, 150 as Int32)
        writer.field(2, "testing")
        writer.field(3, true)
        writer.field(16, -1 as Int32)
        #expect(
            writer.bytes == [
                0x08, 0x96, 0x01, 0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x18, 1,
                0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
            ])
    }

    @Test func writesMessagesInside() {
        var inner = ProtobufWriter()
        inner.field(1, "a")
        var writer = ProtobufWriter()
        writer.field(23, inner)
        #expect(writer.bytes == [0xBA, 0x01, 3, 0x0A, 1, 0x61])
    }

    @Test func leavesOutWhatIsAbsent() {
        var writer = ProtobufWriter()
        writer.field(1, nil as Int32?)
        writer.field(2, nil as String?)
        writer.field(3, nil as UInt32?)
        writer.flag(4, false)
        #expect(writer.bytes.isEmpty)
    }

    @Test func readsWhatItWrote() throws {
        var writer = ProtobufWriter()
        writer.field(1, -5 as Int32)
        writer.field(2, "")
        writer.field(300, UInt32.max)
        var reader = ProtobufReader(writer.bytes[...])
        let first = try #require(try reader.next())
        #expect(first.number == 1)
        #expect(try first.value.int32() == -5)
        let second = try #require(try reader.next())
        #expect(try second.value.text().isEmpty)
        let third = try #require(try reader.next())
        #expect(third.number == 300)
        #expect(third.value == .number(UInt64(UInt32.max)))
        #expect(try reader.next() == nil)
    }

    @Test func skipsFixedNumbers() throws {
        var reader = ProtobufReader([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 7])
        #expect(try reader.next()?.value == .bytes([1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(try reader.next()?.value == .bytes([1, 2, 3, 4]))
        #expect(try reader.next()?.value == .number(7))
    }

    @Test(arguments: [
        [0x08],  // no value
        [0x80, 0x80],  // half a tag
        [0x0A, 5, 1, 2],  // shorter than it says
        [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],  // length -1
        [0x0B, 1],  // a group, which nobody writes any more
        [0x00, 1],  // field 0
        [0x09, 1, 2],  // half a fixed number
        [0x08] + [UInt8](repeating: 0xFF, count: 11),  // a number without end
    ])
    func refuses(bytes: [UInt8]) {
        var reader = ProtobufReader(bytes[...])
        #expect(throws: ProtobufReader.Malformed.self) { _ = try reader.next() }
    }

    @Test func refusesOtherKinds() {
        #expect(throws: ProtobufReader.Malformed.self) {
            try ProtobufReader.Value.bytes([1]).int32()
        }
        #expect(throws: ProtobufReader.Malformed.self) {
            try ProtobufReader.Value.number(1).text()
        }
        #expect(throws: ProtobufReader.Malformed.self) {
            try ProtobufReader.Value.number(1 << 40).int32()
        }
    }
}
