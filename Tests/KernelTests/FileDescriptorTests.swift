import Glibc
import Kernel
import Testing

@Suite("File descriptors")
struct FileDescriptorTests {
    @Test("is closed when it goes out of scope")
    func closes() throws {
        var number: Int32 = -1
        do {
            let file = try FileDescriptor.open("/dev/null", O_RDONLY)
            number = file.rawValue
            #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        }
        let flags = fcntl(number, F_GETFD)
        #expect(flags == -1 || number < 0)
    }

    @Test("reads a whole file and refuses one beyond the limit")
    func readsAll() throws {
        let text = try Files.readText("/proc/self/stat")
        #expect(text.hasSuffix("\n"))
        let file = try FileDescriptor.open("/proc/self/stat", O_RDONLY)
        #expect(throws: Errno.fileTooLarge) { try file.readAll(limit: 4) }
    }

    @Test(
        "beneath refuses to leave its directory", arguments: ["..", "/etc", "self/root", "a/../.."])
    func beneath(path: String) throws {
        let directory = try FileDescriptor.open("/proc", O_PATH | O_DIRECTORY)
        #expect(throws: Errno.self) {
            _ = try FileDescriptor.open(beneath: directory, path, O_PATH)
        }
    }

    @Test("a recorder sees the calls and can force one to fail")
    func recorder() throws {
        let calls = SyscallRecorder.record { recorder in
            recorder.force("mkdirat", .readOnly)
            #expect(throws: Errno.readOnly) { try Files.makeDirectory("/nowhere/x", mode: 0o755) }
            return recorder.calls
        }
        #expect(calls == ["mkdirat"])
    }

    @Test("an error number has its name and a text in lower case")
    func errnoText() {
        #expect(Errno.noEntry.description == "ENOENT: no such file or directory")
        #expect(Errno(9999).name == "E9999")
        let error = SystemError("fsconfig", "size=bad", .invalid)
        #expect(error.description == "EINVAL (fsconfig size=bad): invalid argument")
    }
}
