/// A type that is a JSON object: read by an `ObjectReader`, written by a `JSONWriter`.
package protocol JSONObject {
    /// Reads the members, one line per property.
    init(_ object: ObjectReader)
    /// Writes the members that are present, in the order of the specification.
    func writeMembers(to writer: inout JSONWriter)
}

/// A type that is an entry of a JSON object used as a map from names to objects.
package protocol JSONEntry {
    /// The key in the map.
    var key: String { get }
    /// Reads the members of the value.
    init(key: String, _ object: ObjectReader)
    /// Writes the members of the value that are present.
    func writeMembers(to writer: inout JSONWriter)
}

extension JSONObject {
    /// The object as a document.
    package func json(_ style: JSONWriter.Style) -> [UInt8] {
        var writer = JSONWriter(style)
        writer.object { writeMembers(to: &$0) }
        return writer.bytes
    }
}
