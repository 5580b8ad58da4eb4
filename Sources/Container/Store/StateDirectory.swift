import Glibc
package import Kernel
internal import OCISpec

/// One container's directory, open and locked: `state.json`, `config.json` and `exec.fifo`.
///
/// The record is the commit point of every change. `create` writes the configuration and a record
/// without process before it makes anything on the host; removal takes the record last. So at any
/// point of a crash the record covers what exists, and a directory without record covers nothing.
package struct StateDirectory: ~Copyable {
    /// How the directory is locked while it is open.
    package enum Access: Sendable, Equatable {
        /// Waits for whoever holds it: `create`, `start`, `delete`, `update`, `pause`.
        case exclusive
        /// Does not wait: `state`, `list`, `exec`.
        ///
        /// A hook that asks for the state of the container that waits for it gets an answer;
        /// `isBusy` says that somebody holds the lock.
        case shared
    }

    /// Its path, for messages.
    package let path: String
    /// Whether another process holds the exclusive lock.
    package let isBusy: Bool
    private let directory: FileDescriptor

    /// Locks an open directory.
    ///
    /// - Throws: `ENOENT` when it was removed by the lock's last holder.
    init(
        _ directory: consuming FileDescriptor, path: String, _ access: Access
    ) throws(Errno) {
        var isBusy = false
        switch access {
        case .exclusive: try Lock.acquire(directory, .exclusive)
        case .shared: isBusy = !(try Lock.tryAcquire(directory, .shared))
        }
        if try Files.status(of: directory).st_nlink == 0 { throw .noEntry }
        self.path = path
        self.isBusy = isBusy
        self.directory = directory
    }

    /// The number, for `*at` calls.
    package var rawValue: Int32 { directory.rawValue }

    /// Gives the lock back and keeps the directory open: `start` while it waits for the program.
    package borrowing func unlock() throws(RuntimeError) {
        do throws(Errno) { try Lock.release(directory) } catch {
            throw failure("cannot unlock", "flock", "", error)
        }
    }

    /// Whether this process holds the exclusive lock.
    borrowing func isLocked(by pid: Int32) throws(Errno) -> Bool {
        try Lock.isHeld(directory, by: pid)
    }

    /// Takes the exclusive lock after `unlock`.
    ///
    /// - Returns: false when the container was removed in between.
    package borrowing func lockAgain() throws(RuntimeError) -> Bool {
        do throws(Errno) {
            try Lock.acquire(directory, .exclusive)
            return try Files.status(of: directory).st_nlink > 0
        } catch {
            throw failure("cannot lock", "flock", "", error)
        }
    }
}

// MARK: - Record and configuration

extension StateDirectory {
    private static var recordName: String { "state.json" }
    private static var configName: String { "config.json" }
    private static var temporaryPrefix: String { ".state-" }

    /// Replaces the record in one step: readers see the old one or the new one.
    package borrowing func writeRecord(_ record: ContainerRecord) throws(RuntimeError) {
        let temporary = Self.temporaryPrefix + String(getpid())
        do throws(Errno) {
            do throws(Errno) {
                try writeNew(temporary, record.json(.compact))
            } catch .exists {
                // Left by a process that had this number and was killed.
                try Files.remove(at: rawValue, temporary)
                try writeNew(temporary, record.json(.compact))
            }
            try Files.replace(at: rawValue, Self.recordName, with: temporary)
        } catch {
            try? Files.remove(at: rawValue, temporary)
            throw failure("cannot write", "renameat2", Self.recordName, error)
        }
    }

    /// Reads the record.
    ///
    /// - Returns: `nil` when there is none: `create` was killed before it made anything else.
    /// - Throws: `damaged` when it cannot be read, or is another container's.
    package borrowing func readRecord() throws(RuntimeError) -> ContainerRecord? {
        let bytes: [UInt8]?
        do throws(RuntimeError) { bytes = try read(Self.recordName) } catch {
            throw RuntimeError(.damaged, error.message, underlying: error.underlying)
        }
        guard let bytes else { return nil }
        let record = try ContainerRecord.parse(bytes)
        // A copied record names a process that must not be taken for this container's.
        if !path.hasSuffix("/" + record.id) {
            throw RuntimeError(
                .damaged, "the container's record is that of \(quoted(record.id))")
        }
        return record
    }

    /// Whether there is a record, of whatever worth.
    borrowing func hasRecord() -> Bool {
        Files.exists(at: rawValue, Self.recordName)
    }

    /// Keeps the configuration as it was accepted; later edits of the bundle change nothing.
    package borrowing func writeConfig(_ bytes: [UInt8]) throws(RuntimeError) {
        do throws(Errno) { try writeNew(Self.configName, bytes) } catch {
            throw failure("cannot write", "openat", Self.configName, error)
        }
    }

    /// The configuration as it was accepted.
    package borrowing func readConfig() throws(RuntimeError) -> [UInt8] {
        if let bytes = try read(Self.configName) { return bytes }
        throw failure("cannot read", "openat", Self.configName, .noEntry)
    }

    private borrowing func read(_ name: String) throws(RuntimeError) -> [UInt8]? {
        do throws(Errno) {
            // Whatever took its place must not keep us waiting.
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
            let file = try FileDescriptor.open(at: rawValue, name, flags)
            return try file.readAll(limit: 1 << 25)
        } catch .noEntry {
            return nil
        } catch {
            throw failure("cannot read", "openat", name, error)
        }
    }

    private borrowing func writeNew(_ name: String, _ bytes: [UInt8]) throws(Errno) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let file = try FileDescriptor.open(at: rawValue, name, flags, mode: 0o600)
        try file.writeAll(bytes)
    }
}

// MARK: - The barrier between create and start

extension StateDirectory {
    /// The name of the fifo; as long as it exists the container is `created`.
    package static var fifoName: String { "exec.fifo" }

    /// Makes the fifo that init waits on, owned by the container's root, and opens it as a place
    /// (`O_PATH`) for init.
    ///
    /// - Parameters:
    ///   - uid: the host's id of the container's root user.
    ///   - gid: the host's id of its group.
    package borrowing func makeFifo(
        uid: UInt32, gid: UInt32
    ) throws(RuntimeError) -> FileDescriptor {
        let directory = rawValue
        let name = Self.fifoName
        do throws(Errno) {
            try Syscall.call("mkfifoat") { mkfifoat(directory, name, 0o622) }
            let place = try FileDescriptor.open(at: directory, name, O_PATH | O_NOFOLLOW)
            // Whatever the umask took away: init opens it as the container's root.
            try Syscall.call("fchmodat") { fchmodat(directory, name, 0o622, 0) }
            if uid != geteuid() || gid != getegid() {
                let flags = Int32(AT_SYMLINK_NOFOLLOW)
                try Syscall.call("fchownat") { fchownat(directory, name, uid, gid, flags) }
            }
            return place
        } catch {
            throw failure("cannot create", "mkfifoat", name, error)
        }
    }

    /// Whether the container's program was not let go yet.
    package borrowing func hasFifo() -> Bool {
        Files.exists(at: rawValue, Self.fifoName)
    }

    /// Ends the state `created`; no fifo is no error.
    package borrowing func removeFifo() throws(RuntimeError) {
        do throws(Errno) { try removeIfPresent(Self.fifoName) } catch {
            throw failure("cannot remove", "unlinkat", Self.fifoName, error)
        }
    }
}

// MARK: - The root of a restore

extension StateDirectory {
    private static var restoreRootName: String { "criu-root" }

    /// Makes the directory where CRIU finds the root file system; it is a mount point in CRIU's own
    /// mount namespace alone.
    ///
    /// - Returns: its path.
    package borrowing func makeRestoreRoot() throws(RuntimeError) -> String {
        let name = Self.restoreRootName
        do throws(Errno) { try Files.makeDirectory(at: rawValue, name, mode: 0o700) } catch {
            throw failure("cannot create", "mkdirat", name, error)
        }
        return path + "/" + name
    }

    /// Removes that directory; none is no error.
    package borrowing func removeRestoreRoot() throws(Errno) {
        do throws(Errno) {
            try Files.removeDirectory(at: rawValue, Self.restoreRootName)
        } catch .noEntry {}
    }
}

// MARK: - Removal

extension StateDirectory {
    /// Removes the directory and what the runtime put there, and frees the name.
    ///
    /// Files that it does not know are an error and stay.
    ///
    /// The record goes last: a removal that is cut short is found and finished by the next one.
    package consuming func remove() throws(RuntimeError) {
        do throws(Errno) {
            try removeIfPresent(Self.fifoName)
            try removeIfPresent(Self.configName)
            try removeIfPresent(Self.recordName)
            do throws(Errno) {
                try Files.removeDirectory(path)
            } catch .notEmpty {
                try NotifySocket.remove(at: rawValue)
                try removeRestoreRoot()
                for name in try Files.list(at: rawValue, ".")
                where name.hasPrefix(Self.temporaryPrefix) {
                    try removeIfPresent(name)
                }
                try Files.removeDirectory(path)
            } catch .noEntry {
                return
            }
        } catch {
            throw failure("cannot remove", "unlinkat", "", error)
        }
    }

    private borrowing func removeIfPresent(_ name: String) throws(Errno) {
        do throws(Errno) { try Files.remove(at: rawValue, name) } catch .noEntry {
        } catch .isDirectory {
            try Files.removeDirectory(at: rawValue, name)
        }
    }

    private borrowing func failure(
        _ what: String, _ call: String, _ name: String, _ error: Errno
    ) -> RuntimeError {
        let subject = name.isEmpty ? path : path + "/" + name
        return RuntimeError(
            .system, "\(what) \(name.isEmpty ? "the container's state directory" : name)",
            underlying: SystemError(call, subject, error))
    }
}
