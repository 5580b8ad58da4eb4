package import CKernel
package import Glibc

/// Small operations on trusted files of the host, each one system call or a plain sequence of them.
///
/// None of these may be used below a container's root: see `Sources/CInit/path.c` for that.
package enum Files {
    /// Reads a whole small file as text.
    ///
    /// - Throws: the error number of `openat` or `read`.
    package static func readText(
        at directory: Int32 = AT_FDCWD, _ path: String, limit: Int = 1 << 20
    ) throws(Errno) -> String {
        let file = try FileDescriptor.open(at: directory, path, O_RDONLY)
        return String(decoding: try file.readAll(limit: limit), as: UTF8.self)
    }

    /// Writes a text in one call to an existing file (never creates or truncates one).
    ///
    /// - Throws: the error number of `openat` or `write`.
    package static func writeText(
        at directory: Int32 = AT_FDCWD, _ path: String, _ text: String
    ) throws(Errno) {
        let file = try FileDescriptor.open(at: directory, path, O_WRONLY)
        try file.writeOnce(text)
    }

    /// The corresponding C function is `mkdirat`.
    package static func makeDirectory(
        at directory: Int32 = AT_FDCWD, _ path: String, mode: mode_t
    ) throws(Errno) {
        try Syscall.call("mkdirat") { mkdirat(directory, path, mode) }
    }

    /// Makes a directory and all its missing parents; existing ones are left as they are.
    package static func makeDirectories(_ path: String, mode: mode_t) throws(Errno) {
        do throws(Errno) {
            try makeDirectory(path, mode: mode)
        } catch .exists {
            return
        } catch .noEntry {
            guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex
            else { throw .noEntry }
            try makeDirectories(String(path[..<slash]), mode: mode)
            do throws(Errno) {
                try makeDirectory(path, mode: mode)
            } catch .exists {
                return
            }
        }
    }

    /// The corresponding C function is `unlinkat` with `AT_REMOVEDIR`.
    package static func removeDirectory(
        at directory: Int32 = AT_FDCWD, _ path: String
    ) throws(Errno) {
        try Syscall.call("unlinkat") { unlinkat(directory, path, AT_REMOVEDIR) }
    }

    /// The corresponding C function is `unlinkat`.
    package static func remove(at directory: Int32 = AT_FDCWD, _ path: String) throws(Errno) {
        try Syscall.call("unlinkat") { unlinkat(directory, path, 0) }
    }

    /// The corresponding C function is `renameat`.
    package static func rename(
        at directory: Int32 = AT_FDCWD, _ from: String, to: String
    ) throws(Errno) {
        try Syscall.call("renameat") { renameat(directory, from, directory, to) }
    }

    /// Puts a new file in the place of another, in one step, and removes the old one.
    ///
    /// Instead of a rename, because ext4 writes a file out to the disk when it is renamed over
    /// another. The corresponding C function is `renameat2` with `RENAME_EXCHANGE`.
    package static func replace(
        at directory: Int32, _ path: String, with new: String
    ) throws(Errno) {
        do throws(Errno) {
            try Syscall.call("renameat2") { ck_exchange(directory, new, path) }
        } catch .noEntry {
            return try rename(at: directory, new, to: path)
        } catch .invalid {
            return try rename(at: directory, new, to: path)
        } catch .noSystemCall {
            return try rename(at: directory, new, to: path)
        }
        try remove(at: directory, new)
    }

    /// The text of a symbolic link.
    ///
    /// The corresponding C function is `readlinkat`.
    package static func readLink(
        at directory: Int32 = AT_FDCWD, _ path: String
    ) throws(Errno) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try Syscall.call("readlinkat") {
            bytes.withUnsafeMutableBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map {
                        readlinkat(directory, path, $0, characters.count)
                    } ?? 0
                }
            }
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// What `stat` says of a path, following a final symbolic link unless told otherwise.
    ///
    /// The corresponding C function is `fstatat`.
    package static func status(
        at directory: Int32 = AT_FDCWD, _ path: String, followLink: Bool = true
    ) throws(Errno) -> stat {
        var result = stat()
        let flags = followLink ? 0 : AT_SYMLINK_NOFOLLOW
        try Syscall.call("newfstatat") { fstatat(directory, path, &result, flags) }
        return result
    }

    /// What `stat` says of an open file.
    ///
    /// The corresponding C function is `fstat`.
    package static func status(of file: borrowing FileDescriptor) throws(Errno) -> stat {
        var result = stat()
        let raw = file.rawValue
        try Syscall.call("fstat") { fstat(raw, &result) }
        return result
    }

    /// Whether something exists at a path, without following a final symbolic link.
    package static func exists(at directory: Int32 = AT_FDCWD, _ path: String) -> Bool {
        faccessat(directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// The magic number of the file system that an open file is on (`statfs.f_type`).
    ///
    /// The corresponding C function is `fstatfs`.
    package static func fileSystemMagic(of file: borrowing FileDescriptor) throws(Errno) -> Int {
        let raw = file.rawValue
        return try Syscall.call("fstatfs") { ck_filesystem_magic(raw) }
    }

    /// The magic number of the file system that a path leads to.
    ///
    /// The corresponding C function is `statfs`.
    package static func fileSystemMagic(_ path: String) throws(Errno) -> Int {
        try Syscall.call("statfs") { ck_filesystem_magic_of(path) }
    }

    /// The names in a directory, without `.` and `..`, in the order of the kernel.
    ///
    /// - Throws: the error number of `openat` or `readdir`.
    package static func list(
        at directory: Int32 = AT_FDCWD, _ path: String
    ) throws(Errno) -> [String] {
        let file = try FileDescriptor.open(at: directory, path, O_RDONLY | O_DIRECTORY)
        let number = file.take()
        guard let stream = fdopendir(number) else {
            let error = Errno.current
            _ = close(number)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let error = Errno.current
                if error.rawValue != 0 { throw error }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }
}
