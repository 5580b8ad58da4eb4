/// Places in a hierarchy, as text: always with a leading slash and never with `..`.
enum CgroupPath {
    private static let slash = UInt8(ascii: "/")

    /// The components of a path, without empty ones and `.`; `nil` when one is `..`.
    ///
    /// cgroup file systems hold no symbolic links, so a path without `..` cannot leave the place
    /// that it is put below.
    static func components(_ path: String) -> [Substring]? {
        var parts: [Substring] = []
        for part in path.utf8.split(separator: slash) {
            let text = Substring(part)
            if text == "." { continue }
            if text == ".." { return nil }
            parts.append(text)
        }
        return parts
    }

    /// A path below a hierarchy's root: `a//b/` becomes `/a/b`, and the root itself is `/`.
    ///
    /// - Throws: when a component is `..`.
    static func normalize(_ path: String, property: String? = nil) throws(CgroupError) -> String {
        guard let parts = components(path) else {
            throw CgroupError(
                "cgroup path \"\(path)\" must not contain \"..\"", property: property)
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Joins two normalized paths.
    static func join(_ base: String, _ path: String) -> String {
        if base == "/" { return path }
        return path == "/" ? base : base + path
    }

    /// The path without its last component; the root is its own parent.
    static func parent(_ path: String) -> String {
        let utf8 = path.utf8
        guard let last = utf8.lastIndex(of: slash), last > utf8.startIndex else { return "/" }
        return String(path[..<last])
    }

    /// How many components there are.
    static func depth(_ path: String) -> Int {
        path == "/" ? 0 : path.utf8.reduce(0) { $0 + ($1 == slash ? 1 : 0) }
    }

    /// Every directory on the way, the path itself included: `/a`, `/a/b`.
    static func prefixes(_ path: String) -> [String] {
        let utf8 = path.utf8
        var result: [String] = []
        var index = utf8.startIndex
        while index < utf8.endIndex {
            let next = utf8[utf8.index(after: index)...].firstIndex(of: slash) ?? utf8.endIndex
            result.append(String(path[..<next]))
            index = next
        }
        return result
    }
}
