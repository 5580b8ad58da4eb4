import CKernel
import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite("Id mappings")
struct IDMapperTests {
    private let directory = TemporaryDirectory()
    private let wide = [
        IDMapping(containerID: 0, hostID: 100_000, size: 65_536),
        IDMapping(containerID: 65_536, hostID: 1000, size: 1),
    ]

    private func mapper(
        _ uid: [IDMapping], _ gid: [IDMapping], euid: UInt32 = 0, path: String = ""
    ) -> IDMapper {
        IDMapper(
            uidMappings: uid, gidMappings: gid, euid: euid, egid: euid, searchPath: path)
    }

    /// Runs `body` with a process that waits in a new user namespace.
    private func withProcess<Result>(_ body: (Int32) throws -> Result) throws -> Result {
        var number: Int32 = -1
        let pid = ck_clone_user_namespace(&number)
        if pid < 0 { throw Errno(-pid) }
        let pidfd = Pidfd(owning: number)
        defer {
            try? pidfd.signal(SIGKILL)
            _ = try? pidfd.reap()
        }
        return try body(pid)
    }

    @Test("a map is a line for each range")
    func text() {
        #expect(IDMapper.text(wide) == "0 100000 65536\n65536 1000 1\n")
        #expect(
            IDMapper.text([IDMapping(containerID: 0, hostID: .max, size: .max)])
                == "0 4294967295 4294967295\n")
    }

    @Test("a privileged runtime writes both maps", .enabled(if: geteuid() == 0))
    func privileged() throws {
        let procFS = try ProcFS.open()
        try withProcess { pid in
            try mapper(wide, wide).write(for: pid, procFS)
            for file in ["uid_map", "gid_map"] {
                let words = try procFS.read(pid, file).split { $0 == " " || $0 == "\n" }
                #expect(words == ["0", "100000", "65536", "65536", "1000", "1"])
            }
            #expect(try procFS.read(pid, "setgroups") == "allow\n")
        }
    }

    @Test("a map that the kernel refuses names its place", arguments: [true, false])
    func refused(isUID: Bool) throws {
        let procFS = try ProcFS.open()
        let bad = [IDMapping(containerID: 0, hostID: 0, size: 0)]
        let own = [IDMapping(containerID: 0, hostID: geteuid(), size: 1)]
        let error = try withProcess { pid in
            #expect(throws: RuntimeError.self) {
                try mapper(isUID ? bad : own, bad).write(for: pid, procFS)
            }
        }
        #expect(error?.location == (isUID ? "linux/uidMappings" : "linux/gidMappings"))
        #expect(error?.underlying?.errno == .invalid)
    }

    @Test("an ordinary user's own id needs no program, and denies setgroups first")
    func own() throws {
        let procFS = try ProcFS.open()
        let own = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
        let mapper = mapper(own, own, euid: 1000)
        #expect(mapper.deniesSetgroups)
        #expect(!self.mapper(own, wide, euid: 1000).deniesSetgroups)
        #expect(!self.mapper(own, own, euid: 0).deniesSetgroups)
        let calls = try withProcess { pid in
            try SyscallRecorder.record { recorder in
                // Only root may write this map for another; what was denied stays denied.
                if geteuid() == 0 { try mapper.write(for: pid, procFS) }
                return recorder.calls
            }
        }
        if geteuid() == 0 { #expect(calls.filter { $0 == "write" }.count == 3) }
    }

    @Test("wider maps of an ordinary user go through the set-user-ID programs")
    func programs() throws {
        let procFS = try ProcFS.open()
        for name in ["newuidmap", "newgidmap"] {
            try script(name, "echo \"$0 $*\" >> \(directory.path)/calls")
        }
        let path = "relative:/nowhere:\(directory.path)"
        try mapper(wide, wide, euid: 1000, path: path).write(for: 77, procFS)
        let expected = "77 0 100000 65536 65536 1000 1\n"
        #expect(
            try Files.readText("\(directory.path)/calls")
                == "\(directory.path)/newuidmap \(expected)\(directory.path)/newgidmap \(expected)")
    }

    @Test("a program that fails says why, one that is missing is named")
    func programFails() throws {
        let procFS = try ProcFS.open()
        let missing = #expect(throws: RuntimeError.self) {
            try mapper(wide, wide, euid: 1000, path: directory.path).write(for: 77, procFS)
        }
        #expect(missing?.location == "linux/uidMappings")
        #expect(missing?.message.contains("newuidmap") == true)
        try script("newuidmap", "exit 0")
        try script("newgidmap", "echo 'range not allowed' >&2; exit 1")
        let refused = #expect(throws: RuntimeError.self) {
            try mapper(wide, wide, euid: 1000, path: directory.path).write(for: 77, procFS)
        }
        #expect(
            refused?.description
                == "linux/gidMappings: newgidmap exited with status 1: range not allowed")
    }

    private func script(_ name: String, _ body: String) throws {
        let file = try FileDescriptor.open(
            "\(directory.path)/\(name)", O_CREAT | O_WRONLY, mode: 0o755)
        try file.writeAll(Array("#!/bin/sh\n\(body)\n".utf8))
    }
}
