/// The unit of a container and the slice that it is in, from `linux.cgroupsPath` in the form
/// `slice:prefix:name`.
struct UnitName: Equatable, Sendable {
    private static let property = "linux/cgroupsPath"

    /// `prefix-name.scope`, or the name itself when that is a slice.
    var unit: String
    /// Such as `system.slice`.
    var slice: String

    /// Whether the unit is a slice, which holds no process of its own for systemd.
    var isSlice: Bool { unit.hasSuffix(".slice") }

    /// Reads a path.
    ///
    /// - Parameter isUser: the manager is a user's, whose units are in `user.slice` by default.
    /// - Throws: when the form is another one, or systemd would not take a name.
    init(cgroupsPath: String?, id: String, isUser: Bool) throws(CgroupError) {
        let path = cgroupsPath ?? ""
        let text = path.isEmpty ? ":apus:" + id : path
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw CgroupError(
                "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, "
                    + "got \"\(path)\" instead", property: Self.property)
        }
        slice = parts[0].isEmpty ? (isUser ? "user.slice" : "system.slice") : String(parts[0])
        let name = parts[2].isEmpty ? id : String(parts[2])
        if name.hasSuffix(".slice") {
            unit = name
        } else {
            unit = Self.escape(parts[1].isEmpty ? name : parts[1] + "-" + name) + ".scope"
        }
        guard unit.utf8.count <= 255 else {
            throw CgroupError("unit name \(unit) is too long", property: Self.property)
        }
        _ = try Self.directories(of: slice)
        if isSlice { _ = try Self.directories(of: unit) }
    }

    /// The unit's cgroup below the manager's own.
    func path() throws(CgroupError) -> String {
        if isSlice { return try "/" + Self.directories(of: unit).joined(separator: "/") }
        let above = try Self.directories(of: slice) + [unit]
        return "/" + above.joined(separator: "/")
    }

    /// The directories of a slice: each dash in its name is one level (systemd.slice(5)), so
    /// `a-b.slice` is `a.slice/a-b.slice`.
    static func directories(of slice: String) throws(CgroupError) -> [String] {
        if slice == "-.slice" { return [] }
        let suffix = ".slice"
        let stem = slice.dropLast(suffix.utf8.count)
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        let isSound = slice.hasSuffix(suffix) && !parts.contains { $0.isEmpty }
        guard isSound, escape(stem) == stem else {
            throw CgroupError("invalid slice name \"\(slice)\"", property: property)
        }
        var result: [String] = []
        var name = ""
        for part in parts {
            name += name.isEmpty ? String(part) : "-" + part
            result.append(name + suffix)
        }
        return result
    }

    // systemd.unit(5): anything but ASCII letters, digits and a few marks is written as \xNN.
    private static func escape(_ name: some StringProtocol) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "\\"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
                bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
