/// Cache and memory bandwidth allocation (`/linux/intelRdt`, resctrl).
package struct IntelRdt: Sendable, Equatable {
    /// The resctrl directory; absent means one named by the container's id.
    package var closID: String?
    /// Lines for the schemata file, written last.
    package var schemata: [String]?
    /// The L3 line.
    package var l3CacheSchema: String?
    /// The MB line; starts with `MB:`.
    package var memBwSchema: String?
    /// Whether a monitoring group is made.
    package var enableMonitoring: Bool?

    /// Creates a value; what is not given is absent.
    package init(
        closID: String? = nil, schemata: [String]? = nil, l3CacheSchema: String? = nil,
        memBwSchema: String? = nil, enableMonitoring: Bool? = nil
    ) {
        self.closID = closID
        self.schemata = schemata
        self.l3CacheSchema = l3CacheSchema
        self.memBwSchema = memBwSchema
        self.enableMonitoring = enableMonitoring
    }
}

extension IntelRdt: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        closID = object.string("closID")
        schemata = object.strings("schemata")
        l3CacheSchema = object.string("l3CacheSchema")
        memBwSchema = object.string("memBwSchema", .memoryBandwidth)
        enableMonitoring = object.bool("enableMonitoring")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("closID", closID)
        writer.member("schemata", schemata)
        writer.member("l3CacheSchema", l3CacheSchema)
        writer.member("memBwSchema", memBwSchema)
        writer.member("enableMonitoring", enableMonitoring)
    }
}
