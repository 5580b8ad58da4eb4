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
    package static func remember() -> UnifiedOptions {
        guard let table = currentTable(), let hierarchy = hierarchy(in: table) else {
            return UnifiedOptions(nil)
        }
        do throws(Errno) {
            let root = try FileDescriptor.open(hierarchy.mountPoint, O_RDONLY | O_DIRECTORY)
            return UnifiedOptions(try join(root), root)
        } catch {
            // In a namespace of its own the hierarchy keeps its options.
            return UnifiedOptions(hierarchy.options)
        }
    }

    /// How often a lock is tried: anybody may hold one on the directory, and nobody may stop us.
    private static var tries: Int { 100 }

    /// Takes the lock, and reads or writes the note.
    ///
    /// - Throws: `EAGAIN` when others hold the lock all the time; what the attribute's calls throw.
    private static func join(_ root: borrowing FileDescriptor) throws(Errno) -> [String] {
        for _ in 0..<tries {
            // Whoever is alone notes what holds. It is not alone for sure until it has the shared
            // lock, but by then nobody has changed anything.
            if try Lock.tryAcquire(root, .exclusive) {
                let options = try noted(root)
                if try Lock.tryAcquire(root, .shared) { return options }
            } else if try Lock.tryAcquire(root, .shared) {
                return try noted(root)
            }
            sched_yield()
        }
        throw .again
    }

    /// The options of the note, or of now when there is none, which are noted.
    ///
    /// A note that nobody else can have written lately is that of a run that was killed: its options
    /// come back at the end of this one.
    private static func noted(_ root: borrowing FileDescriptor) throws(Errno) -> [String] {
        if let note = try? root.attribute(attribute) {
            return String(decoding: note, as: UTF8.self).split(separator: ",").map(String.init)
        }
        let options = currentTable().flatMap { hierarchy(in: $0) }?.options ?? []
        try root.setAttribute(attribute, options.joined(separator: ","))
        return options
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
