import Glibc
import Kernel
import Testing

@testable import Container

@Suite("The socket that stands for NOTIFY_SOCKET")
struct NotifySocketTests {
    private let directory = TemporaryDirectory()

    @Test(
        "only a line that is READY=1 says so",
        arguments: [
            ("READY=1", true), ("READY=1\n", true), ("STATUS=x\nREADY=1\nMAINPID=1", true),
            ("", false), ("\n", false), ("READY=0", false), ("READY=12", false),
            ("NOTREADY=1", false), ("READY=1 ", false), ("STATUS=READY=1", false),
        ])
    func ready(message: String, expected: Bool) {
        #expect(NotifySocket.saysReady(Array(message.utf8)) == expected)
    }

    @Test(
        "an address is a path or an abstract name",
        arguments: [
            ("/run/systemd/notify", true), ("@name", true), ("", false), ("/", false),
            ("@", false), ("relative", false), ("vsock:2:1234", false),
        ])
    func address(value: String, isKnown: Bool) {
        #expect(NotifySocket.address(value) == (isKnown ? value : nil))
        #expect(NotifySocket.address(nil) == nil)
    }

    @Test("messages come whole, one by one, and descriptors that come along are closed")
    func messages() throws {
        let place = try FileDescriptor.open(directory.path, O_PATH | O_DIRECTORY)
        let receiver = try DatagramSocket.bind(at: place.rawValue, "sock")
        #expect(try Files.status("\(directory.path)/sock").st_mode & 0o777 == 0o777)
        let sender = try DatagramSocket.connect(to: "\(directory.path)/sock")
        let pipe = try Pipe()
        try sender.send("first")
        try sender.send("second", descriptor: pipe.writer.rawValue)
        #expect(try receiver.receive() == Array("first".utf8))
        #expect(try receiver.receive(limit: 3) == Array("sec".utf8))
        #expect(try receiver.receive() == nil)
        let reader = pipe.intoReader()
        #expect(try reader.readAll() == [])
    }

    @Test("an address that nobody listens at is an error")
    func nobody() {
        let missing = directory.path + "/missing"
        #expect(throws: Errno.noEntry) { _ = try DatagramSocket.connect(to: missing) }
        #expect(throws: Errno(ECONNREFUSED)) {
            _ = try DatagramSocket.connect(to: "@apus-test-nobody-\(getpid())")
        }
    }
}
