internal import OCISpec

/// Collects what is wrong with a configuration, so that all of it is reported at once.
package struct Diagnostics {
    /// The errors found so far, in the order of the checks.
    package private(set) var errors: [RuntimeError] = []
    /// What does not stop the container, and its user should know.
    package private(set) var warnings: [String] = []
    /// Warnings about what engines write as a matter of course: they belong into a log.
    package private(set) var remarks: [String] = []

    /// Starts with nothing found.
    package init() {}

    /// Notes an error at a place in config.json, such as `mounts/3`.
    ///
    /// One line is one error, whatever the configuration's own words hold.
    package mutating func error(
        _ location: String, _ message: String, label: String = "",
        code: RuntimeError.Code = .invalidConfig
    ) {
        errors.append(
            RuntimeError(code, printable(message), at: printable(location), label: printable(label))
        )
    }

    /// Notes a warning.
    package mutating func warning(_ location: String, _ message: String) {
        warnings.append(printable("\(location): \(message)"))
    }

    /// Notes a remark.
    package mutating func remark(_ location: String, _ message: String) {
        remarks.append(printable("\(location): \(message)"))
    }
}
