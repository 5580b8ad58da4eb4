import Glibc
import Kernel

/// What cgroups the host mounts, and where the caller is in them.
///
/// Reading it costs one small file and one `statfs` for each hierarchy: the mount table, which is
/// long on a busy host, is read only when a hierarchy is not where everybody mounts it.
package struct CgroupHost: Equatable, Sendable {
    /// A mounted hierarchy.
    package struct Mount: Equatable, Sendable {
        /// As in `CgroupHierarchy`.
        package var controllers: String
        package var mountPoint: String
        /// The caller's own cgroup below the mount point; `/` when it cannot be said.
        package var ownPath: String

        /// A mounted hierarchy.
        package init(controllers: String, mountPoint: String, ownPath: String = "/") {
            self.controllers = controllers
            self.mountPoint = mountPoint
            self.ownPath = ownPath
        }
    }

    package var layout: CgroupLayout
    /// The version 2 one is the last.
    package var mounts: [Mount]

    /// A host as described: for tests and for plans that must not depend on a machine.
    package init(layout: CgroupLayout, mounts: [Mount]) {
        self.layout = layout
        self.mounts = mounts
    }

    /// Where the kernel's documentation and every distribution mount cgroups.
    package static let standardRoot = "/sys/fs/cgroup"
}

extension CgroupHost {
    /// Looks at the host.
    ///
    /// - Parameters:
    ///   - root: where cgroups are mounted.
    ///   - membership: the file that says where the caller is.
    /// - Throws: when there are no cgroups at `root`.
    package static func discover(
        root: String = standardRoot, membership: String = "/proc/self/cgroup"
    ) throws(CgroupError) -> CgroupHost {
        let own = try OwnCgroups.read(membership)
        switch fileSystemMagic(root) {
        case CGROUP2_SUPER_MAGIC:
            let mount = Mount(
                controllers: "", mountPoint: root, ownPath: own.first { $0.isUnified }?.path ?? "/")
            return CgroupHost(layout: .unified, mounts: [mount])
        case TMPFS_MAGIC:
            return versionOne(root: root, own: own)
        case let magic:
            let found = magic.map { "file system type 0x" + String($0, radix: 16) } ?? "nothing"
            throw CgroupError("no cgroups are mounted on \(root) (found \(found))")
        }
    }

    private static func versionOne(root: String, own: [OwnCgroups.Line]) -> CgroupHost {
        var host = CgroupHost(layout: .v1, mounts: [])
        var unified: Mount?
        for line in own {
            if line.isUnified {
                let directory = root + "/unified"
                guard fileSystemMagic(directory) == CGROUP2_SUPER_MAGIC else { continue }
                unified = Mount(controllers: "", mountPoint: directory, ownPath: line.path)
            } else if let directory = directory(of: line.controllers, root: root) {
                host.mounts.append(
                    Mount(
                        controllers: line.controllers, mountPoint: directory, ownPath: line.path))
            }
        }
        if let unified {
            host.layout = .hybrid
            host.mounts.append(unified)
        }
        return host
    }

    // Controllers that share a hierarchy are mounted under their joined name, or one of their
    // names is a link to it. A named hierarchy has its name without `name=`.
    private static func directory(of controllers: String, root: String) -> String? {
        var names = [controllers]
        let prefix = "name="
        if controllers.hasPrefix(prefix) {
            names = [String(controllers.dropFirst(prefix.count))]
        } else if controllers.utf8.contains(UInt8(ascii: ",")) {
            names += controllers.split(separator: ",").map(String.init)
        }
        for name in names {
            let directory = root + "/" + name
            if fileSystemMagic(directory) == CGROUP_SUPER_MAGIC { return directory }
        }
        return MountTable.cgroupMountPoint(of: names[0])
    }

    private static func fileSystemMagic(_ path: String) -> Int? {
        try? Files.fileSystemMagic(path)
    }
}

/// The lines of `/proc/self/cgroup`.
enum OwnCgroups {
    struct Line: Equatable {
        var controllers: String
        var path: String
        var isUnified: Bool { controllers.isEmpty }
    }

    static func read(_ file: String) throws(CgroupError) -> [Line] {
        do throws(Errno) {
            let text = try CgroupFile.value(file)
            // One read has it all but on a host with dozens of named hierarchies.
            return parse(text.utf8.count < 4000 ? text : try Files.readText(file))
        } catch {
            throw CgroupError(
                "cannot read the own cgroups", cause: SystemError("openat", file, error))
        }
    }

    /// Each line is `number:controllers:path`; the path may hold colons.
    static func parse(_ text: String) -> [Line] {
        var lines: [Line] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            var path = String(Substring(fields[2]))
            // Outside of the reader's cgroup namespace paths climb; nothing can be made there.
            if path.hasPrefix("/..") || !path.hasPrefix("/") { path = "/" }
            lines.append(Line(controllers: String(Substring(fields[1])), path: path))
        }
        return lines
    }
}

/// The last resort for hosts that mount version 1 in unusual places.
enum MountTable {
    /// The mount point of a controller, named as in the super options of its mount.
    static func cgroupMountPoint(
        of controllers: String, table: String = "/proc/self/mountinfo"
    ) -> String? {
        guard let text = try? Files.readText(table, limit: 1 << 26) else { return nil }
        return parse(text, wanted: controllers)
    }

    static func parse(_ text: String, wanted controllers: String) -> String? {
        let wanted = controllers.split(separator: ",")
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3,
                fields[dash + 1] == "cgroup"
            else { continue }
            var options = fields[dash + 3].split(separator: ",")
            options.append(
                contentsOf: options.compactMap { option in
                    option.hasPrefix("name=") ? option.dropFirst(5) : nil
                })
            // Octal escapes only stand for blanks and backslashes, which no such mount point has.
            if wanted.allSatisfy(options.contains) { return String(fields[4]) }
        }
        return nil
    }
}
