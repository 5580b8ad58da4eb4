import Glibc

/// The fixtures of the repository, found from this file's place in it.
enum Fixtures {
    /// The directory of the configurations.
    static var directory: String {
        let components = #filePath.split(separator: "/").dropLast(4)
        return "/" + components.joined(separator: "/") + "/spec-fixtures/config"
    }

    /// The names of the JSON files in a directory, without their ending, sorted.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json") { names.append(String(name.dropLast(5))) }
        }
        return names.sorted()
    }

    /// The good configurations.
    static var good: [String] { names(in: directory + "/good") }

    /// The bad configurations; those of later checks than decoding are named `validation-`.
    static var bad: [String] {
        names(in: directory + "/bad").filter { !$0.hasPrefix("validation-") }
    }

    /// The contents of a file; empty when it cannot be read.
    static func read(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
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

    /// The contents of a good fixture.
    static func good(_ name: String) -> [UInt8] {
        read(directory + "/good/" + name + ".json")
    }
}
