import Glibc
import OCISpec
import Testing

@testable import Container

@Suite struct DeviceBlueprintTests {
    private static func all(
        _ devices: [Device], _ mounts: [Mount] = []
    ) -> (nodes: [DeviceBlueprint], findings: Findings) {
        var diagnostics = Diagnostics()
        let blueprints = mounts.enumerated().map { index, mount in
            MountBlueprint(mount, index: index, bundle: "/bundle", &diagnostics)
        }
        let nodes = DeviceBlueprint.all(devices, blueprints, &diagnostics)
        return (nodes, Findings(diagnostics))
    }

    private static let standard = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
    ]

    @Test("every container has the default devices")
    func defaults() {
        let (nodes, findings) = Self.all([])
        #expect(findings == Findings(Diagnostics()))
        #expect(nodes.map(\.path) == Self.standard)
        #expect(nodes.map(\.number) == [0x103, 0x105, 0x107, 0x108, 0x109, 0x500])
        for node in nodes {
            #expect(node.mode == S_IFCHR | 0o666)
            #expect(node.uid == 0 && node.gid == 0)
            #expect(node.location == "linux/devices (default)")
        }
    }

    @Test("a node is what the configuration says")
    func configured() throws {
        let (nodes, findings) = Self.all([
            Device(
                path: "/dev//x/../fuse", type: .character, major: 10, minor: 229, fileMode: 0o640,
                uid: 5, gid: 6),
            Device(path: "/dev/sda", type: .block, major: 8, minor: 1_048_575),
            Device(path: "/dev/tape", type: .unbuffered, major: 9, minor: 0, fileMode: 0),
            Device(path: "/dev/queue", type: .fifo, fileMode: S_IFIFO | 0o600),
        ])
        #expect(findings == Findings(Diagnostics()))
        let made = nodes.dropFirst(Self.standard.count)
        #expect(made.map(\.path) == ["/dev/fuse", "/dev/sda", "/dev/tape", "/dev/queue"])
        #expect(
            made.map(\.mode) == [
                S_IFCHR | 0o640, S_IFBLK | 0o666, S_IFCHR | 0, S_IFIFO | 0o600,
            ])
        // The kernel spreads a minor number over two places.
        #expect(made.map(\.number) == [0xae5, 0xfff0_08ff, 0x900, 0])
        let first = try #require(made.first)
        #expect(first.uid == 5 && first.gid == 6)
        #expect(made.map(\.location) == (0..<4).map { "linux/devices/\($0)" })
    }

    @Test("bits that are no permissions are dropped")
    func mode() {
        let (nodes, _) = Self.all([
            Device(path: "/dev/x", type: .character, major: 1, minor: 1, fileMode: 0o177_777)
        ])
        #expect(nodes.last?.mode == S_IFCHR | 0o7777)
    }

    @Test("a default device can be described anew")
    func replaced() {
        let (nodes, findings) = Self.all([
            Device(path: "/dev/null", type: .character, major: 1, minor: 3, fileMode: 0o600)
        ])
        #expect(findings.errors == [])
        #expect(nodes.count == 6)
        #expect(nodes.filter { $0.path == "/dev/null" }.map(\.mode) == [S_IFCHR | 0o600])
    }

    @Test("a path has one node")
    func conflicts() {
        func node(_ path: String, _ minor: Int64, _ type: DeviceType = .character) -> Device {
            Device(path: path, type: type, major: 1, minor: minor)
        }
        let cases: [([Device], [String])] = [
            ([node("/dev/x", 1), node("/dev/x", 1)], []),
            ([node("/dev/x", 1), node("/dev//x", 1, .unbuffered)], []),
            ([node("/dev/x", 1), node("/dev/y", 1)], []),
            (
                [node("/dev/x", 1), node("/dev/./x", 2)],
                ["linux/devices/1 (/dev/./x): conflicts with linux/devices/0"]
            ),
            (
                [node("/dev/x", 1), node("/dev/x", 1, .block)],
                ["linux/devices/1 (/dev/x): conflicts with linux/devices/0"]
            ),
            (
                [node("/dev/x", 1), node("/dev/x", 1, .fifo), node("/dev/x", 1)],
                ["linux/devices/1 (/dev/x): conflicts with linux/devices/0"]
            ),
        ]
        for (devices, errors) in cases { #expect(Self.all(devices).findings.errors == errors) }
    }

    @Test("what is no device")
    func errors() {
        let numbers = "major and minor numbers are needed"
        let ranges = "major is within 0 and 4095 and minor within 0 and 1048575"
        let cases: [(Device, [String])] = [
            (
                Device(path: "dev/x", type: .fifo),
                ["linux/devices/0/path: path is not absolute: dev/x"]
            ),
            (
                Device(path: "/dev/x", type: .character),
                ["linux/devices/0 (/dev/x): \(numbers)"]
            ),
            (
                Device(path: "/dev/x", type: .character, major: 1),
                ["linux/devices/0 (/dev/x): \(numbers)"]
            ),
            (
                Device(path: "/dev/x", type: .block, minor: 1),
                ["linux/devices/0 (/dev/x): \(numbers)"]
            ),
            (
                Device(path: "/dev/x", type: .block, major: -1, minor: 1),
                ["linux/devices/0 (/dev/x): \(ranges)"]
            ),
            (
                Device(path: "/dev/x", type: .unbuffered, major: 1, minor: 1 << 32),
                ["linux/devices/0 (/dev/x): \(ranges)"]
            ),
            (
                Device(path: "/dev/x", type: .fifo, fileMode: 0o200000, uid: .max, gid: .max),
                [
                    "linux/devices/0/uid (/dev/x): uid 4294967295 is nobody",
                    "linux/devices/0/gid (/dev/x): gid 4294967295 is nobody",
                    "linux/devices/0/fileMode (/dev/x): 65536 is no file mode",
                ]
            ),
            (Device(path: "/", type: .fifo), ["linux/devices/0/path: path names the root"]),
        ]
        for (device, errors) in cases { #expect(Self.all([device]).findings.errors == errors) }
    }

    @Test("numbers that the kernel cannot encode are refused")
    func hugeNumbers() {
        let cases: [(Int64, Int64, Bool)] = [
            (4095, 1_048_575, true), (4096, 0, false), (0, 1_048_576, false),
        ]
        for (major, minor, isGood) in cases {
            let (_, findings) = Self.all([
                Device(path: "/dev/x", type: .character, major: major, minor: minor)
            ])
            #expect(findings.errors.isEmpty == isGood)
        }
    }

    @Test("a default device gives way to a bind mount, unless another mount covers that")
    func boundOver() {
        let bind = Mount(destination: "/dev/null", source: "/dev/zero", options: ["bind"])
        let dev = Mount(destination: "/dev", type: "tmpfs", source: "tmpfs")
        let others = Self.standard.filter { $0 != "/dev/null" }
        #expect(Self.all([], [dev, bind]).nodes.map(\.path) == others)
        #expect(Self.all([], [bind, dev]).nodes.map(\.path) == Self.standard)
        #expect(Self.all([], [dev]).nodes.map(\.path) == Self.standard)
    }
}
