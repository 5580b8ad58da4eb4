/// A value as D-Bus types it; systemd refuses a property whose type is not the one it declares.
enum UnitValue: Equatable, Sendable {
    /// `s`
    case text(String)
    /// `b`
    case flag(Bool)
    /// `t`
    case number(UInt64)
    /// `i`
    case int32(Int32)
    /// `u`
    case uint32(UInt32)
    /// `x`
    case int64(Int64)
    /// `d`
    case double(Double)
    /// `ay`
    case bytes([UInt8])
    /// `as`
    case texts([String])
    /// `au`
    case uint32s([UInt32])
    /// `a(ss)`
    case pairs([Pair])

    /// Two strings of a structure.
    struct Pair: Equatable, Sendable {
        var first: String
        var second: String
    }

    /// systemd's way to say that there is no limit.
    static let infinity = UnitValue.number(.max)
}

/// One property of a unit, by the name of org.freedesktop.systemd1(5).
struct UnitProperty: Equatable, Sendable {
    var name: String
    var value: UnitValue

    init(_ name: String, _ value: UnitValue) {
        self.name = name
        self.value = value
    }
}
