import Container
import Glibc
import Kernel
import OCISpec
import Testing

/// A state root of one test.
private final class Root: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/apus-cache-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    deinit {
        for name in names { unlink(directory + "/" + name) }
        unlink(directory)
        rmdir(directory)
        rmdir(path)
    }

    var directory: String { path + "/" + SeccompCache.directoryName }
    var cache: SeccompCache { SeccompCache(root: path) }
    var names: [String] { ((try? Files.list(directory)) ?? []).sorted() }

    /// Writes a file of the cache.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = directory + "/" + name
        unlink(path)
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600).writeAll(bytes)
    }
}

private let filter = SeccompFilter(code: [6, 0, 0, 0, 0, 0, 0xff, 0x7f, 6, 0, 0, 0, 1, 0, 5, 0])

private let seccomp = Seccomp(
    defaultAction: .errno, architectures: [.x86],
    syscalls: [
        SyscallRule(
            names: ["read", "write"], action: .allow,
            args: [SyscallArg(index: 1, value: 2, valueTwo: 3, op: .maskedEqual)])
    ])

private let key = SeccompCacheKey(profile(seccomp))

@Suite("The key of a cached filter")
struct SeccompCacheKeyTests {
    /// Profiles that differ from `seccomp` in one thing each.
    private static let variants: [Seccomp] = {
        let rule = SyscallRule(names: ["read", "write"], action: .allow)
        let arguments = [
            SyscallArg(index: 0, value: 2, valueTwo: 3, op: .maskedEqual),
            SyscallArg(index: 1, value: 9, valueTwo: 3, op: .maskedEqual),
            SyscallArg(index: 1, value: 2, valueTwo: 9, op: .maskedEqual),
            SyscallArg(index: 1, value: 2, valueTwo: 3, op: .equal),
        ]
        var variants = arguments.map { argument in
            var other = seccomp
            other.syscalls?[0].args = [argument]
            return other
        }
        let edits: [(inout Seccomp) -> Void] = [
            { $0.defaultAction = .kill }, { $0.defaultErrnoRet = 2 }, { $0.architectures = nil },
            { $0.architectures = [.arm] }, { $0.syscalls = [rule] },
            { $0.syscalls?[0].action = .log }, { $0.syscalls?[0].names = ["read"] },
            { $0.syscalls?[0].names = ["write", "read"] },
            { $0.syscalls?[0].names = ["readwrite"] }, { $0.syscalls = [] },
            { $0.syscalls?.append(rule) },
        ]
        for edit in edits {
            var other = seccomp
            edit(&other)
            variants.append(other)
        }
        return variants
    }()

    @Test("differs with everything that the filter depends on")
    func differs() {
        var keys = [key]
        for variant in Self.variants {
            let other = SeccompCacheKey(profile(variant))
            #expect(!keys.contains { $0.bytes == other.bytes })
            #expect(!keys.contains { $0.fileName == other.fileName })
            keys.append(other)
        }
        #expect(keys.count == 16)
    }

    @Test("differs with the library and the machine")
    func machine() {
        let made = profile(seccomp)
        let one = SeccompCacheKey(made, library: "2.5.4", native: Audit.x86_64)
        #expect(one != SeccompCacheKey(made, library: "2.5.5", native: Audit.x86_64))
        #expect(one != SeccompCacheKey(made, library: "2.5.4", native: Audit.aarch64))
        #expect(one == SeccompCacheKey(made, library: "2.5.4", native: Audit.x86_64))
    }

    @Test("is the same for what the filter does not depend on")
    func same() {
        var other = seccomp
        other.flags = [.log]
        other.listenerPath = "/sock"
        // EPERM is what an errno is without a number.
        other.defaultErrnoRet = 1
        #expect(SeccompCacheKey(profile(other)) == key)
    }

    @Test("names a file by sixteen digits")
    func name() {
        #expect(key.fileName.count == 16)
        #expect(!key.fileName.contains { !$0.isHexDigit })
    }
}

@Suite("A file of the cache")
struct SeccompCacheEntryTests {
    private let bytes = SeccompCacheEntry.bytes(filter, for: key)

    @Test("gives back what was put in")
    func whole() {
        #expect(SeccompCacheEntry.filter(in: bytes, for: key) == filter)
    }

    @Test("is refused with any bit flipped")
    func flipped() {
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                #expect(SeccompCacheEntry.filter(in: damaged, for: key) == nil)
            }
        }
    }

    @Test("is refused at any other length")
    func length() {
        for length in 0..<bytes.count {
            #expect(SeccompCacheEntry.filter(in: Array(bytes[..<length]), for: key) == nil)
        }
        for more in [1, 8, 4096] {
            let longer = bytes + [UInt8](repeating: 0, count: more)
            #expect(SeccompCacheEntry.filter(in: longer, for: key) == nil)
        }
    }

    @Test("is refused for another profile")
    func other() {
        var edited = seccomp
        edited.defaultAction = .kill
        let other = SeccompCacheKey(profile(edited))
        #expect(other.bytes.count == key.bytes.count)
        #expect(SeccompCacheEntry.filter(in: bytes, for: other) == nil)
    }

    @Test("holds no filter that the kernel would not take")
    func sizes() {
        for size in [0, 4, 12, (SeccompFilter.limit + 1) * 8] {
            let odd = SeccompFilter(code: [UInt8](repeating: 0, count: size))
            let bytes = SeccompCacheEntry.bytes(odd, for: key)
            #expect(SeccompCacheEntry.filter(in: bytes, for: key) == nil)
        }
    }
}

@Suite("The cache of filters")
struct SeccompCacheTests {
    private let root = Root()

    @Test("keeps a filter for its user alone")
    func keeps() throws {
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key) == nil)
        #expect(root.cache.filter(for: key) == filter)
        #expect(root.names == [key.fileName])
        #expect(try Files.status(root.directory).st_mode & 0o7777 == 0o700)
        #expect(try Files.status(root.directory + "/" + key.fileName).st_mode & 0o7777 == 0o600)
        #expect(SeccompCache(beside: root.path + "/box").filter(for: key) == filter)
    }

    @Test("replaces what it cannot use")
    func replaces() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        try root.write(key.fileName, [1, 2, 3])
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key) == nil)
        #expect(root.cache.filter(for: key) == filter)
    }

    @Test("uses no file that others can read or write", arguments: [0o640, 0o604, 0o620, 0o602])
    func fileMode(_ mode: mode_t) throws {
        #expect(root.cache.store(filter, for: key) == nil)
        chmod(root.directory + "/" + key.fileName, mode)
        #expect(root.cache.filter(for: key) == nil)
    }

    @Test("uses no directory that others can enter", arguments: [0o755, 0o701, 0o770])
    func directoryMode(_ mode: mode_t) throws {
        #expect(root.cache.store(filter, for: key) == nil)
        chmod(root.directory, mode)
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key)?.contains("EACCES") == true)
    }

    @Test("uses no link")
    func links() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        let path = root.directory + "/" + key.fileName
        #expect(link(path, root.directory + "/second") == 0)
        #expect(root.cache.filter(for: key) == nil)
        unlink(path)
        #expect(symlink("second", path) == 0)
        #expect(root.cache.filter(for: key) == nil)
        // Storing replaces the link and leaves alone what it leads to.
        #expect(root.cache.store(filter, for: key) == nil)
        #expect(root.cache.filter(for: key) == filter)
        #expect(root.names.contains("second"))
    }

    @Test("uses no link in place of its directory")
    func linkedDirectory() throws {
        let other = Root()
        #expect(other.cache.store(filter, for: key) == nil)
        #expect(symlink(other.directory, root.directory) == 0)
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key) != nil)
    }

    @Test("waits for nobody", .timeLimit(.minutes(1)))
    func fifo() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        let path = root.directory + "/" + key.fileName
        unlink(path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(root.cache.filter(for: key) == nil)
    }

    @Test("a file of somebody else is not used", .enabled(if: geteuid() == 0))
    func owner() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        chown(root.directory + "/" + key.fileName, 1000, 0)
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key) == nil)
        #expect(root.cache.filter(for: key) == filter)
        chown(root.directory, 1000, 0)
        #expect(root.cache.filter(for: key) == nil)
        #expect(root.cache.store(filter, for: key) != nil)
    }

    @Test("does without a state root")
    func noRoot() {
        let cache = SeccompCache(root: root.path + "/none")
        #expect(cache.filter(for: key) == nil)
        #expect(cache.store(filter, for: key)?.contains("ENOENT") == true)
    }

    @Test("keeps no more than its limit, and the youngest")
    func bounded() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        for number in 0..<40 {
            let name = "old\(number)"
            try root.write(name, [0])
            var times = [
                timeval(tv_sec: 1000 + number, tv_usec: 0),
                timeval(tv_sec: 1000 + number, tv_usec: 0),
            ]
            utimes(root.directory + "/" + name, &times)
        }
        var edited = seccomp
        edited.defaultAction = .kill
        let other = SeccompCacheKey(profile(edited))
        #expect(root.cache.store(filter, for: other) == nil)
        #expect(root.names.count == SeccompCache.entryLimit)
        #expect(root.cache.filter(for: key) == filter)
        #expect(root.cache.filter(for: other) == filter)
        #expect(!root.names.contains("old9"))
        #expect(root.names.contains("old10"))
    }

    @Test("keeps nothing that is too large")
    func tooLarge() {
        var edited = seccomp
        edited.syscalls?[0].names = [String(repeating: "x", count: SeccompCache.sizeLimit)]
        let large = SeccompCacheKey(profile(edited))
        #expect(root.cache.store(filter, for: large) == "the profile is too large to be cached")
        #expect(root.names == [])
    }

    @Test("a rest of a killed process is in nobody's way")
    func rest() throws {
        #expect(root.cache.store(filter, for: key) == nil)
        try root.write("new-\(getpid())", [0])
        #expect(root.cache.store(filter, for: key) == nil)
        #expect(root.names == [key.fileName])
    }

    @Test("the loader compiles once and then reads")
    func loader() throws {
        var edited = seccomp
        edited.syscalls?[0].names = ["read", "no_such_call"]
        let made = profile(edited)
        var first = SeccompLoader(root.cache)
        let compiled = try first.prepare(made)
        #expect(first.notes == ["linux/seccomp: unknown system call no_such_call is ignored"])
        #expect(compiled.flags == .specAllow)
        var second = SeccompLoader(root.cache)
        #expect(try second.prepare(made).filter == compiled.filter)
        #expect(second.notes == [])
        // What the file says is what is used: nothing is compiled.
        let key = SeccompCacheKey(made)
        try root.write(key.fileName, SeccompCacheEntry.bytes(filter, for: key))
        #expect(try second.prepare(made).filter == filter)
    }

    @Test("a loader without a cache compiles")
    func uncached() throws {
        var loader = SeccompLoader(SeccompCache(root: root.path + "/none"))
        #expect(try loader.prepare(profile(seccomp)).filter.count > 3)
        #expect(loader.notes.count == 1)
    }
}
