import Glibc
import Kernel
import Testing

/// A directory of a test's own, removed with everything in it.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-cli-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit {
        for name in (try? Files.list(path)) ?? [] { try? Files.remove("\(path)/\(name)") }
        try? Files.removeDirectory(path)
    }

    func text(_ name: String) throws -> String {
        try Files.readText("\(path)/\(name)")
    }

    /// A descriptor of a new file.
    func file(_ name: String) throws -> FileDescriptor {
        try FileDescriptor.open("\(path)/\(name)", O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    }

    func write(_ name: String, _ text: String) throws {
        try file(name).writeAll(Array(text.utf8))
    }
}
