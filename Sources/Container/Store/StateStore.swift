import Glibc
internal import Kernel

/// The directory that holds one directory for each container.
///
/// Nothing in it is kept open: a container's directory is opened once by `create` or `open`, and
/// everything after that goes by its descriptor.
package struct StateStore: Sendable {
    /// Absolute, without a trailing slash.
    package let root: String
    /// Whether the sticky bit keeps cleaners of temporary files away from a root made here
    /// (XDG base directory specification, `XDG_RUNTIME_DIR`).
    private let isSticky: Bool

    /// Uses a root, which is made when the first container is.
    ///
    /// - Parameter root: absolute; `/` is refused.
    /// - Throws: `invalidRequest`.
    package init(root: String, isSticky: Bool = false) throws(RuntimeError) {
        var path = root
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        if path == "/" || !path.hasPrefix("/") {
            throw RuntimeError(.invalidRequest, "the state directory must not be \(quoted(root))")
        }
        self.root = path
        self.isSticky = isSticky
    }

    /// Takes a name: makes the container's directory and holds its exclusive lock.
    ///
    /// - Throws: `exists` when the name is taken.
    package func create(_ id: ContainerID) throws(RuntimeError) -> StateDirectory {
        let path = path(id)
        do throws(Errno) {
            do throws(Errno) {
                try Files.makeDirectory(path, mode: 0o711)
            } catch .noEntry {
                try makeRoot()
                try Files.makeDirectory(path, mode: 0o711)
            }
        } catch .exists {
            throw RuntimeError(.exists, "container with given ID already exists")
        } catch {
            throw RuntimeError(
                .system, "cannot create the container's state directory",
                underlying: SystemError("mkdirat", path, error))
        }
        let directory: StateDirectory
        do throws(RuntimeError) { directory = try open(id, .exclusive) } catch {
            if error.code != .notFound { try? Files.removeDirectory(path) }
            throw error
        }
        // Before it was locked somebody may have removed it and taken the name.
        if directory.hasRecord() {
            throw RuntimeError(.exists, "container with given ID already exists")
        }
        return directory
    }

    /// Opens a container's directory and takes a lock on it.
    ///
    /// - Throws: `notFound` with `container does not exist`, which engines match.
    package func open(
        _ id: ContainerID, _ access: StateDirectory.Access
    ) throws(RuntimeError) -> StateDirectory {
        let path = path(id)
        let failure: Errno
        do throws(Errno) {
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
            let directory = try FileDescriptor.open(path, flags)
            return try StateDirectory(directory, path: path, access)
        } catch {
            failure = error
        }
        if failure == .noEntry || failure == .notDirectory {
            throw RuntimeError(.notFound, "container does not exist")
        }
        throw RuntimeError(
            .system, "cannot open the container's state directory",
            underlying: SystemError("openat", path, failure))
    }

    /// The names of all containers, sorted; none when there is no root.
    package func list() throws(RuntimeError) -> [String] {
        do throws(Errno) {
            return try Files.list(root).filter { ContainerID.isValid($0) }.sorted()
        } catch .noEntry {
            return []
        } catch {
            throw RuntimeError(
                .system, "cannot list the state directory",
                underlying: SystemError("getdents64", root, error))
        }
    }

    private func path(_ id: ContainerID) -> String { root + "/" + id.name }

    private func makeRoot() throws(Errno) {
        try Files.makeDirectories(root, mode: 0o700)
        if isSticky { try Syscall.call("chmod") { chmod(root, 0o700 | S_ISVTX) } }
    }
}
