/// Lexical operations on paths.
///
/// They never look at the file system: what a path means below a container's root is decided by the
/// init stage's resolver.
///
/// A path is bytes: a combining mark behind a slash makes no other character of the slash, so
/// everything here looks at UTF-8.
package enum PathText {
    private static let slash = UInt8(ascii: "/")

    /// Makes a path absolute below `/` and removes empty, `.` and `..` components: `a//b/../c`
    /// becomes `/a/c`.
    ///
    /// `..` at the top stays at the top.
    package static func normalize(_ path: String) -> String {
        var parts: [Substring.UTF8View] = []
        for part in path.utf8.split(separator: slash) {
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
        if isAbsolute(path) { return path }
        return base == "/" ? "/" + path : base + "/" + path
    }

    /// Whether a path starts with `/`.
    package static func isAbsolute(_ path: String) -> Bool {
        path.utf8.first == slash
    }

    /// Whether a normalized path lies below a normalized directory other than `/`.
    package static func isBelow(_ path: String, _ directory: String) -> Bool {
        path.utf8.starts(with: directory.utf8)
            && path.utf8.dropFirst(directory.utf8.count).first == slash
    }

    /// Whether a relative path, read as text, leads out of where it begins.
    package static func climbs(_ path: String) -> Bool {
        var depth = 0
        for name in path.utf8.split(separator: slash) where !name.elementsEqual(".".utf8) {
            depth += name.elementsEqual("..".utf8) ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    /// The places where a path enters a directory other than `/`, from the top: the path to that, and
    /// what follows.
    ///
    /// A directory that `..` leaves again at once is none that it enters. Of one that it leaves later
    /// what follows climbs (`climbs`).
    package static func cuts(_ path: String) -> [(head: String, rest: String)] {
        var cuts: [(head: String, rest: String)] = []
        let bytes = path.utf8
        var end = bytes.startIndex
        while let start = bytes[end...].firstIndex(where: { $0 != slash }) {
            end = bytes[start...].firstIndex(of: slash) ?? bytes.endIndex
            let rest = bytes[end...].split(separator: slash)
                .drop { $0.elementsEqual(".".utf8) }
            guard let next = rest.first else { break }
            let name = bytes[start..<end]
            if name.elementsEqual(".".utf8) || next.elementsEqual("..".utf8) { continue }
            cuts.append((head: String(path[..<end]), rest: String(path[next.startIndex...])))
        }
        return cuts
    }

    /// A normalized path without its leading `/`, as the init stage's in-root operands want it; the
    /// root itself is `.`.
    package static func inRoot(_ path: String) -> String {
        let relative = normalize(path).utf8.dropFirst()
        return relative.isEmpty ? "." : String(Substring(relative))
    }

    /// A key as one token of a JSON pointer (RFC 6901): `net/core` becomes `net~1core`.
    package static func pointerToken(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == slash || $0 == UInt8(ascii: "~") }) else {
            return key
        }
        var token = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}
