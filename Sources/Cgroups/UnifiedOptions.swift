internal import Kernel

/// The options of the machine's version 2 hierarchy, such as `nsdelegate`: there is one set of them,
/// and whoever mounts the hierarchy anew sets all (`cgroup-v2.rst`, "Mounting").
///
/// CRIU 3.17 mounts it without any and leaves the machine so. Of two that overlap the second one may
/// take what the first has left for what held.
package struct UnifiedOptions: Equatable, Sendable {
    private let options: [String]?

    /// What holds now.
    package static func ofThisHost() -> UnifiedOptions {
        let text = try? Files.readText("/proc/self/mountinfo", limit: 1 << 26)
        return UnifiedOptions(options: parse(text ?? ""))
    }

    /// Sets these options again when others hold by now; a kernel that refuses keeps what it has.
    package func restore() {
        guard let options, Self.ofThisHost() != self else { return }
        try? FilesystemContext.set(options, of: "cgroup2")
    }

    /// The options in a table of mounts, or nil when it has no such hierarchy.
    static func parse(_ table: String) -> [String]? {
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3,
                fields[dash + 1] == "cgroup2"
            else { continue }
            let words = fields[dash + 3].split(separator: ",").map(String.init)
            return words.filter { $0 != "rw" && $0 != "ro" }
        }
        return nil
    }
}
