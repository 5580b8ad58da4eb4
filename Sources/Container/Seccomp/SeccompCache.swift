import Glibc
internal import Kernel

/// Compiled filters by profile, in a directory that only the runtime's user can enter.
///
/// A file holds the whole profile that it was compiled from, in canonical form, and is used only
/// when that is what is asked for, byte by byte: the name is a mere index. Whoever could forge one
/// is the user that the runtime works for. What does not look right is not used, and nothing that
/// goes wrong here fails a container: its filter is compiled then.
package struct SeccompCache: Sendable {
    /// The state root.
    private let root: String
    /// Below the state root; no container's ID has an `@`.
    package static let directoryName = ".seccomp@cache"
    /// How many filters are kept, and the size in bytes beyond which one is not.
    package static let entryLimit = 32
    package static let sizeLimit = 256 << 10

    /// Uses the cache of a state root.
    package init(root: String) {
        self.root = root
    }

    /// Uses the cache beside a container's state directory.
    package init(beside directory: String) {
        let slash = directory.utf8.lastIndex(of: UInt8(ascii: "/")) ?? directory.startIndex
        root = String(directory[..<slash])
    }

    /// The filter of a profile, if it is there and in order.
    package func filter(for key: SeccompCacheKey) -> SeccompFilter? {
        do throws(Errno) {
            let directory = try open()
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
            let file = try FileDescriptor.open(at: directory.rawValue, key.fileName, flags)
            let status = try Files.status(of: file)
            guard Self.isPrivate(status, S_IFREG), status.st_nlink == 1,
                status.st_size <= Self.sizeLimit
            else { return nil }
            return SeccompCacheEntry.filter(
                in: try file.readAll(limit: Self.sizeLimit), for: key)
        } catch {
            return nil
        }
    }

    /// Keeps a filter.
    ///
    /// - Returns: why it is not kept, or nil.
    package func store(_ filter: SeccompFilter, for key: SeccompCacheKey) -> String? {
        let bytes = SeccompCacheEntry.bytes(filter, for: key)
        guard bytes.count <= Self.sizeLimit else { return "the profile is too large to be cached" }
        do throws(Errno) {
            let directory = try makeAndOpen()
            try evict(directory)
            try write(bytes, key.fileName, directory)
            return nil
        } catch {
            return "the compiled filter is not cached: \(error.description)"
        }
    }

    // MARK: - The directory

    private func open() throws(Errno) -> FileDescriptor {
        let parent = try FileDescriptor.open(root, O_PATH | O_DIRECTORY)
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        let directory = try FileDescriptor.open(at: parent.rawValue, Self.directoryName, flags)
        guard Self.isPrivate(try Files.status(of: directory), S_IFDIR) else { throw .accessDenied }
        return directory
    }

    private func makeAndOpen() throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return try open()
        } catch .noEntry {
            do throws(Errno) {
                try Files.makeDirectory(root + "/" + Self.directoryName, mode: 0o700)
            } catch .exists {
                // Another container's start was faster.
            }
            return try open()
        }
    }

    /// Whether something is of a kind, ours, and closed to everybody else.
    private static func isPrivate(_ status: stat, _ kind: mode_t) -> Bool {
        status.st_mode & S_IFMT == kind && status.st_mode & 0o077 == 0
            && status.st_uid == geteuid()
    }

    // MARK: - Its files

    private func write(
        _ bytes: [UInt8], _ name: String, _ directory: borrowing FileDescriptor
    ) throws(Errno) {
        let raw = directory.rawValue
        let temporary = "new-\(getpid())"
        // Left by a process that had this number and was killed.
        try? Files.remove(at: raw, temporary)
        do throws(Errno) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            try FileDescriptor.open(at: raw, temporary, flags, mode: 0o600).writeAll(bytes)
            try Files.rename(at: raw, temporary, to: name)
        } catch {
            try? Files.remove(at: raw, temporary)
            throw error
        }
    }

    /// Makes room for one file: the oldest go.
    private func evict(_ directory: borrowing FileDescriptor) throws(Errno) {
        let raw = directory.rawValue
        let names = try Files.list(at: raw, ".")
        guard names.count >= Self.entryLimit else { return }
        var dated: [(name: String, time: timespec)] = []
        for name in names {
            if let status = try? Files.status(at: raw, name, followLink: false) {
                dated.append((name, status.st_mtim))
            }
        }
        dated.sort { ($0.time.tv_sec, $0.time.tv_nsec) < ($1.time.tv_sec, $1.time.tv_nsec) }
        for entry in dated.prefix(names.count - Self.entryLimit + 1) {
            try? Files.remove(at: raw, entry.name)
        }
    }
}
