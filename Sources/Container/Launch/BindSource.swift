import Glibc
internal import Kernel

/// Where a bind mount starts: a path of the host, whose part below the container's root, if it has
/// one, belongs to the image.
///
/// The path is the configuration's and trusted; links of the image on it are not, and must not lead
/// out to the host. What is below the root is resolved there, however the path reaches the root.
enum BindSource {
    /// Opens a source, `O_PATH`.
    ///
    /// - Parameter root: the container's root file system on the host.
    /// - Throws: what the host says of the path; for one in the root, `ELOOP` when it goes through a
    ///   magic link.
    static func open(_ path: String, root: String) throws(Errno) -> FileDescriptor {
        // A path that the kernel knows by the same name has no links.
        do throws(Errno) {
            let place = try MountTree.open(path)
            if (try? Files.readLink("/proc/self/fd/\(place.rawValue)")) == path { return place }
            guard let inside = try openInside(path, root: root) else { return place }
            return inside
        } catch {
            // What exists below the root alone is missing on the host.
            guard let inside = try openInside(path, root: root) else { throw error }
            return inside
        }
    }

    /// A path of the host by which a program that follows links finds the source; the given one when
    /// there is none.
    static func path(_ path: String, root: String) -> String {
        guard let place = try? open(path, root: root) else { return path }
        return (try? Files.readLink("/proc/self/fd/\(place.rawValue)")) ?? path
    }

    /// Opens the part of a path that lies below the root; nil when the path does not lead through it.
    private static func openInside(
        _ path: String, root: String
    ) throws(Errno) -> FileDescriptor? {
        // Nothing is outside of the host's own.
        guard root != "/", let identity = try? Files.status(root) else { return nil }
        for cut in PathText.cuts(path) {
            guard let entry = try? FileDescriptor.open(cut.head, O_PATH | O_DIRECTORY),
                let status = try? Files.status(of: entry)
            else { return nil }
            guard status.st_dev == identity.st_dev, status.st_ino == identity.st_ino else {
                continue
            }
            return try FileDescriptor.open(inRoot: entry, cut.rest, O_PATH)
        }
        return nil
    }
}
