/// Lexical operations on paths. They never look at the file system: what a path means below a
/// container's root is decided by the init stage's resolver.
package enum PathText {
    /// Makes a path absolute below `/` and removes empty, `.` and `..` components:
    /// `a//b/../c` becomes `/a/c`. `..` at the top stays at the top.
    package static func normalize(_ path: String) -> String {
        // By bytes: characters would cost a table look-up each, and a path is bytes to the kernel.
        var parts: [Substring.UTF8View] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        if parts.isEmpty { return "/" }
        var result = ""
        result.reserveCapacity(path.utf8.count + 1)
        for part in parts {
            result += "/"
            // `+=` would be generic code that searches the conformances of the whole program.
            result.append(contentsOf: Substring(part))
        }
        return result
    }

    /// A path made absolute with a base directory, otherwise left as it is.
    package static func absolute(_ path: String, from base: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        return base == "/" ? "/" + path : base + "/" + path
    }

    /// Whether a path starts with `/`.
    package static func isAbsolute(_ path: String) -> Bool {
        path.utf8.first == UInt8(ascii: "/")
    }

    /// A normalized path without its leading `/`, as the init stage's in-root operands want it; the
    /// root itself is `.`.
    package static func inRoot(_ path: String) -> String {
        let relative = normalize(path).dropFirst()
        return relative.isEmpty ? "." : String(relative)
    }
}
