import Glibc
internal import Kernel

/// Where a bind mount starts: a path of the host, whose part below the container's root, if it has
/// one, belongs to the image.
///
/// The path is the configuration's and trusted, and so are the host's links on it; links of the image
/// are not, and must not lead out to the host. What is below the root is resolved there, whatever
/// links or bind mounts of the root lead to it.
enum BindSource {
    /// Opens a source, `O_PATH`.
    ///
    /// - Parameter root: the container's root file system on the host.
    /// - Throws: what the host says of the path; for one in the root, `ELOOP` when it goes through a
    ///   magic link, and `EXDEV` when it leaves the root again behind a link.
    static func open(_ path: String, root: String) throws(Errno) -> FileDescriptor {
        let place: FileDescriptor
        do throws(Errno) { place = try MountTree.open(path) } catch {
            // What exists below the root alone is missing on the host.
            guard let inside = try openInside(path, root: root) else { throw error }
            return inside
        }
        // No link, no way out. What is mounted on demand is there by now.
        if (try? FileDescriptor.open(withoutLinks: path, O_PATH)) != nil { return place }
        guard let inside = try openInside(path, root: root) else { return place }
        return inside
    }

    /// A path of the host by which a program that follows links finds the source; the given one when
    /// there is none.
    static func path(_ path: String, root: String) -> String {
        guard let place = try? open(path, root: root) else { return path }
        return (try? name(of: place)) ?? path
    }

    /// The kernel's name of an open file, which has no links.
    private static func name(of file: borrowing FileDescriptor) throws(Errno) -> String {
        try Files.readLink("/proc/self/fd/\(file.rawValue)")
    }

    /// Opens the part of a path that lies below the root; nil when the path does not lead through it.
    private static func openInside(
        _ path: String, root: String
    ) throws(Errno) -> FileDescriptor? {
        // Nothing is outside of the host's own.
        guard root != "/", let top = try? FileDescriptor.open(root, O_PATH | O_DIRECTORY),
            let identity = try? Files.status(of: top), let topName = try? name(of: top)
        else { return nil }
        for cut in PathText.cuts(path) {
            guard let entry = try? FileDescriptor.open(cut.head, O_PATH | O_DIRECTORY),
                let status = try? Files.status(of: entry)
            else { return nil }
            var above = ""
            if status.st_dev != identity.st_dev || status.st_ino != identity.st_ino {
                // A link of the host may lead to a place below the root at once.
                guard let name = try? name(of: entry), PathText.isBelow(name, topName) else {
                    continue
                }
                above = String(name.utf8.dropFirst(topName.utf8.count + 1)) ?? ""
            }
            let rest = above.isEmpty ? cut.rest : above + "/" + cut.rest
            // Where `..` leads behind a link is the image's to say.
            if PathText.climbs(rest) { throw .crossDevice }
            return try FileDescriptor.open(inRoot: top, rest, O_PATH)
        }
        return nil
    }
}
