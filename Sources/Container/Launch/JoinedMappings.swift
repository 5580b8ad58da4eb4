internal import Kernel
internal import OCISpec

/// Compares the mappings of the configuration with those of the user namespace that is joined: they
/// cannot be written again, and a container with others than it says would own the wrong files.
enum JoinedMappings {
    /// Compares with the namespace of a process.
    ///
    /// - Throws: `invalidConfig` at the list that differs.
    static func compare(
        uid: [IDMapping], gid: [IDMapping], pid: Int32
    ) throws(RuntimeError) {
        let found: (uid: String, gid: String)
        do throws(SystemError) {
            let procFS = try ProcFS.open()
            found = (try procFS.read(pid, "uid_map"), try procFS.read(pid, "gid_map"))
        } catch {
            throw RuntimeError(
                .system, "cannot read the mappings of the joined user namespace",
                at: "linux/uidMappings", underlying: error)
        }
        try compare(uid, found.uid, "linux/uidMappings")
        try compare(gid, found.gid, "linux/gidMappings")
    }

    /// Compares a list with the text of a map.
    static func compare(
        _ mappings: [IDMapping], _ text: String, _ location: String
    ) throws(RuntimeError) {
        let found = parse(text)
        if merged(mappings) == merged(found) { return }
        throw RuntimeError(
            .invalidConfig,
            "the joined user namespace has other mappings (\(Names.mappings(found)))",
            at: location)
    }

    /// The ranges of `/proc/PID/uid_map` (user_namespaces(7)).
    static func parse(_ text: String) -> [IDMapping] {
        IDMapRange.parse(text).map {
            IDMapping(containerID: $0.inside, hostID: $0.outside, size: $0.count)
        }
    }

    /// In order, and with ranges that continue each other as one: the kernel gives no meaning to
    /// either.
    static func merged(_ mappings: [IDMapping]) -> [IDMapping] {
        var result: [IDMapping] = []
        for mapping in mappings.sorted(by: { $0.containerID < $1.containerID }) {
            if let last = result.last, continues(mapping, last) {
                result[result.count - 1].size += mapping.size
            } else {
                result.append(mapping)
            }
        }
        return result
    }

    private static func continues(_ mapping: IDMapping, _ last: IDMapping) -> Bool {
        let size = UInt64(last.size)
        return UInt64(last.containerID) + size == UInt64(mapping.containerID)
            && UInt64(last.hostID) + size == UInt64(mapping.hostID)
            && !last.size.addingReportingOverflow(mapping.size).overflow
    }
}
