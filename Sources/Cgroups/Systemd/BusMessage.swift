import CDBus
import Glibc

/// A message under construction or one that was received, freed with this object.
struct BusMessage: ~Copyable {
    let raw: OpaquePointer

    /// A call of the manager's, or of the interface of one of its objects.
    init(
        call method: String, path: String = BusMessage.managerPath,
        interface: String = BusMessage.managerInterface
    ) throws(BusError) {
        let message = dbus_message_new_method_call(
            Self.destination, path, interface, method)
        guard let message else { throw BusError.noMemory }
        raw = message
        dbus_message_set_auto_start(raw, 0)
    }

    /// Takes a reference over.
    init(taking message: OpaquePointer) { raw = message }

    deinit { dbus_message_unref(raw) }

    static let destination = "org.freedesktop.systemd1"
    static let managerPath = "/org/freedesktop/systemd1"
    static let managerInterface = "org.freedesktop.systemd1.Manager"
}

// MARK: - Writing

extension BusMessage {
    /// Appends strings.
    func append(_ texts: String...) throws(BusError) {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(raw, &iterator)
        for text in texts { try BusWriter.text(text, BusWriter.string, &iterator) }
    }

    /// Appends a boolean.
    func append(_ flag: Bool) throws(BusError) {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(raw, &iterator)
        try BusWriter.value(.flag(flag), &iterator)
    }

    /// Appends process ids as `au`.
    func append(_ pids: [UInt32]) throws(BusError) {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(raw, &iterator)
        try BusWriter.value(.uint32s(pids), &iterator)
    }

    /// Appends properties as `a(sv)`.
    func append(_ properties: [UnitProperty]) throws(BusError) {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(raw, &iterator)
        try BusWriter.container(BusWriter.array, "(sv)", &iterator) {
            array throws(BusError) in
            for property in properties {
                try BusWriter.container(BusWriter.structure, nil, &array) {
                    entry throws(BusError) in
                    try BusWriter.text(property.name, BusWriter.string, &entry)
                    let signature = BusWriter.signature(property.value)
                    try BusWriter.container(BusWriter.variant, signature, &entry) {
                        variant throws(BusError) in
                        try BusWriter.value(property.value, &variant)
                    }
                }
            }
        }
    }

    /// Appends an empty array of auxiliary units, `a(sa(sv))`.
    func appendNoUnits() throws(BusError) {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(raw, &iterator)
        try BusWriter.container(BusWriter.array, "(sa(sv))", &iterator) { _ in }
    }
}

// MARK: - Reading

extension BusMessage {
    /// The arguments that are strings or object paths, also inside a variant; others are skipped.
    func texts() -> [String] {
        var iterator = DBusMessageIter()
        guard dbus_message_iter_init(raw, &iterator) != 0 else { return [] }
        var result: [String] = []
        repeat {
            var inner = iterator
            if dbus_message_iter_get_arg_type(&iterator) == BusWriter.variant {
                dbus_message_iter_recurse(&iterator, &inner)
            }
            let type = dbus_message_iter_get_arg_type(&inner)
            guard type == BusWriter.string || type == BusWriter.objectPath else { continue }
            var text: UnsafePointer<CChar>?
            dbus_message_iter_get_basic(&inner, &text)
            if let text { result.append(String(cString: text)) }
        } while dbus_message_iter_next(&iterator) != 0
        return result
    }

    /// Whether this is a signal of the manager's.
    func isSignal(_ name: String) -> Bool {
        dbus_message_is_signal(raw, Self.managerInterface, name) != 0
    }
}

/// Typed appending.
///
/// libdbus tells only of a lack of memory; a wrong type is a mistake of ours that it reports on
/// standard error.
enum BusWriter {
    static let string = Int32(UInt8(ascii: "s"))
    static let objectPath = Int32(UInt8(ascii: "o"))
    static let array = Int32(UInt8(ascii: "a"))
    static let structure = Int32(UInt8(ascii: "r"))
    static let variant = Int32(UInt8(ascii: "v"))

    /// The D-Bus signature of a value.
    static func signature(_ value: UnitValue) -> String {
        switch value {
        case .text: "s"
        case .flag: "b"
        case .number: "t"
        case .int32: "i"
        case .uint32: "u"
        case .int64: "x"
        case .double: "d"
        case .bytes: "ay"
        case .texts: "as"
        case .uint32s: "au"
        case .pairs: "a(ss)"
        }
    }

    static func value(
        _ value: UnitValue, _ iterator: inout DBusMessageIter
    ) throws(BusError) {
        switch value {
        case .text(let text): try self.text(text, string, &iterator)
        case .flag(let flag): try basic(UInt32(flag ? 1 : 0), "b", &iterator)
        case .number(let number): try basic(number, "t", &iterator)
        case .int32(let number): try basic(number, "i", &iterator)
        case .uint32(let number): try basic(number, "u", &iterator)
        case .int64(let number): try basic(number, "x", &iterator)
        case .double(let number): try basic(number, "d", &iterator)
        case .bytes(let bytes):
            try container(array, "y", &iterator) { inner throws(BusError) in
                for byte in bytes { try basic(byte, "y", &inner) }
            }
        case .texts(let texts):
            try container(array, "s", &iterator) { inner throws(BusError) in
                for text in texts { try self.text(text, string, &inner) }
            }
        case .uint32s(let numbers):
            try container(array, "u", &iterator) { inner throws(BusError) in
                for number in numbers { try basic(number, "u", &inner) }
            }
        case .pairs(let pairs):
            try container(array, "(ss)", &iterator) { inner throws(BusError) in
                for pair in pairs {
                    try container(structure, nil, &inner) { entry throws(BusError) in
                        try text(pair.first, string, &entry)
                        try text(pair.second, string, &entry)
                    }
                }
            }
        }
    }

    static func container(
        _ type: Int32, _ signature: String?, _ iterator: inout DBusMessageIter,
        _ body: (inout DBusMessageIter) throws(BusError) -> Void
    ) throws(BusError) {
        var inner = DBusMessageIter()
        guard dbus_message_iter_open_container(&iterator, type, signature, &inner) != 0 else {
            throw BusError.noMemory
        }
        do throws(BusError) { try body(&inner) } catch {
            dbus_message_iter_abandon_container(&iterator, &inner)
            throw error
        }
        guard dbus_message_iter_close_container(&iterator, &inner) != 0 else {
            throw BusError.noMemory
        }
    }

    static func text(
        _ text: String, _ type: Int32, _ iterator: inout DBusMessageIter
    ) throws(BusError) {
        let done = text.withCString { pointer in
            var pointer = pointer
            return dbus_message_iter_append_basic(&iterator, type, &pointer)
        }
        if done == 0 { throw BusError.noMemory }
    }

    private static func basic<Value: BitwiseCopyable>(
        _ value: Value, _ type: Unicode.Scalar, _ iterator: inout DBusMessageIter
    ) throws(BusError) {
        var value = value
        guard dbus_message_iter_append_basic(&iterator, Int32(type.value), &value) != 0 else {
            throw BusError.noMemory
        }
    }
}
