import Container
import Glibc

/// Makes a path absolute and takes out empty, `.` and `..` components, without looking at the file
/// system: `..` removes the component before it even if that is a symbolic link, as the callers
/// that are written in Go have it.
func absolutePath(_ path: String, relativeTo directory: String) -> String {
    PathText.normalize(PathText.absolute(path, from: directory))
}

/// The directory that this process works in, or nil when it is gone or out of reach.
func workingDirectory() -> String? {
    guard let buffer = getcwd(nil, 0) else { return nil }
    defer { free(buffer) }
    return String(validatingCString: buffer)
}
