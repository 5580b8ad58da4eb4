/// One mount (`/mounts/N`).
package struct Mount: Sendable, Equatable {
    /// Where to mount, inside the container.
    package var destination: String
    /// The file system type; ignored for a bind mount.
    package var type: String?
    /// A device, a dummy name, or the path of a bind mount's source.
    package var source: String?
    /// Mount options in fstab form; unknown ones go to the file system.
    package var options: [String]?
    /// User id mappings of an idmapped mount.
    package var uidMappings: [IDMapping]?
    /// Group id mappings of an idmapped mount.
    package var gidMappings: [IDMapping]?

    /// Creates a value; what is not given is absent.
    package init(
        destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil,
        uidMappings: [IDMapping]? = nil, gidMappings: [IDMapping]? = nil
    ) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
    }
}

extension Mount: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        destination = object.requiredString("destination")
        type = object.string("type")
        source = object.string("source")
        options = object.strings("options")
        uidMappings = object.objects("uidMappings")
        gidMappings = object.objects("gidMappings")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("destination", destination)
        writer.member("type", type)
        writer.member("source", source)
        writer.member("options", options)
        writer.member("uidMappings", uidMappings)
        writer.member("gidMappings", gidMappings)
    }
}
