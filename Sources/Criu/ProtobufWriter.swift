/// Writes the fields of one message in the wire format of Protocol Buffers.
///
/// Only the types that CRIU's messages use: variable-length integers and length-delimited values.
package struct ProtobufWriter {
    /// The message so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty message.
    package init() {}

    /// Writes an `int32`; a negative one takes ten bytes, as the format wants it.
    package mutating func field(_ number: UInt32, _ value: Int32) {
        tag(number, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// Writes a `uint32`, or a value of an enumeration.
    package mutating func field(_ number: UInt32, _ value: UInt32) {
        tag(number, .varint)
        varint(UInt64(value))
    }

    /// Writes a `bool`.
    package mutating func field(_ number: UInt32, _ value: Bool) {
        field(number, value ? 1 : 0 as UInt32)
    }

    /// Writes a `string`.
    package mutating func field(_ number: UInt32, _ value: String) {
        tag(number, .delimited)
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Writes a message inside this one.
    package mutating func field(_ number: UInt32, _ value: ProtobufWriter) {
        tag(number, .delimited)
        varint(UInt64(value.bytes.count))
        bytes.append(contentsOf: value.bytes)
    }

    /// Writes an `int32` that may be absent.
    package mutating func field(_ number: UInt32, _ value: Int32?) {
        if let value { field(number, value) }
    }

    /// Writes a `uint32` that may be absent.
    package mutating func field(_ number: UInt32, _ value: UInt32?) {
        if let value { field(number, value) }
    }

    /// Writes a `string` that may be absent.
    package mutating func field(_ number: UInt32, _ value: String?) {
        if let value { field(number, value) }
    }

    /// Writes a flag that is off when absent.
    package mutating func flag(_ number: UInt32, _ value: Bool) {
        if value { field(number, true) }
    }

    private mutating func tag(_ number: UInt32, _ kind: ProtobufKind) {
        varint(UInt64(number) << 3 | kind.rawValue)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// How a field's value is written.
enum ProtobufKind: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
}
