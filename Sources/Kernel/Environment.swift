import Glibc

/// The environment of this process.
package enum Environment {
    /// The value of a variable, or nil.
    ///
    /// The corresponding C function is `getenv`.
    package static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
