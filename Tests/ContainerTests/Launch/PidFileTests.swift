import Glibc
import Kernel
import Testing

@testable import Container

@Suite("Pid file")
struct PidFileTests {
    private let directory = TemporaryDirectory()

    @Test("the number stands alone, and replaces what was there")
    func writes() throws {
        let path = "\(directory.path)/pid"
        try PidFile.write(path, 4711)
        try PidFile.write(path, 12)
        #expect(try Files.readText(path) == "12")
        #expect(try Files.list(directory.path) == ["pid"])
    }

    @Test("a path without directory is in the working directory")
    func relative() throws {
        let name = "apus-test-pid-\(getpid())"
        try PidFile.write(name, 1)
        #expect(try Files.readText(name) == "1")
        try Files.remove(name)
    }

    @Test("a path that names no file is refused", arguments: ["", "/", "a/", "..", "/tmp/."])
    func noName(path: String) {
        let error = #expect(throws: RuntimeError.self) { try PidFile.write(path, 1) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a missing directory and another writer's temporary file are errors")
    func fails() throws {
        let error = #expect(throws: RuntimeError.self) { try PidFile.write("/nowhere/pid", 1) }
        #expect(error?.location == "--pid-file")
        #expect(error?.underlying?.errno == .noEntry)
        let temporary = "\(directory.path)/.pid"
        #expect(symlink("/etc/passwd", temporary) == 0)
        let second = #expect(throws: RuntimeError.self) {
            try PidFile.write("\(directory.path)/pid", 1)
        }
        #expect(second?.underlying?.errno == .exists)
        #expect(try Files.list(directory.path) == [".pid"])
    }

    @Test("a failed rename leaves nothing")
    func rename() throws {
        try Files.makeDirectory("\(directory.path)/pid", mode: 0o755)
        #expect(throws: RuntimeError.self) { try PidFile.write("\(directory.path)/pid", 1) }
        #expect(try Files.list(directory.path) == ["pid"])
    }
}
