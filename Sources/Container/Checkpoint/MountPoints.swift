import Glibc
internal import Kernel
internal import OCISpec

/// The mount points that a restore needs in a root file system, which may be a fresh copy of the one
/// that the container was made in.
///
/// Only what lies on the root file system itself, or below the source of a bind, is made: CRIU brings
/// back the contents of file systems in memory.
struct MountPoints {
    let blueprint: Blueprint

    /// Makes what is missing.
    func make() throws(RuntimeError) {
        for (position, mount) in blueprint.mounts.enumerated() {
            guard let place = place(of: mount, at: position) else { continue }
            do throws(Errno) {
                try Self.make(place.path, below: place.root, isFile: isFile(mount))
            } catch {
                throw RuntimeError(
                    .system, "cannot make the mount point", at: mount.location,
                    label: mount.destination,
                    underlying: SystemError("openat2", place.root + "/" + place.path, error))
            }
        }
    }

    /// The tree that a mount point lies in, and its path there; nil when CRIU makes it.
    private func place(
        of mount: MountBlueprint, at position: Int
    ) -> (root: String, path: String)? {
        var root = blueprint.rootPath
        var path = mount.destination
        // The last mount that covers the place counts.
        for earlier in blueprint.mounts[..<position]
        where PathText.isBelow(mount.destination, earlier.destination) {
            guard case .bind(let source) = earlier.kind else { return nil }
            root = source
            path = String(mount.destination.dropFirst(earlier.destination.count))
        }
        return (root, PathText.inRoot(path))
    }

    private func isFile(_ mount: MountBlueprint) -> Bool {
        guard case .bind(let source) = mount.kind, let status = try? Files.status(source) else {
            return false
        }
        return status.st_mode & S_IFMT != S_IFDIR
    }

    /// Makes a path component by component; no link leads out of the tree.
    private static func make(
        _ path: String, below root: String, isFile: Bool
    ) throws(Errno) {
        let root = try FileDescriptor.open(root, O_PATH | O_DIRECTORY)
        do throws(Errno) {
            _ = try FileDescriptor.open(inRoot: root, path, O_PATH)
            return
        } catch .noEntry {}
        let parts = path.split(separator: "/").map(String.init)
        for count in parts.indices {
            let parent = count == 0 ? "." : parts[..<count].joined(separator: "/")
            let directory = try FileDescriptor.open(inRoot: root, parent, O_PATH | O_DIRECTORY)
            do throws(Errno) {
                if isFile, count == parts.count - 1 {
                    let flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW
                    _ = try FileDescriptor.open(
                        at: directory.rawValue, parts[count], flags, mode: 0o644)
                } else {
                    try Files.makeDirectory(at: directory.rawValue, parts[count], mode: 0o755)
                }
            } catch .exists {}
        }
    }
}
