import Container
import Glibc

/// Makes a path absolute and takes out empty, `.` and `..` components, without looking at the file
/// system: `..` removes the component before it even if that is a symbolic link, as the callers
/// that are written in Go have it.
func absolutePath(_ path: String, relativeTo directory: String) -> String {
    PathText.normalize(PathText.absolute(path, from: directory))
}

/// The path that an option names, counted from the directory that this process works in.
///
/// Throws a `UsageError` for a relative path when that directory cannot be told.
func callersPath(
    _ path: String, option: String, _ workingDirectory: () -> String? = workingDirectory
) throws(UsageError) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return PathText.normalize(path) }
    guard let directory = workingDirectory() else {
        throw .value(
            "\(option): the path is relative and the current directory is gone or its name is not "
                + "UTF-8")
    }
    return absolutePath(path, relativeTo: directory)
}

/// The directory that this process works in, or nil when it is gone, out of reach or not
/// named in UTF-8.
func workingDirectory() -> String? {
    guard let buffer = getcwd(nil, 0) else { return nil }
    defer { free(buffer) }
    return String(validatingCString: buffer)
}
