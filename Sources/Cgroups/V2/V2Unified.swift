/// `linux.resources.unified`: each entry a file of the cgroup and its lines.
enum V2Unified {
    static func convert(
        _ values: [CgroupResources.UnifiedValue], into list: inout CgroupWriteList
    ) throws(CgroupError) {
        for entry in values {
            let property = "unified/\(entry.file)"
            // What is written may only be a file of this very cgroup.
            if entry.file.isEmpty || entry.file.utf8.contains(UInt8(ascii: "/"))
                || !entry.file.utf8.contains(UInt8(ascii: "."))
                || entry.file.utf8.first == UInt8(ascii: ".")
            {
                throw CgroupWriteList.invalid(
                    property, "unified resource \"\(entry.file)\" must be a file name")
            }
            // The kernel takes one setting a write.
            for line in entry.value.split(separator: "\n") {
                list.add("", entry.file, String(line), property)
            }
        }
    }

    /// The controller that a file belongs to: what stands before its first dot.
    static func controller(of file: String) -> String {
        let utf8 = file.utf8
        guard let dot = utf8.firstIndex(of: UInt8(ascii: ".")) else { return file }
        return String(file[..<dot])
    }
}
