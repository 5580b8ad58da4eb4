import CKernel
import Glibc
import Testing

@testable import Kernel

@Suite("Sockets of whole messages")
struct SeqPacketSocketTests {
    struct Message: BitwiseCopyable, Equatable {
        var kind: UInt64 = 0
        var value: UInt64 = 0
    }

    @Test("a message arrives whole, with its descriptor")
    func sends() throws {
        let pair = try SeqPacketSocket.Pair()
        let pipe = try Pipe()
        try pair.near.send(Message(kind: 1, value: 2), descriptor: pipe.reader.rawValue)
        try pair.near.send(Message(kind: 3, value: 4))
        var message = Message()
        var descriptor: Int32 = -1
        #expect(try pair.far.receive(into: &message, descriptor: &descriptor))
        #expect(message == Message(kind: 1, value: 2))
        #expect(descriptor >= 0)
        let passed = FileDescriptor(owning: descriptor)
        #expect(fcntl(passed.rawValue, F_GETFD) == FD_CLOEXEC)
        #expect(try Files.status(of: passed).st_ino == Files.status(of: pipe.reader).st_ino)
        #expect(try pair.far.receive(into: &message, descriptor: &descriptor))
        #expect(message.kind == 3)
        #expect(descriptor == -1)
    }

    @Test("a peer that is gone is the end for the reader and EPIPE for the writer")
    func end() throws {
        let pair = try SeqPacketSocket.Pair()
        let near = pair.intoNear()
        var message = Message()
        var descriptor: Int32 = -1
        #expect(try !near.receive(into: &message, descriptor: &descriptor))
        #expect(throws: Errno.pipe) { try near.send(message) }
    }

    @Test("a message of another size is an error and its descriptor is closed", arguments: [8, 24])
    func size(count: Int) throws {
        let pair = try SeqPacketSocket.Pair()
        let pipe = try Pipe()
        let bytes = [UInt8](repeating: 7, count: count)
        try bytes.withUnsafeBytes {
            try pair.near.send(bytes: $0, descriptor: pipe.writer.rawValue)
        }
        var message = Message()
        var descriptor: Int32 = -1
        #expect(throws: Errno(EMSGSIZE)) {
            _ = try pair.far.receive(into: &message, descriptor: &descriptor)
        }
        #expect(descriptor == -1)
        let reader = pipe.intoReader()
        let rest = try reader.readAll()
        #expect(rest.isEmpty, "no writer is left, so the read ends")
    }
}

@Suite("Memory files")
struct MemfdTests {
    @Test("a sealed file has its bytes and takes no more")
    func sealed() throws {
        let file = try Memfd.sealed("plan", [1, 2, 3])
        let isSealed = Memfd.isSealed(file)
        #expect(isSealed)
        let bytes = try file.readAll()
        #expect(bytes == [1, 2, 3])
        #expect(throws: Errno.notPermitted) { try file.writeAll([4]) }
        #expect(ftruncate(file.rawValue, 1) == -1)
        #expect(ftruncate(file.rawValue, 10) == -1)
        let map = mmap(nil, 3, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0)
        #expect(map == MAP_FAILED)
        #expect(fcntl(file.rawValue, F_GETFD) == FD_CLOEXEC)
    }

    @Test("an unsealed file is read from its start and may be changed")
    func unsealed() throws {
        let file = try Memfd.unsealed("stdin", Array("state".utf8))
        let isSealed = Memfd.isSealed(file)
        #expect(!isSealed)
        let bytes = try file.readAll()
        #expect(bytes == Array("state".utf8))
        try file.writeAll([1])
    }

    @Test("a file of a disk is not sealed")
    func other() throws {
        let file = try FileDescriptor.open("/proc/self/exe", O_RDONLY)
        let isSealed = Memfd.isSealed(file)
        #expect(!isSealed)
    }

    @Test("a kernel that refuses says what was refused")
    func refused() {
        SyscallRecorder.record { recorder in
            recorder.force("fcntl", .busy)
            let error = #expect(throws: SystemError.self) { _ = try Memfd.sealed("plan", [1]) }
            #expect(error == SystemError("fcntl", "F_ADD_SEALS plan", .busy))
        }
    }
}

@Suite("Locks")
struct LockTests {
    @Test("an exclusive lock keeps others out until its descriptor is closed")
    func exclusive() throws {
        let directory = TemporaryDirectory()
        let second = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        do {
            let first = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
            try Lock.acquire(first, .exclusive)
            let shared = try Lock.tryAcquire(second, .shared)
            #expect(!shared)
        }
        let exclusive = try Lock.tryAcquire(second, .exclusive)
        #expect(exclusive)
        let third = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        let refused = try Lock.tryAcquire(third, .exclusive)
        #expect(!refused)
        try Lock.release(second)
        let taken = try Lock.tryAcquire(third, .exclusive)
        #expect(taken)
    }

    @Test("waiting for a lock ends")
    func bounded() throws {
        let directory = TemporaryDirectory()
        let waiting = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        do {
            let holder = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
            try Lock.acquire(holder, .exclusive)
            let refused = try Lock.acquire(waiting, .shared, until: .after(milliseconds: 30))
            #expect(!refused)
        }
        // Also one whose time is over asks once.
        let taken = try Lock.acquire(waiting, .shared, until: .now)
        #expect(taken)
    }

    @Test("an error of a lock is no holder")
    func failing() throws {
        let directory = TemporaryDirectory()
        let file = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        SyscallRecorder.record { recorder in
            recorder.force("flock", .notPermitted)
            let error = #expect(throws: Errno.self) {
                _ = try Lock.acquire(file, .shared, until: .after(milliseconds: 30))
            }
            #expect(error == .notPermitted)
        }
    }

    @Test("shared locks go together")
    func shared() throws {
        let directory = TemporaryDirectory()
        let first = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        let second = try FileDescriptor.open(directory.path, O_RDONLY | O_DIRECTORY)
        try Lock.acquire(first, .shared)
        let both = try Lock.tryAcquire(second, .shared)
        #expect(both)
        let exclusive = try Lock.tryAcquire(second, .exclusive)
        #expect(!exclusive)
    }
}

@Suite("Terminals")
struct TerminalTests {
    @Test("raw mode ends with its value, and output processing stays on in it")
    func raw() throws {
        let (master, peer) = try openTerminal()
        #expect(Terminal.isTerminal(peer))
        let pipe = try Pipe()
        let number = pipe.reader.rawValue
        #expect(!Terminal.isTerminal(number))
        let before = attributes(peer)
        do {
            let raw = try RawMode(peer)
            let during = attributes(peer)
            #expect(during.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
            #expect(during.c_oflag & tcflag_t(OPOST) != 0)
            withExtendedLifetime(raw) {}
        }
        let after = attributes(peer)
        #expect(after.c_lflag == before.c_lflag)
        #expect(after.c_iflag == before.c_iflag)
        close(peer)
        close(master)
    }

    @Test("a size is set on the master and seen on the other side")
    func size() throws {
        let (master, peer) = try openTerminal()
        try Terminal.setSize(master, winsize(ws_row: 33, ws_col: 101, ws_xpixel: 0, ws_ypixel: 0))
        let size = try Terminal.size(peer)
        #expect(size.ws_row == 33)
        #expect(size.ws_col == 101)
        close(peer)
        close(master)
    }

    @Test("what is no terminal is an error")
    func none() throws {
        let pipe = try Pipe()
        let number = pipe.reader.rawValue
        #expect(throws: Errno(ENOTTY)) { _ = try Terminal.size(number) }
        #expect(throws: Errno(ENOTTY)) { _ = try RawMode(number) }
    }

    private func openTerminal() throws -> (Int32, Int32) {
        let master = try FileDescriptor.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var unlocked: Int32 = 0
        #expect(ck_ioctl_pointer(master.rawValue, 0x4004_5431, &unlocked) == 0)
        let peer = try Terminal.openPeer(of: master)
        return (master.take(), peer.take())
    }

    private func attributes(_ descriptor: Int32) -> termios {
        var attributes = termios()
        tcgetattr(descriptor, &attributes)
        return attributes
    }
}
