import Glibc
internal import Kernel

/// The options of the machine's version 2 hierarchy, such as `nsdelegate`: there is one set of them,
/// and whoever mounts the hierarchy anew sets all (`cgroup-v2.rst`, "Mounting").
///
/// CRIU 3.17 mounts it without any and leaves the machine so. While one of them runs, the next one
/// must not take what is left for what held: the first of those that overlap notes it on the root of
/// the hierarchy, on which all of them have a lock.
package struct UnifiedOptions: ~Copyable {
    /// What the note is called.
    private static var attribute: String { "trusted.apus.options" }

    private let options: [String]?
    /// The root of the hierarchy, with a shared lock; nil where that cannot be had.
    private let root: FileDescriptor?

    private init(_ options: [String]?, _ root: consuming FileDescriptor? = nil) {
        self.options = options
        self.root = root
    }

    /// What holds now, or held before others changed it that are still at it.
    ///
    /// - Throws: when the lock cannot be had: what holds may be what others have left then.
    package static func remember() throws(CgroupError) -> UnifiedOptions {
        guard let table = currentTable(), let hierarchy = hierarchy(in: table) else {
            return UnifiedOptions(nil)
        }
        do throws(SystemError) {
            return try remember(hierarchy)
        } catch {
            switch error.errno {
            case .notPermitted, .accessDenied, .readOnly, .notSupported:
                // Whoever may not write here cannot change the options either: those of a namespace
                // are not the machine's.
                return UnifiedOptions(hierarchy.options)
            case .timedOut:
                throw CgroupError(
                    "another process has held the lock of \(hierarchy.mountPoint) for "
                        + "\(patience / 1000) s (see /proc/locks)", cause: error)
            default:
                throw CgroupError(
                    "cannot note the options of the cgroup hierarchy", cause: error)
            }
        }
    }

    /// Milliseconds in which the lock must be had.
    ///
    /// Those that note something share it, and whoever removes the note has it for itself for a
    /// moment. But anybody may lock the directory.
    private static var patience: Int64 { 5000 }

    private static func remember(_ hierarchy: Hierarchy) throws(SystemError) -> UnifiedOptions {
        var call = "openat"
        do throws(Errno) {
            let root = try FileDescriptor.open(hierarchy.mountPoint, O_RDONLY | O_DIRECTORY)
            call = "flock"
            let deadline = Deadline.after(milliseconds: patience)
            guard try Lock.acquire(root, .shared, until: deadline) else { throw .timedOut }
            call = "fsetxattr"
            return UnifiedOptions(try noted(root), root)
        } catch {
            throw SystemError(call, hierarchy.mountPoint, error)
        }
    }

    /// The options of the note, or of now when there is none, which are noted.
    ///
    /// Nobody changes the options without a note, and nobody removes one that is locked: when there is
    /// still none after they were read they are those that held before. A note that nobody else can
    /// have written lately is that of a run that was killed: its options come back at the end of this
    /// one.
    private static func noted(_ root: borrowing FileDescriptor) throws(Errno) -> [String] {
        let options = currentTable().flatMap { hierarchy(in: $0) }?.options ?? []
        do throws(Errno) {
            try root.addAttribute(attribute, options.joined(separator: ","))
            return options
        } catch .exists {
            let note = try root.attribute(attribute)
            return String(decoding: note, as: UTF8.self).split(separator: ",").map(String.init)
        }
    }

    /// Sets these options again when others hold by now; a kernel that refuses keeps what it has.
    package borrowing func restore() {
        if let options, let table = Self.currentTable(),
            Self.hierarchy(in: table)?.options != options
        {
            try? FilesystemContext.set(options, of: "cgroup2")
        }
        // The last one removes the note.
        switch root {
        case .some(let root):
            if (try? Lock.tryAcquire(root, .exclusive)) == true {
                try? root.removeAttribute(Self.attribute)
            }
        case .none: return
        }
    }

    /// A version 2 hierarchy in a table of mounts.
    struct Hierarchy: Equatable {
        var mountPoint: String
        var options: [String]
    }

    private static func currentTable() -> String? {
        try? Files.readText("/proc/self/mountinfo", limit: 1 << 26)
    }

    /// The first one in a table of mounts, as a whole.
    static func hierarchy(in table: String) -> Hierarchy? {
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3,
                fields[dash + 1] == "cgroup2", fields[3] == "/"
            else { continue }
            let words = fields[dash + 3].split(separator: ",").map(String.init)
            return Hierarchy(
                mountPoint: String(fields[4]), options: words.filter { $0 != "rw" && $0 != "ro" })
        }
        return nil
    }
}
