import CKernel
import Glibc
import Kernel
import Testing

@testable import Container

@Suite("Sockets that receive a descriptor")
struct DescriptorSenderTests {
    private let directory = TemporaryDirectory()

    @Test("the terminal comes with its name and alone")
    func console() throws {
        let path = "\(directory.path)/console.sock"
        let listener = try listen(path)
        let master = try openMaster()
        try ConsoleSocket(path: path).send(master: master.rawValue, name: "/dev/pts/0")
        try expectMessage(listener, "/dev/pts/0", inode: Files.status(of: master).st_rdev)
    }

    @Test(
        "a process comes with the kind that receivers know",
        arguments: [
            (PidfdSocket.Kind.initial, "standard"), (.joining, "setns"),
        ])
    func process(kind: PidfdSocket.Kind, payload: String) throws {
        let path = "\(directory.path)/pidfd.sock"
        let listener = try listen(path)
        let master = try openMaster()
        try PidfdSocket(path: path).send(pidfd: master.rawValue, kind)
        try expectMessage(listener, payload, inode: Files.status(of: master).st_rdev)
    }

    @Test("a path longer than an address is no problem")
    func longPath() throws {
        var path = directory.path
        for _ in 0..<4 {
            path += "/" + String(repeating: "d", count: 60)
            try Files.makeDirectory(path, mode: 0o755)
        }
        let listener = try listenIn(path, "sock")
        let master = try openMaster()
        try ConsoleSocket(path: path + "/sock").send(master: master.rawValue, name: "x")
        try expectMessage(listener, "x", inode: Files.status(of: master).st_rdev)
    }

    @Test("a socket that is not there, no socket, or not listened on is an error at the option")
    func missing() throws {
        let path = "\(directory.path)/nothing"
        let error = #expect(throws: RuntimeError.self) { _ = try ConsoleSocket(path: path) }
        #expect(error?.location == "--console-socket")
        #expect(error?.underlying == SystemError("connect", path, .noEntry))
        let file = try FileDescriptor.open(path, O_CREAT | O_WRONLY, mode: 0o600)
        withExtendedLifetime(file.rawValue) {}
        let refused = #expect(throws: RuntimeError.self) { _ = try PidfdSocket(path: path) }
        #expect(refused?.location == "--pidfd-socket")
        #expect(refused?.underlying?.errno == Errno(ECONNREFUSED))
    }

    @Test("a receiver that went away is an error, not a signal")
    func gone() throws {
        let path = "\(directory.path)/gone.sock"
        let socket: ConsoleSocket
        do {
            let listener = try listen(path)
            socket = try ConsoleSocket(path: path)
            withExtendedLifetime(listener.rawValue) {}
        }
        let master = try openMaster()
        let number = master.rawValue
        let result = send(socket, number)
        #expect(result?.underlying?.call == "sendmsg")
    }

    private func send(_ socket: consuming ConsoleSocket, _ number: Int32) -> RuntimeError? {
        do throws(RuntimeError) {
            try socket.send(master: number, name: "x")
            return nil
        } catch {
            return error
        }
    }

    private func listen(_ path: String) throws -> FileDescriptor {
        let listener = FileDescriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let number = listener.rawValue
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
        }
        if bound != 0 || Glibc.listen(number, 1) != 0 { throw Errno.current }
        return listener
    }

    /// Binds a name in a directory whose path does not fit an address.
    private func listenIn(_ directory: String, _ name: String) throws -> FileDescriptor {
        let place = try FileDescriptor.open(directory, O_PATH | O_DIRECTORY)
        return try listen("/proc/self/fd/\(place.rawValue)/\(name)")
    }

    private func expectMessage(
        _ listener: borrowing FileDescriptor, _ text: String, inode: dev_t
    ) throws {
        let peer = FileDescriptor(owning: accept(listener.rawValue, nil, nil))
        var bytes = [UInt8](repeating: 0, count: 100)
        var received: Int32 = -1
        let count = ck_receive_fd(peer.rawValue, &bytes, 100, &received, 0)
        #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == text)
        let passed = FileDescriptor(owning: received)
        let device = try Files.status(of: passed).st_rdev
        #expect(device == inode)
        var next: Int32 = -1
        #expect(ck_receive_fd(peer.rawValue, &bytes, 100, &next, 0) == 0, "then it ends")
        #expect(next == -1)
    }
}
