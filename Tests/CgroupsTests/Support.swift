import Glibc
import Kernel

@testable import Cgroups

/// A directory of the test's own, removed with all in it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-cgroups-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.current }
        path = template.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? Files.list(path)) ?? [] {
            let child = path + "/" + name
            if (try? Files.remove(child)) == nil { remove(child) }
        }
        _ = try? Files.removeDirectory(path)
    }

    /// Makes a file with parents, as a control file that can be written and read.
    func file(_ name: String, _ text: String = "") throws {
        let full = path + "/" + name
        try Files.makeDirectories(CgroupPath.parent(full), mode: 0o755)
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        let file = try FileDescriptor.open(full, flags, mode: 0o644)
        try file.writeAll(Array(text.utf8))
    }

    func directory(_ name: String) throws {
        try Files.makeDirectories(path + "/" + name, mode: 0o755)
    }

    func text(_ name: String) throws -> String {
        try Files.readText(path + "/" + name)
    }

    func exists(_ name: String) -> Bool { Files.exists(path + "/" + name) }
}

/// A write in the short form of the tables: `memory.max=1024 (memory/limit)`, `?` where the file may
/// be missing, `~` where the write may be deferred.
func short(_ write: CgroupWrite) -> String {
    var text = write.controller.isEmpty ? "" : write.controller + ": "
    text += "\(write.file)=\(write.value)"
    if write.options.contains(.mayBeMissing) { text += "?" }
    if write.options.contains(.deferrable) { text += "~" }
    if let fallback = write.fallback { text += " or \(fallback.file)=\(fallback.value)" }
    let prefix = "linux/resources/"
    let place = write.property.hasPrefix(prefix) ? write.property.dropFirst(prefix.count) : "?"
    return text + " (\(place))"
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension CgroupResources {
    /// Limits made by a closure, for tables.
    static func with(_ change: (inout CgroupResources) -> Void) -> CgroupResources {
        var resources = CgroupResources()
        change(&resources)
        return resources
    }
}
