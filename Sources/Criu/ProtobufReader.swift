/// Reads the fields of one message in the wire format of Protocol Buffers, one after the other.
///
/// The message comes from another process: what does not parse is an error, never a trap.
package struct ProtobufReader {
    /// The value of a field, as far as the wire format knows it.
    package enum Value: Equatable {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// The message ends inside of a field, or has a field of a kind that does not exist.
    package struct Malformed: Error {}

    private var rest: ArraySlice<UInt8>

    /// Starts at the first field.
    package init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field, or nil at the end.
    package mutating func next() throws(Malformed) -> (number: UInt32, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        guard let number = UInt32(exactly: tag >> 3), number > 0,
            let kind = ProtobufKind(rawValue: tag & 7)
        else { throw Malformed() }
        switch kind {
        case .varint: return (number, .number(try varint()))
        case .fixed64: return (number, .bytes(try take(8)))
        case .fixed32: return (number, .bytes(try take(4)))
        case .delimited:
            let count = try varint()
            return (number, .bytes(try take(count)))
        }
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed() }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        throw Malformed()
    }

    private mutating func take(_ count: UInt64) throws(Malformed) -> ArraySlice<UInt8> {
        guard let count = Int(exactly: count), count <= rest.count else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension ProtobufReader.Value {
    /// The value as an `int32`; other kinds and larger numbers are malformed.
    package func int32() throws(ProtobufReader.Malformed) -> Int32 {
        guard case .number(let number) = self,
            let value = Int32(exactly: Int64(bitPattern: number))
        else { throw ProtobufReader.Malformed() }
        return value
    }

    /// The value as a `bool`.
    package func bool() throws(ProtobufReader.Malformed) -> Bool {
        guard case .number(let number) = self else { throw ProtobufReader.Malformed() }
        return number != 0
    }

    /// The value as a `string`.
    package func text() throws(ProtobufReader.Malformed) -> String {
        String(decoding: try message(), as: UTF8.self)
    }

    /// The value as a message, to be read by another reader.
    package func message() throws(ProtobufReader.Malformed) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = self else { throw ProtobufReader.Malformed() }
        return bytes
    }
}
