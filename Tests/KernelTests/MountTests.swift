import Glibc
import Testing

@testable import Kernel

@Suite("Private procfs")
struct ProcFSTests {
    @Test("a file of a process is read and written")
    func writes() throws {
        let procFS = try ProcFS.open()
        let isPrivate = procFS.isPrivate
        #expect(!isPrivate)
        try procFS.write(getpid(), "comm", "swift")
        let text = try procFS.read(getpid(), "comm")
        #expect(text == "swift\n")
        let namespace = try procFS.openNamespace(getpid(), "mnt")
        let shown = try Files.status(of: namespace).st_ino
        let expected = try Files.status("/proc/self/ns/mnt").st_ino
        #expect(shown == expected)
    }

    @Test("an error names the file")
    func fails() throws {
        let procFS = try ProcFS.open()
        let error = #expect(throws: SystemError.self) { try procFS.write(getpid(), "nope", "1") }
        #expect(error == SystemError("openat2", "/proc/\(getpid())/nope", .noEntry))
        let value = #expect(throws: SystemError.self) {
            try procFS.write(getpid(), "oom_score_adj", "5000")
        }
        #expect(value?.errno == .invalid)
        #expect(throws: SystemError.self) { _ = try procFS.openNamespace(getpid(), "fnord") }
    }

    @Test(
        "links are not followed out of a process's directory",
        arguments: ["root/etc", "cwd", "exe"])
    func links(path: String) throws {
        let procFS = try ProcFS.open()
        #expect(throws: SystemError.self) { _ = try procFS.open(getpid(), path, O_PATH) }
    }

    @Test(
        "a directory that is no procfs is refused", arguments: ["/", "/tmp", "/sys", "/proc/self"])
    func impostor(path: String) {
        #expect(throws: SystemError.self) { _ = try ProcFS.openMounted(path) }
    }

    @Test("a private mount does the same where openat2 is missing", .enabled(if: isRoot))
    func detached() throws {
        try SyscallRecorder.record { recorder in
            recorder.force("openat2", .noSystemCall)
            let procFS = try ProcFS.open()
            let isPrivate = procFS.isPrivate
            #expect(isPrivate)
            let text = try procFS.read(getpid(), "stat")
            #expect(text.hasPrefix("\(getpid()) ("))
        }
    }

    @Test("without any way the first failure is reported")
    func nothing() {
        SyscallRecorder.record { recorder in
            recorder.force("openat2", .noSystemCall)
            recorder.force("fsopen", .notPermitted)
            let error = #expect(throws: SystemError.self) { _ = try ProcFS.open() }
            #expect(error?.errno == .noSystemCall)
        }
    }
}

@Suite("Mount trees", .enabled(if: isRoot))
struct MountTreeTests {
    @Test("a copy shows the directory and has attributes of its own")
    func clones() throws {
        let directory = TemporaryDirectory()
        try Files.makeDirectory("\(directory.path)/sub", mode: 0o755)
        let tree = try MountTree.clone(directory.path, recursive: false)
        let inode = try tree.status().st_ino
        let expected = try Files.status(directory.path).st_ino
        #expect(inode == expected)
        try tree.setAttributes(
            set: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, propagation: MS_PRIVATE, recursive: true)
        let number = tree.rawValue
        #expect(throws: Errno.readOnly) { try Files.makeDirectory(at: number, "new", mode: 0o755) }
        try Files.makeDirectory("\(directory.path)/new", mode: 0o755)
    }

    @Test("a missing source and a link that must not be followed are errors")
    func missing() throws {
        #expect(throws: Errno.noEntry) { _ = try MountTree.clone("/nowhere", recursive: true) }
        #expect(throws: Errno.invalid) {
            let tree = try MountTree.clone("/proc/self/exe", recursive: false, followLink: true)
            try tree.setAttributes(set: 1 << 40)
        }
    }

    @Test("owners of a mapped copy are those of the user namespace")
    func maps() throws {
        let directory = TemporaryDirectory()
        let procFS = try ProcFS.open()
        let namespace = try UserNamespace.create(
            uidMap: "0 100000 65536\n", gidMap: "0 100000 65536\n", procFS: procFS)
        let tree = try MountTree.clone(directory.path, recursive: false)
        try tree.mapIDs(namespace)
        let owner = try tree.status().st_uid
        #expect(owner == 100_000)
        let again = Result { try tree.mapIDs(namespace) }
        #expect(throws: Errno.notPermitted) { try again.get() }
    }

    @Test("a map that the kernel refuses leaves no process behind")
    func badMap() throws {
        let procFS = try ProcFS.open()
        let error = #expect(throws: SystemError.self) {
            _ = try UserNamespace.create(uidMap: "0 0\n", gidMap: "0 0 1\n", procFS: procFS)
        }
        #expect(error?.call == "write")
        #expect(error?.errno == .invalid)
    }
}

@Suite("Sealed program")
struct SealedExecutableTests {
    @Test("an overlay or a copy has the program's contents and starts", arguments: [true, false])
    func runs(usesOverlay: Bool) throws {
        if usesOverlay && !isRoot { return }
        let sealed = try make(of: "/bin/true", usesOverlay: usesOverlay)
        let kind = sealed.kind
        #expect(kind == (usesOverlay ? .overlay : .memfd))
        var request = SpawnRequest(
            path: "", arguments: ["true"], environment: [], descriptors: [0, 1, 2])
        request.executable = sealed.file.rawValue
        let child = try request.spawn()
        let status = try child.pidfd.reap()
        #expect(status == .exited(0))
    }

    @Test("nobody can write the running program by way of /proc", arguments: [true, false])
    func attack(usesOverlay: Bool) throws {
        if usesOverlay && !isRoot { return }
        let directory = TemporaryDirectory()
        let program = "\(directory.path)/program"
        let copy = try spawnShell("cp /bin/sleep \(program)")
        _ = try copy.pidfd.reap()
        let sealed = try make(of: program, usesOverlay: usesOverlay)
        var request = SpawnRequest(
            path: "", arguments: ["program", "60"], environment: [], descriptors: [0, 1, 2])
        request.executable = sealed.file.rawValue
        let child = try request.spawn()
        let victim = "/proc/\(child.pid)/exe"
        // The attacker opens the program as a place while it runs, and writes it once it is gone.
        let place = try FileDescriptor.open(victim, O_PATH)
        #expect(throws: Errno.self) { _ = try FileDescriptor.open(victim, O_WRONLY) }
        #expect(throws: Errno.self) { _ = try FileDescriptor.open(victim, O_RDWR | O_TRUNC) }
        try child.pidfd.signal(SIGKILL)
        _ = try child.pidfd.reap()
        let again = "/proc/self/fd/\(place.rawValue)"
        for flags in [O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC] {
            // A memfd may be opened; its seals refuse the rest.
            let error = #expect(throws: Errno.self) {
                try FileDescriptor.open(again, flags).writeAll([0])
            }
            #expect(error == .readOnly || error == .notPermitted)
        }
        #expect(truncate(again, 0) == -1)
        let same = try FileDescriptor.open(program, O_RDONLY).readAll() == contents("/bin/sleep")
        #expect(same)
    }

    @Test("the overlay stays read-only whatever is done to its mount", .enabled(if: isRoot))
    func remount() throws {
        let directory = TemporaryDirectory()
        let program = "\(directory.path)/program"
        let copy = try spawnShell("cp /bin/true \(program)")
        _ = try copy.pidfd.reap()
        let original = try SealedExecutable.open(program)
        let mount = try SealedExecutable.makeOverlay(program, original).takeMount()
        let tree = MountTree(owning: try #require(mount))
        try tree.setAttributes(clear: MOUNT_ATTR_RDONLY)
        let number = tree.rawValue
        #expect(throws: Errno.readOnly) {
            _ = try FileDescriptor.open(at: number, "program", O_WRONLY)
        }
        #expect(throws: Errno.readOnly) { try Files.remove(at: number, "program") }
        #expect(throws: Errno.readOnly) { try Files.makeDirectory(at: number, "x", mode: 0o755) }
    }

    @Test("a sealed program is used as it is, a replaced one is copied")
    func variants() throws {
        let copy = try SealedExecutable.makeCopy(try SealedExecutable.open("/bin/true"))
        let number = copy.file.rawValue
        let again = try SealedExecutable.make(of: "/proc/self/fd/\(number)")
        let kind = again.kind
        #expect(kind == .original)

        let directory = TemporaryDirectory()
        let program = "\(directory.path)/program"
        _ = try spawnShell("cp /bin/sleep \(program)").pidfd.reap()
        let child = try SpawnRequest(
            path: program, arguments: ["program", "60"], environment: [], descriptors: [0, 1, 2]
        ).spawn()
        try Files.remove(program)
        let replaced = try SealedExecutable.make(of: "/proc/\(child.pid)/exe")
        let kindOfReplaced = replaced.kind
        #expect(kindOfReplaced == .memfd)
        try child.pidfd.signal(SIGKILL)
        _ = try child.pidfd.reap()
    }

    @Test("a file swapped between the two looks is not executed", .enabled(if: isRoot))
    func swapped() throws {
        let directory = TemporaryDirectory()
        let program = "\(directory.path)/program"
        _ = try spawnShell("cp /bin/true \(program); cp /bin/true \(program).2").pidfd.reap()
        let original = try SealedExecutable.open(program)
        _ = try spawnShell("mv \(program).2 \(program)").pidfd.reap()
        #expect(throws: Errno(ESTALE)) {
            _ = try SealedExecutable.makeOverlay(program, original)
        }
    }

    @Test("a missing program is an error")
    func missing() {
        #expect(throws: SystemError("openat", "/nowhere/x", .noEntry)) {
            _ = try SealedExecutable.make(of: "/nowhere/x")
        }
    }

    private func make(of path: String, usesOverlay: Bool) throws -> SealedExecutable {
        if usesOverlay { return try SealedExecutable.make(of: path) }
        return try SyscallRecorder.record { recorder in
            recorder.force("fsopen", .notPermitted)
            return Box(try SealedExecutable.make(of: path))
        }.take()
    }

    private func contents(_ path: String) throws -> [UInt8] {
        try FileDescriptor.open(path, O_RDONLY).readAll()
    }
}

/// Carries a value that cannot be copied through a generic function.
private final class Box {
    private var value: SealedExecutable?

    init(_ value: consuming SealedExecutable) {
        self.value = consume value
    }

    func take() throws -> SealedExecutable {
        guard let value = value.take() else { throw Errno.invalid }
        return value
    }
}
