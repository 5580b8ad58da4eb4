/// A network device moved into the container (`/linux/netDevices/KEY`).
package struct NetDevice: Sendable, Equatable {
    /// Its name on the host: the key in the JSON object.
    package var key: String
    /// Its name inside; absent or empty keeps the host's name.
    package var name: String?

    /// Creates a value; what is not given is absent.
    package init(key: String, name: String? = nil) {
        self.key = key
        self.name = name
    }
}

extension NetDevice: JSONEntry {
    /// Reads the members.
    package init(key: String, _ object: ObjectReader) {
        self.key = key
        name = object.string("name")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("name", name)
    }
}
