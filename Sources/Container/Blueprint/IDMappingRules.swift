package import OCISpec

/// What uid and gid mappings must fulfil before the kernel is asked (user_namespaces(7)).
package enum IDMappingRules {
    /// The most lines that the kernel accepts (Linux 4.15).
    private static let limit = 340
    /// What the kernel reads from the one write must be shorter.
    private static let page = 4096

    /// Notes empty, overflowing and overlapping ranges.
    package static func check(
        _ mappings: [IDMapping], _ location: String, _ diagnostics: inout Diagnostics
    ) {
        if mappings.count > limit {
            diagnostics.error(
                location, "\(mappings.count) mappings are more than the kernel's \(limit)")
            return
        }
        let size = mappings.reduce(0) { size, mapping in
            size + "\(mapping.containerID) \(mapping.hostID) \(mapping.size)\n".utf8.count
        }
        if size >= page {
            diagnostics.error(
                location, "the mappings take \(size) bytes, and the kernel reads less than \(page)")
        }
        for (index, mapping) in mappings.enumerated() {
            let place = "\(location)/\(index)"
            if mapping.size == 0 { diagnostics.error(place + "/size", "size must not be zero") }
            if overflows(mapping.containerID, mapping.size)
                || overflows(mapping.hostID, mapping.size)
            {
                diagnostics.error(place, "the range goes beyond 4294967295")
            }
            for (other, earlier) in mappings[..<index].enumerated() where overlap(earlier, mapping)
            {
                diagnostics.error(place, "overlaps with mapping \(other)")
            }
        }
    }

    /// The host's ID of a container's ID, or nil when it is not mapped.
    package static func hostID(_ id: UInt32, _ mappings: [IDMapping]) -> UInt32? {
        for mapping in mappings
        where id >= mapping.containerID && id - mapping.containerID < mapping.size {
            return mapping.hostID + (id - mapping.containerID)
        }
        return nil
    }

    /// Notes an error for a user or group of the program that has no ID on the host.
    static func checkProcess(_ blueprint: Blueprint, _ diagnostics: inout Diagnostics) {
        let process = blueprint.process
        if hostID(process.uid, blueprint.uidMappings) == nil {
            diagnostics.error(
                "process/user/uid", "uid \(process.uid) is not mapped in the user namespace")
        }
        if hostID(process.gid, blueprint.gidMappings) == nil {
            diagnostics.error(
                "process/user/gid", "gid \(process.gid) is not mapped in the user namespace")
        }
        for (index, gid) in process.groups.enumerated()
        where hostID(gid, blueprint.gidMappings) == nil {
            diagnostics.error(
                "process/user/additionalGids/\(index)",
                "gid \(gid) is not mapped in the user namespace")
        }
    }

    private static func overflows(_ first: UInt32, _ size: UInt32) -> Bool {
        size > 0 && first.addingReportingOverflow(size - 1).overflow
    }

    private static func overlap(_ one: IDMapping, _ other: IDMapping) -> Bool {
        func meet(_ first: UInt32, _ second: UInt32) -> Bool {
            let (firstEnd, secondEnd) = (
                UInt64(first) + UInt64(one.size), UInt64(second) + UInt64(other.size)
            )
            return UInt64(first) < secondEnd && UInt64(second) < firstEnd
        }
        return meet(one.containerID, other.containerID) || meet(one.hostID, other.hostID)
    }
}
