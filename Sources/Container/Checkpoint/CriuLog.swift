import Glibc
internal import Kernel

/// The log that CRIU writes, read for what went wrong.
package enum CriuLog {
    /// How much of the end of a log is read: a log has a line for every page table.
    private static var tailSize: Int { 256 << 10 }

    /// Removes the log of an earlier time, so that it is not taken for the next one.
    static func remove(at directory: Int32, _ name: String) {
        try? Files.remove(at: directory, name)
    }

    /// What the log says about the failure, on one line; empty when it says nothing.
    static func failure(at directory: Int32, _ name: String) -> String {
        guard let file = try? FileDescriptor.open(at: directory, name, O_RDONLY | O_NOFOLLOW),
            let size = try? Files.status(of: file).st_size
        else { return "" }
        let raw = file.rawValue
        if size > tailSize { _ = lseek(raw, size - off_t(tailSize), SEEK_SET) }
        guard let bytes = try? file.readAll(limit: tailSize * 2) else { return "" }
        return failure(in: String(decoding: bytes, as: UTF8.self))
    }

    /// The first errors of a log: what follows from them comes later, and the last line only says
    /// that all has failed.
    package static func failure(in text: String) -> String {
        var errors: [Substring] = []
        for line in text.split(separator: "\n") {
            guard let error = message(of: line) else { continue }
            if error.hasSuffix("FAILED."), !errors.isEmpty { continue }
            errors.append(error)
            if errors.count == 2 { break }
        }
        return errors.joined(separator: "; ")
    }

    /// A line is `(00.012345) 42: Error (criu/file.c:12): text`, with or without a pid.
    private static func message(of line: Substring) -> Substring? {
        var rest = line
        if rest.first == "(", let end = rest.firstIndex(of: ")") {
            rest = rest[rest.index(after: end)...]
        }
        rest = rest.drop { $0 == " " }
        let afterPid = rest.drop { $0.isNumber || $0 == " " }
        if afterPid.first == ":" { rest = afterPid.dropFirst().drop { $0 == " " } }
        return rest.hasPrefix("Error (") ? rest : nil
    }
}
