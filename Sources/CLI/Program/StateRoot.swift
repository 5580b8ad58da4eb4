/// The directory that holds the state of containers, one directory for each.
struct StateRoot: Sendable {
    /// Absolute and without `.` and `..`; never `/`.
    let path: String
    /// Whether the directory was chosen under $XDG_RUNTIME_DIR.
    ///
    /// It is then made with the sticky bit, which tells cleaners of temporary files to leave it
    /// alone (XDG base directory specification).
    let isUnderRuntimeDirectory: Bool

    /// Throws a `UsageError` for an empty path, for `/`, and for a relative path when the current
    /// directory is gone.
    init(
        _ given: String?, _ rootless: GlobalOptions.Rootless, _ surroundings: Surroundings
    ) throws(UsageError) {
        guard let given else {
            if let directory = StateRoot.runtimeDirectory(rootless, surroundings) {
                path = absolutePath(programName, relativeTo: directory)
                isUnderRuntimeDirectory = true
            } else {
                path = "/run/" + programName
                isUnderRuntimeDirectory = false
            }
            return
        }
        isUnderRuntimeDirectory = false
        if given.isEmpty { throw .value("--root: the path is empty") }
        path = try callersPath(given, option: "--root", surroundings.workingDirectory)
        // A container's directory would be a directory of the host, and delete removes it.
        if path == "/" { throw .value("--root: the root directory itself is refused") }
    }

    /// $XDG_RUNTIME_DIR where it is to be honoured: the user is not root, or is root only inside a
    /// user namespace.
    ///
    /// In a namespace with $USER=root somebody set up a real root environment.
    private static func runtimeDirectory(
        _ rootless: GlobalOptions.Rootless, _ surroundings: Surroundings
    ) -> String? {
        guard let directory = surroundings.environment("XDG_RUNTIME_DIR"),
            directory.utf8.first == UInt8(ascii: "/")
        else { return nil }
        if surroundings.effectiveUser != 0 { return directory }
        switch rootless {
        case .no:
            return nil
        case .yes:
            return surroundings.isInUserNamespace() ? directory : nil
        case .automatic:
            let isRealRoot = surroundings.environment("USER") == "root"
            return !isRealRoot && surroundings.isInUserNamespace() ? directory : nil
        }
    }
}
