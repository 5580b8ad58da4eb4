/// What a conversion produces: the writes in order, and what it had to leave out with a word.
///
/// One conversion per controller and version, each a pure function: it is tested as a table.
struct CgroupWriteList {
    /// The place that every limit hangs below.
    static let resources = "linux/resources/"

    var writes: [CgroupWrite] = []
    var warnings: [String] = []

    /// Appends a write; `property` is relative to `linux/resources/`.
    mutating func add(
        _ controller: String, _ file: String, _ value: String, _ property: String,
        options: CgroupWrite.Options = [], fallback: CgroupWrite.Fallback? = nil
    ) {
        writes.append(
            CgroupWrite(
                controller, file, value, Self.resources + property, options: options,
                fallback: fallback))
    }

    /// Appends a sentence for the log; `property` is relative to `linux/resources/`.
    mutating func warn(_ property: String, _ message: String) {
        warnings.append("\(Self.resources)\(property): \(message)")
    }

    /// The error for a value that cannot be applied; `property` is relative to `linux/resources/`.
    static func invalid(_ property: String, _ message: String) -> CgroupError {
        CgroupError(message, property: resources + property)
    }
}

/// How the kernel writes a limit: -1, and everything below zero, is `max` in version 2.
func unifiedLimit(_ value: Int64) -> String {
    value < 0 ? "max" : String(value)
}
