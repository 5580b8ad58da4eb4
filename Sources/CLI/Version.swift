import CSeccomp

/// The version of Apus and of what it implements: the only place that says so.
enum Version {
    static let apus = "0.1.0"
    /// The version of the OCI runtime specification.
    static let specification = "1.3.0"

    /// What `apus --version` prints.
    ///
    /// Engines look for lines that begin with `commit:` and `spec:`.
    static func listing(commit: String) -> String {
        """
        apus version \(apus)
        commit: \(commit)
        spec: \(specification)
        libseccomp: \(libseccomp)

        """
    }

    /// The version of the library that is linked in, such as `2.5.4`.
    static var libseccomp: String {
        guard let version = seccomp_version()?.pointee else { return "unknown" }
        return "\(version.major).\(version.minor).\(version.micro)"
    }
}
