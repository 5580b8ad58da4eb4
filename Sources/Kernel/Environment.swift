import Glibc

/// The environment of this process.
package enum Environment {
    /// The value of a variable, or nil.
    ///
    /// The corresponding C function is `getenv`.
    package static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All variables as `NAME=VALUE`, for a program that is run on behalf of the caller.
    package static var all: [String] {
        var result: [String] = []
        var next = environ
        while let text = next.pointee {
            result.append(String(cString: text))
            next += 1
        }
        return result
    }

    /// The path of a program of the host, looked up as a shell does; nil when there is none.
    ///
    /// - Parameter path: directories separated by colons; relative ones are skipped.
    package static func findProgram(_ name: String, in path: String) -> String? {
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let program = "\(directory)/\(name)"
            if access(program, X_OK) == 0 { return program }
        }
        return nil
    }
}
