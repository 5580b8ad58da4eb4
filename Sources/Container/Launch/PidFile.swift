import Glibc
internal import Kernel

/// The file of `--pid-file`: the process id in decimal, without newline.
package enum PidFile {
    /// Writes the file in one step: whoever waits for it never reads half a number.
    ///
    /// A character device or a pipe with a reader, also behind a link, is written to and stays;
    /// a disk or a socket is an error.
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
            if kind(parent, name) == S_IFBLK { throw Errno.invalid }
            if isSpecial(parent, name) {
                let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY
                return try FileDescriptor.open(at: parent.rawValue, name, flags)
                    .writeOnce(String(pid))
            }
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

    /// Takes back what was written.
    static func remove(_ path: String) {
        let (directory, name) = split(path)
        guard let parent = try? FileDescriptor.open(directory, O_PATH | O_DIRECTORY),
            !isSpecial(parent, name)
        else { return }
        try? Files.remove(at: parent.rawValue, name)
    }

    private static func isSpecial(_ parent: borrowing FileDescriptor, _ name: String) -> Bool {
        [S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].contains(kind(parent, name))
    }

    private static func kind(_ parent: borrowing FileDescriptor, _ name: String) -> mode_t {
        ((try? Files.status(at: parent.rawValue, name))?.st_mode ?? 0) & S_IFMT
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
