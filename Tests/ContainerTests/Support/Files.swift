import Glibc

/// The files of the repository, found from this file's place in it.
enum Repository {
    /// The top of the repository.
    static var directory: String {
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    }

    /// A path below the top.
    static func path(_ relative: String) -> String { directory + "/" + relative }

    /// The names in a directory that have an ending, without it, sorted.
    static func names(in relative: String, ending: String) -> [String] {
        guard let stream = opendir(path(relative)) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(ending) { names.append(String(name.dropLast(ending.count))) }
        }
        return names.sorted()
    }

    /// The contents of a file, or nil when it cannot be read.
    static func read(_ relative: String) -> [UInt8]? {
        let descriptor = open(path(relative), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                count = max(Glibc.read(descriptor, buffer.baseAddress, buffer.count), 0)
            }
            if chunk.isEmpty { return contents }
            contents += chunk
        }
    }

    /// The contents of a text file, or nil when it cannot be read.
    static func text(_ relative: String) -> String? {
        read(relative).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Replaces a text file.
    ///
    /// Returns false when it cannot be written.
    static func write(_ relative: String, _ text: String) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = open(path(relative), flags, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count <= 0 { return false }
            written += count
        }
        return true
    }
}
