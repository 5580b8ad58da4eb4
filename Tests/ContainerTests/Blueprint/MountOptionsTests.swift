import Kernel
import Testing

@testable import Container

/// Every mount option of the specification, and what the kernel is asked for.
@Suite struct MountOptionsTests {
    /// An option, and what it alone must lead to.
    struct Row: CustomTestStringConvertible, Sendable {
        var option: String
        var check: @Sendable (inout MountOptions) -> Void

        var testDescription: String { option }

        init(_ option: String, _ check: @escaping @Sendable (inout MountOptions) -> Void) {
            self.option = option
            self.check = check
        }
    }

    private static func sets(_ flag: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.attributes.set = flag }
    }

    private static func clears(_ flag: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.attributes.clear = flag }
    }

    private static func atime(_ mode: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.attributes = MountOptions.Attributes(set: mode, clear: 0x70) }
    }

    private static func setsAll(_ flag: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.recursive.set = flag }
    }

    private static func clearsAll(_ flag: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.recursive.clear = flag }
    }

    private static func atimeOfAll(_ mode: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.recursive = MountOptions.Attributes(set: mode, clear: 0x70) }
    }

    private static func propagates(_ flags: UInt64) -> @Sendable (inout MountOptions) -> Void {
        { $0.propagation = flags }
    }

    private static let nothing: @Sendable (inout MountOptions) -> Void = { _ in }

    /// The numbers are those of `linux/mount.h`, written out here a second time.
    static let must: [Row] = [
        Row("async", nothing), Row("atime", atime(0)), Row("bind") { $0.bind = .single },
        Row("defaults", nothing), Row("dev", clears(0x4)), Row("diratime", clears(0x80)),
        Row("dirsync") { $0.superblock = ["dirsync"] }, Row("exec", clears(0x8)),
        Row("iversion") { $0.legacy = 1 << 23 },
        Row("lazytime") { $0.superblock = ["lazytime"] }, Row("loud", nothing),
        Row("noatime", atime(0x10)), Row("nodev", sets(0x4)), Row("nodiratime", sets(0x80)),
        Row("noexec", sets(0x8)), Row("noiversion", nothing), Row("nolazytime", nothing),
        Row("norelatime", atime(0x20)), Row("nostrictatime", atime(0)), Row("nosuid", sets(0x2)),
        Row("private", propagates(1 << 18)), Row("rbind") { $0.bind = .recursive },
        Row("relatime", atime(0)), Row("remount") { $0.isRemount = true }, Row("ro", sets(0x1)),
        Row("rprivate", propagates(1 << 18 | 16384)), Row("rshared", propagates(1 << 20 | 16384)),
        Row("rslave", propagates(1 << 19 | 16384)),
        Row("runbindable", propagates(1 << 17 | 16384)), Row("rw", clears(0x1)),
        Row("shared", propagates(1 << 20)), Row("silent") { $0.legacy = 32768 },
        Row("slave", propagates(1 << 19)), Row("strictatime", atime(0x20)),
        Row("suid", clears(0x2)), Row("sync") { $0.superblock = ["sync"] },
        Row("unbindable", propagates(1 << 17)),
    ]

    static let should: [Row] = [
        Row("nosymfollow", sets(0x20_0000)), Row("symfollow", clears(0x20_0000)),
        Row("ratime", atimeOfAll(0)), Row("rdev", clearsAll(0x4)),
        Row("rdiratime", clearsAll(0x80)), Row("rexec", clearsAll(0x8)),
        Row("rnoatime", atimeOfAll(0x10)), Row("rnodev", setsAll(0x4)),
        Row("rnodiratime", setsAll(0x80)), Row("rnoexec", setsAll(0x8)),
        Row("rnorelatime", atimeOfAll(0x20)), Row("rnostrictatime", atimeOfAll(0)),
        Row("rnosuid", setsAll(0x2)), Row("rnosymfollow", setsAll(0x20_0000)),
        Row("rrelatime", atimeOfAll(0)), Row("rro", setsAll(0x1)), Row("rrw", clearsAll(0x1)),
        Row("rstrictatime", atimeOfAll(0x20)), Row("rsuid", clearsAll(0x2)),
        Row("rsymfollow", clearsAll(0x20_0000)), Row("idmap") { $0.idmap = .single },
        Row("ridmap") { $0.idmap = .recursive },
    ]

    static let may: [Row] = [
        Row("acl") { $0.legacy = 1 << 16 }, Row("noacl") { $0.refusesACL = true },
        Row("mand") { $0.superblock = ["mand"] }, Row("nomand", nothing),
        Row("tmpcopyup") { $0.copiesUp = true },
    ]

    @Test("an option of the table is what the kernel calls it", arguments: must + should + may)
    func table(_ row: Row) {
        var expected = MountOptions([])
        row.check(&expected)
        #expect(MountOptions([row.option]) == expected)
        #expect(MountOptions([row.option]).data == [])
    }

    @Test("the table is complete")
    func complete() {
        #expect(Self.must.count == 37)
        #expect(Self.should.count == 22)
        #expect(Self.may.count == 5)
        #expect(Set((Self.must + Self.should + Self.may).map(\.option)).count == 64)
    }

    @Test(
        "what is not in the table is data, in its order",
        arguments: [
            ["mode=755"], ["size=64k", "mode=755"], ["lowerdir=/a:/b", "index=off"], ["ro=1"],
            ["RO"], [" ro"], ["rro=recursive"], ["users"], ["gid=5", "newinstance"], [" "],
        ])
    func data(options: [String]) {
        var expected = MountOptions([])
        expected.data = options
        #expect(MountOptions(options) == expected)
    }

    @Test("empty options say nothing")
    func empty() {
        #expect(MountOptions(["", "ro", ""]) == MountOptions(["ro"]))
    }

    // MARK: - Together

    @Test(
        "the last of two opposites counts",
        arguments: [
            (["ro", "rw"], "rw"), (["rw", "ro"], "ro"), (["nosuid", "suid"], "suid"),
            (["dev", "nodev"], "nodev"), (["noexec", "exec", "noexec"], "noexec"),
            (["nodiratime", "diratime"], "diratime"),
            (["symfollow", "nosymfollow"], "nosymfollow"),
            (["noatime", "relatime"], "relatime"), (["relatime", "noatime"], "noatime"),
            (["noatime", "strictatime"], "strictatime"), (["strictatime", "noatime"], "noatime"),
            (["noatime", "atime"], "atime"), (["strictatime", "nostrictatime"], "nostrictatime"),
            (["relatime", "norelatime"], "norelatime"), (["norelatime", "relatime"], "relatime"),
            (["rro", "rrw"], "rrw"), (["rrw", "rro"], "rro"),
            (["rnoatime", "rrelatime"], "rrelatime"),
            (["rnoatime", "ratime"], "ratime"), (["rnosuid", "rsuid"], "rsuid"),
            (["private", "rshared"], "rshared"), (["rshared", "slave"], "slave"),
            (["sync", "async"], "async"), (["async", "sync"], "sync"),
            (["lazytime", "nolazytime"], "nolazytime"), (["mand", "nomand"], "nomand"),
            (["iversion", "noiversion"], "noiversion"), (["silent", "loud"], "loud"),
            (["bind", "rbind"], "rbind"), (["rbind", "bind"], "rbind"),
            (["idmap", "ridmap"], "ridmap"),
        ] as [([String], String)])
    func opposites(options: [String], same: String) {
        #expect(MountOptions(options) == MountOptions([same]))
    }

    @Test(
        "taking back a mode leaves another one alone",
        arguments: [
            (["noatime", "nostrictatime"], "noatime"), (["noatime", "norelatime"], "noatime"),
            (["strictatime", "atime"], "strictatime"),
            (["strictatime", "norelatime"], "strictatime"),
            (["relatime", "atime"], "relatime"), (["relatime", "nostrictatime"], "relatime"),
            (["rnoatime", "rnostrictatime"], "rnoatime"),
            (["rstrictatime", "ratime"], "rstrictatime"),
        ] as [([String], String)])
    func modes(options: [String], same: String) {
        #expect(MountOptions(options) == MountOptions([same]))
    }

    @Test("the attributes of a mount and of its tree are two things")
    func recursion() {
        let options = MountOptions(["ro", "rrw", "nosuid", "rnodev", "noatime", "rrelatime"])
        #expect(options.attributes == MountOptions.Attributes(set: 0x13, clear: 0x70))
        #expect(options.recursive == MountOptions.Attributes(set: 0x4, clear: 0x71))
    }

    @Test("read-only is what comes out of both, and writable only what is said to be")
    func readOnly() {
        let cases: [([String], isReadOnly: Bool, isWritable: Bool)] = [
            ([], false, false), (["ro"], true, false), (["rro"], true, false),
            (["rw"], false, true), (["ro", "rrw"], false, true), (["rw", "rro"], true, false),
            (["ro", "rw"], false, true), (["nosuid", "rnoexec"], false, false),
        ]
        for (options, isReadOnly, isWritable) in cases {
            #expect(MountOptions(options).isReadOnly == isReadOnly, "\(options)")
            #expect(MountOptions(options).isWritable == isWritable, "\(options)")
        }
    }

    @Test("options of all sorts are sorted")
    func sorted() {
        let options = MountOptions([
            "rbind", "nosuid", "noexec", "size=1k", "rslave", "sync", "silent", "tmpcopyup", "x",
        ])
        #expect(options.bind == .recursive)
        #expect(options.attributes == MountOptions.Attributes(set: 0xa))
        #expect(options.propagation == 1 << 19 | 16384)
        #expect(options.superblock == ["sync"])
        #expect(options.legacy == 32768)
        #expect(options.copiesUp)
        #expect(options.data == ["size=1k", "x"])
    }

    // MARK: - mount(2)

    @Test(
        "the flags of mount(2)",
        arguments: [
            ([], 0), (["ro"], 1), (["nosuid"], 2), (["nodev"], 4), (["noexec"], 8), (["sync"], 16),
            (["remount"], 32), (["mand"], 64), (["dirsync"], 128), (["nosymfollow"], 256),
            (["noatime"], 1024), (["nodiratime"], 2048), (["bind", "remount"], 4096 | 32),
            (["silent"], 32768), (["relatime"], 1 << 21), (["iversion"], 1 << 23),
            (["strictatime"], 1 << 24), (["lazytime"], 1 << 25), (["rw", "suid", "dev"], 0),
            (["remount", "ro", "nosuid", "atime"], 35 | 1 << 21),
        ] as [([String], UInt64)])
    func legacy(options: [String], flags: UInt64) {
        #expect(MountOptions(options).legacyFlags == flags)
    }
}
