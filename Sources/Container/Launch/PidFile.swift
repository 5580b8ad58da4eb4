import Glibc
internal import Kernel

/// The file of `--pid-file`: the process id in decimal, without newline.
package enum PidFile {
    /// Writes the file in one step: whoever waits for it never reads half a number.
    ///
    /// - Parameter path: relative to the caller's working directory, unless absolute.
    /// - Throws: `system`; `invalidRequest` for a path without file name.
    package static func write(_ path: String, _ pid: Int32) throws(RuntimeError) {
        let (directory, name) = split(path)
        if name.isEmpty || name == "." || name == ".." {
            throw RuntimeError(.invalidRequest, "--pid-file: \(quoted(path)) names no file")
        }
        do throws(Errno) {
            let parent = try FileDescriptor.open(directory, O_PATH | O_DIRECTORY)
            let temporary = ".\(name)"
            do throws(Errno) {
                try writeNew(parent, temporary, pid)
                try Files.rename(at: parent.rawValue, temporary, to: name)
            } catch {
                if error != .exists { try? Files.remove(at: parent.rawValue, temporary) }
                throw error
            }
        } catch {
            throw RuntimeError(
                .system, "cannot write the pid file", at: "--pid-file",
                underlying: SystemError("openat", path, error))
        }
    }

    private static func writeNew(
        _ parent: borrowing FileDescriptor, _ name: String, _ pid: Int32
    ) throws(Errno) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let file = try FileDescriptor.open(at: parent.rawValue, name, flags, mode: 0o644)
        try file.writeOnce(String(pid))
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }
}
