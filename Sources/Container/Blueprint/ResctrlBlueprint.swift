package import OCISpec

/// The resctrl group of a container, decided from `linux.intelRdt` (the kernel's documentation,
/// "User Interface for Resource Control").
package struct ResctrlBlueprint: Equatable, Sendable {
    /// A line for the group's `schemata` file with the place in config.json that asks for it.
    package struct Line: Equatable, Sendable {
        package var text: String
        package var location: String

        /// A line, and what asks for it.
        package init(text: String, location: String) {
            self.text = text
            self.location = location
        }
    }

    /// The name of the group's directory; empty for the root group (`closID` of `/`).
    package var group: String
    /// Whether the configuration names the group: it may exist then, and is never removed.
    package var isNamed: Bool
    /// In the order of the specification: L3, memory bandwidth, then the rest.
    package var lines: [Line]
    /// The name of the monitoring group, if there is to be one.
    package var monitor: String?

    /// Decides the group; what makes no sense is noted as an error.
    package init(_ spec: IntelRdt, id: String, _ diagnostics: inout Diagnostics) {
        let location = "linux/intelRdt"
        let closID = spec.closID.flatMap { $0.isEmpty ? nil : $0 }
        isNamed = closID != nil
        let name = closID ?? id
        group = name == "/" ? "" : name
        if name != "/", !Self.isGroupName(name) {
            diagnostics.error(
                location + "/closID", "\"\(name)\" cannot name a group of resctrl")
        }
        lines = []
        if let line = spec.l3CacheSchema {
            lines.append(Line(text: line, location: location + "/l3CacheSchema"))
        }
        if let line = spec.memBwSchema {
            lines.append(Line(text: line, location: location + "/memBwSchema"))
        }
        for (index, line) in (spec.schemata ?? []).enumerated() {
            lines.append(Line(text: line, location: "\(location)/schemata/\(index)"))
        }
        for line in lines where !line.isOne {
            diagnostics.error(line.location, "a schema is one line")
        }
        monitor = spec.enableMonitoring ?? false ? id : nil
    }

    /// The group that `update` makes for a container whose configuration has none.
    init(ownGroupOf id: String) {
        group = id
        isNamed = false
        lines = []
    }

    /// One component of a path, and none of the kernel's own directories.
    private static func isGroupName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/"))
            && ![".", "..", "info", "mon_groups", "mon_data"].contains(name)
    }
}

extension ResctrlBlueprint.Line {
    /// Whether it is one line indeed: with more of them other resources could be set.
    package var isOne: Bool { !text.utf8.contains(UInt8(ascii: "\n")) }
}
