import CInit
import CKernel
import Glibc
import Kernel
import Testing

@testable import Container

/// The parent's side of the conversation, with a peer that may say anything.
@Suite struct InitSessionTests {
    /// A session and the other end of its socket, which the test speaks for.
    struct Conversation: ~Copyable {
        let session: InitSession
        let peer: FileDescriptor
        /// A file of this conversation alone, to pass to the session.
        let file: Memfd

        init(interruption: Int32 = -1) throws {
            file = try Memfd()
            var ends: [Int32] = [-1, -1]
            let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            #expect(socketpair(AF_UNIX, type, 0, &ends) == 0)
            session = InitSession(
                SeqPacketSocket(owning: ends[0]), interruption: interruption)
            peer = FileDescriptor(owning: ends[1])
        }

        /// Sends bytes as one message, with copies of the file's descriptor.
        func send(_ bytes: [UInt8], descriptors count: Int = 0) {
            var descriptors = [Int32](repeating: file.descriptor, count: count)
            let count = Int32(count)
            let sent = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map {
                    ck_send_fds(peer.rawValue, $0, buffer.count, &descriptors, count)
                } ?? -1
            }
            #expect(sent == bytes.count)
        }

        /// Sends a message of the protocol.
        func say(
            _ kind: sync_kind, value: UInt64 = 0, op: UInt32 = 0, descriptors: Int = 0,
            _ change: (inout sync_message) -> Void = { _ in }
        ) {
            var message = sync_message()
            message.magic = UInt32(SYNC_MAGIC)
            message.kind = kind.rawValue
            message.op = op
            message.value = value
            change(&message)
            let bytes = withUnsafeBytes(of: message) { Array($0) }
            send(bytes, descriptors: descriptors)
        }

        /// What the session has sent.
        func heard() -> sync_kind? {
            var message = sync_message()
            let size = MemoryLayout<sync_message>.size
            let count = withUnsafeMutableBytes(of: &message) {
                recv(peer.rawValue, $0.baseAddress, size, Int32(MSG_DONTWAIT))
            }
            return count == size && message.magic == UInt32(SYNC_MAGIC)
                ? sync_kind(rawValue: message.kind) : nil
        }

        /// Lets the peer run, as after `GO`.
        func start() throws {
            try session.go()
            #expect(heard() == .SYNC_GO)
        }
    }

    /// A file without name whose descriptors can be counted: other tests of this process open and
    /// close theirs at the same time.
    final class Memfd: Sendable {
        let descriptor: Int32
        private let inode: ino_t
        private let device: dev_t

        init() throws {
            descriptor = try Kernel.Memfd.unsealed("session-test", []).take()
            var status = stat()
            #expect(fstat(descriptor, &status) == 0)
            inode = status.st_ino
            device = status.st_dev
        }

        deinit { close(descriptor) }

        /// How many descriptors of this process mean the file, besides its own.
        var copies: Int {
            let numbers = (0..<Int32(1024)).filter { number in
                var status = stat()
                return number != descriptor && fstat(number, &status) == 0
                    && status.st_ino == inode && status.st_dev == device
            }
            return numbers.count
        }
    }

    private static func event(_ session: InitSession) -> String {
        do throws(Errno) {
            switch try session.next() {
            case .reached(let value): return "reached \(value)"
            case .descriptor(let reason): return "descriptor \(reason)"
            case .failed(let message): return "failed \(message.op)"
            case .ended: return "ended"
            }
        } catch {
            return error.name
        }
    }

    // MARK: - The legal order

    @Test("a whole conversation")
    func whole() throws {
        let talk = try Conversation()
        #expect(talk.session.phase == .waiting)
        try talk.start()
        #expect(talk.session.phase == .running)
        talk.say(.SYNC_REACHED, value: 1)
        #expect(Self.event(talk.session) == "reached 1")
        #expect(talk.session.phase == .waiting)
        try talk.start()
        talk.say(.SYNC_FORKED, value: 4242, descriptors: 1)
        talk.say(.SYNC_WARN, op: 7)
        talk.say(.SYNC_TIMING, value: 99, op: 8)
        talk.say(.SYNC_FD, value: sync_reason.SYNC_CONSOLE.rawValue, descriptors: 1)
        #expect(Self.event(talk.session) == "descriptor 7")
        #expect(talk.session.forkedPid == 4242)
        #expect(talk.session.warnings.map(\.op) == [7])
        #expect(talk.session.timings.map(\.op) == [8])
        #expect(talk.session.timings.map(\.nanoseconds) == [99])
        let hasPidfd = talk.session.takeForkedPidfd() != nil
        let hasSecond = talk.session.takeForkedPidfd() != nil
        #expect(hasPidfd && !hasSecond)
        let hasConsole = talk.session.takeConsole() != nil
        let hasSecondConsole = talk.session.takeConsole() != nil
        #expect(hasConsole && !hasSecondConsole)
        talk.say(.SYNC_REACHED, value: 6)
        #expect(Self.event(talk.session) == "reached 6")
        try talk.start()
        #expect(shutdown(talk.peer.rawValue, Int32(SHUT_RDWR)) == 0)
        #expect(Self.event(talk.session) == "ended")
        #expect(talk.session.phase == .ended)
    }

    @Test("the end says by itself whether the program was executed", arguments: [true, false])
    func executing(isExecuting: Bool) throws {
        let talk = try Conversation()
        try talk.start()
        if isExecuting { talk.say(.SYNC_EXECUTING) }
        #expect(shutdown(talk.peer.rawValue, Int32(SHUT_RDWR)) == 0)
        #expect(Self.event(talk.session) == "ended")
        #expect(talk.session.isExecuting == isExecuting)
    }

    @Test("a wait ends when the launch is to end, and not before")
    func interrupted() throws {
        let pipe = try Pipe()
        let talk = try Conversation(interruption: pipe.reader.rawValue)
        try talk.start()
        talk.say(.SYNC_REACHED, value: 1)
        #expect(Self.event(talk.session) == "reached 1")
        try talk.start()
        try pipe.writer.writeAll([0])
        #expect(Self.event(talk.session) == "EINTR")
        #expect(talk.session.phase == .ended)
    }

    @Test("a failure says what failed and ends the conversation")
    func failure() throws {
        let talk = try Conversation()
        try talk.start()
        talk.say(.SYNC_FAIL, op: 3)
        #expect(Self.event(talk.session) == "failed 3")
        #expect(talk.session.phase == .ended)
        talk.say(.SYNC_REACHED, value: 1)
        #expect(Self.event(talk.session) == "EPROTO")
    }

    @Test("a plan that is not valid is a failure before the first GO")
    func earlyFailure() throws {
        let talk = try Conversation()
        talk.say(.SYNC_FAIL, op: .max)
        #expect(Self.event(talk.session) == "failed \(UInt32.max)")
    }

    @Test("each kind is legal in the phases of the protocol and in no other")
    func table() {
        let kinds: [sync_kind] = [
            .SYNC_GO, .SYNC_ABORT, .SYNC_REACHED, .SYNC_FORKED, .SYNC_FD, .SYNC_WARN, .SYNC_TIMING,
            .SYNC_FAIL, .SYNC_EXECUTING,
        ]
        let running: [sync_kind] = [
            .SYNC_REACHED, .SYNC_FORKED, .SYNC_FD, .SYNC_WARN, .SYNC_TIMING, .SYNC_FAIL,
            .SYNC_EXECUTING,
        ]
        for kind in kinds {
            #expect(InitSession.isLegal(kind, in: .running) == running.contains(kind))
            #expect(InitSession.isLegal(kind, in: .waiting) == (kind == .SYNC_FAIL))
            #expect(!InitSession.isLegal(kind, in: .ended))
        }
    }

    @Test("GO is for a peer that waits, once")
    func goOnce() throws {
        let talk = try Conversation()
        try talk.start()
        #expect(throws: Errno.invalid) { try talk.session.go() }
        #expect(talk.heard() == nil)
        #expect(shutdown(talk.peer.rawValue, Int32(SHUT_RDWR)) == 0)
        #expect(Self.event(talk.session) == "ended")
        #expect(throws: Errno.invalid) { try talk.session.go() }
    }

    @Test("GO to a dead peer is an error")
    func goToNobody() throws {
        let talk = try Conversation()
        #expect(shutdown(talk.peer.rawValue, Int32(SHUT_RDWR)) == 0)
        #expect(throws: Errno.pipe) { try talk.session.go() }
    }

    // MARK: - What is not legal

    /// One thing that no init stage says.
    struct Misbehaviour: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var isWaiting = false
        var error = "EPROTO"
        var say: @Sendable (borrowing Conversation) -> Void
    }

    static let misbehaviours: [Misbehaviour] = [
        Misbehaviour(testDescription: "wrong magic") { $0.say(.SYNC_REACHED) { $0.magic += 1 } },
        Misbehaviour(testDescription: "wrong magic with descriptor") {
            $0.say(.SYNC_FD, descriptors: 1) { $0.magic = 0 }
        },
        Misbehaviour(testDescription: "kind 0") { $0.say(.SYNC_REACHED) { $0.kind = 0 } },
        Misbehaviour(testDescription: "kind 10") { $0.say(.SYNC_REACHED) { $0.kind = 10 } },
        Misbehaviour(testDescription: "kind 65535 with descriptor") {
            $0.say(.SYNC_FD, descriptors: 1) { $0.kind = .max }
        },
        Misbehaviour(testDescription: "GO") { $0.say(.SYNC_GO) },
        Misbehaviour(testDescription: "ABORT") { $0.say(.SYNC_ABORT) },
        Misbehaviour(testDescription: "one byte", error: "EMSGSIZE") { $0.send([7]) },
        Misbehaviour(testDescription: "a byte too few", error: "EMSGSIZE") {
            $0.send([UInt8](repeating: 1, count: MemoryLayout<sync_message>.size - 1))
        },
        Misbehaviour(testDescription: "a byte too many", error: "EMSGSIZE") {
            $0.send([UInt8](repeating: 1, count: MemoryLayout<sync_message>.size + 1))
        },
        Misbehaviour(testDescription: "a byte with descriptors", error: "EMSGSIZE") {
            $0.send([1], descriptors: 3)
        },
        Misbehaviour(testDescription: "FORKED without descriptor") {
            $0.say(.SYNC_FORKED, value: 5)
        },
        Misbehaviour(testDescription: "FORKED with pid 0") {
            $0.say(.SYNC_FORKED, value: 0, descriptors: 1)
        },
        Misbehaviour(testDescription: "FORKED with a pid that is none") {
            $0.say(.SYNC_FORKED, value: 1 << 31, descriptors: 1)
        },
        Misbehaviour(testDescription: "FORKED with -1") {
            $0.say(.SYNC_FORKED, value: .max, descriptors: 1)
        },
        Misbehaviour(testDescription: "FORKED twice") {
            $0.say(.SYNC_FORKED, value: 5, descriptors: 1)
            $0.say(.SYNC_FORKED, value: 6, descriptors: 1)
        },
        Misbehaviour(testDescription: "FD without descriptor") { $0.say(.SYNC_FD, value: 7) },
        Misbehaviour(testDescription: "FD for nothing known") {
            $0.say(.SYNC_FD, value: 0, descriptors: 1)
        },
        Misbehaviour(testDescription: "FD for a place to wait") {
            $0.say(.SYNC_FD, value: sync_reason.SYNC_READY.rawValue, descriptors: 1)
        },
        Misbehaviour(testDescription: "REACHED with descriptor") {
            $0.say(.SYNC_REACHED, value: 5, descriptors: 1)
        },
        Misbehaviour(testDescription: "WARN with descriptor") {
            $0.say(.SYNC_WARN, descriptors: 1)
        },
        Misbehaviour(testDescription: "TIMING with descriptor") {
            $0.say(.SYNC_TIMING, descriptors: 1)
        },
        Misbehaviour(testDescription: "EXECUTING with descriptor") {
            $0.say(.SYNC_EXECUTING, descriptors: 1)
        },
        Misbehaviour(testDescription: "EXECUTING twice") {
            $0.say(.SYNC_EXECUTING)
            $0.say(.SYNC_EXECUTING)
        },
        Misbehaviour(testDescription: "EXECUTING while waiting", isWaiting: true) {
            $0.say(.SYNC_EXECUTING)
        },
        Misbehaviour(testDescription: "FAIL with descriptor") {
            $0.say(.SYNC_FAIL, descriptors: 1)
        },
        Misbehaviour(testDescription: "REACHED while waiting", isWaiting: true) {
            $0.say(.SYNC_REACHED, value: 5)
        },
        Misbehaviour(testDescription: "FORKED while waiting", isWaiting: true) {
            $0.say(.SYNC_FORKED, value: 5, descriptors: 1)
        },
        Misbehaviour(testDescription: "FD while waiting", isWaiting: true) {
            $0.say(.SYNC_FD, value: 7, descriptors: 1)
        },
        Misbehaviour(testDescription: "WARN while waiting", isWaiting: true) { $0.say(.SYNC_WARN) },
        Misbehaviour(testDescription: "TIMING while waiting", isWaiting: true) {
            $0.say(.SYNC_TIMING)
        },
    ]

    @Test("what is not legal ends the session, and no descriptor stays", arguments: misbehaviours)
    func misbehaviour(_ wrong: Misbehaviour) throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            if !wrong.isWaiting { try talk.start() }
            wrong.say(talk)
            #expect(Self.event(talk.session) == wrong.error)
            #expect(talk.session.phase == .ended)
            // Nothing that comes afterwards is taken either.
            talk.say(.SYNC_FD, value: 7, descriptors: 1)
            #expect(Self.event(talk.session) == "EPROTO")
        }
        #expect(file.copies == 0)
    }

    @Test("a second terminal is refused and closed")
    func secondConsole() throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            try talk.start()
            talk.say(.SYNC_FD, value: 7, descriptors: 1)
            talk.say(.SYNC_FD, value: 7, descriptors: 1)
            #expect(Self.event(talk.session) == "descriptor 7")
            #expect(Self.event(talk.session) == "EPROTO")
        }
        #expect(file.copies == 0)
    }

    @Test("the terminal and the listener of a filter are two descriptors")
    func listener() throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            try talk.start()
            let reasons: [sync_reason] = [.SYNC_NOTIFY, .SYNC_CONSOLE]
            for reason in reasons {
                talk.say(.SYNC_FD, value: reason.rawValue, descriptors: 1)
                #expect(Self.event(talk.session) == "descriptor \(reason.rawValue)")
            }
            let hasListener = talk.session.takeListener() != nil
            let hasSecond = talk.session.takeListener() != nil
            #expect(hasListener && !hasSecond)
            #expect(file.copies == 1)
            // A second terminal, while the first is not taken yet.
            talk.say(.SYNC_FD, value: sync_reason.SYNC_CONSOLE.rawValue, descriptors: 1)
            #expect(Self.event(talk.session) == "EPROTO")
        }
        #expect(file.copies == 0)
    }

    @Test("of many descriptors one is kept")
    func manyDescriptors() throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            try talk.start()
            var message = sync_message()
            message.magic = UInt32(SYNC_MAGIC)
            message.kind = sync_kind.SYNC_FD.rawValue
            message.value = 7
            let bytes = withUnsafeBytes(of: message) { Array($0) }
            talk.send(bytes, descriptors: 8)
            #expect(Self.event(talk.session) == "descriptor 7")
            #expect(file.copies == 1)
        }
        #expect(file.copies == 0)
    }

    @Test("descriptors that nobody takes are closed with the session")
    func abandoned() throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            try talk.start()
            talk.say(.SYNC_FORKED, value: 5, descriptors: 1)
            talk.say(.SYNC_FD, value: 7, descriptors: 1)
            #expect(Self.event(talk.session) == "descriptor 7")
        }
        #expect(file.copies == 0)
    }

    @Test("what the session receives is closed by exec")
    func closeOnExec() throws {
        let talk = try Conversation()
        try talk.start()
        talk.say(.SYNC_FD, value: 7, descriptors: 1)
        #expect(Self.event(talk.session) == "descriptor 7")
        var flags: Int32 = -1
        if let console = talk.session.takeConsole() { flags = fcntl(console.rawValue, F_GETFD) }
        #expect(flags == FD_CLOEXEC)
    }

    // MARK: - The end

    @Test(
        "the end is noticed in every phase", arguments: ["waiting", "running", "reached", "forked"])
    func ends(phase: String) throws {
        let file: Memfd
        do {
            let talk = try Conversation()
            file = talk.file
            if phase != "waiting" { try talk.start() }
            if phase == "reached" {
                talk.say(.SYNC_REACHED, value: 5)
                #expect(Self.event(talk.session) == "reached 5")
            }
            if phase == "forked" {
                talk.say(.SYNC_FORKED, value: 5, descriptors: 1)
            }
            #expect(shutdown(talk.peer.rawValue, Int32(SHUT_RDWR)) == 0)
            #expect(Self.event(talk.session) == "ended")
            #expect(talk.session.phase == .ended)
            #expect(Self.event(talk.session) == "ended")
        }
        #expect(file.copies == 0)
    }

    @Test("remarks without end are no way to fill the memory")
    func flood() throws {
        let talk = try Conversation()
        try talk.start()
        // The socket takes a few hundred messages at a time.
        var sent = 0
        var result = ""
        while result.isEmpty, sent <= Int(PLAN_MAX_OPS) + 256 {
            for _ in 0..<64 { talk.say(.SYNC_WARN) }
            sent += 64
            talk.say(.SYNC_FD, value: 7, descriptors: 1)
            let event = Self.event(talk.session)
            if event != "descriptor 7" { result = event }
            _ = talk.session.takeConsole()
        }
        #expect(result == "EPROTO")
        #expect(talk.session.warnings.count == Int(PLAN_MAX_OPS))
    }

    // MARK: - Garbage

    @Test("random bytes never do more than end the session", arguments: 0..<20)
    func garbage(seed: Int) throws {
        var random = Random(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1)
        for _ in 0..<100 {
            let file = try Self.talk(&random)
            #expect(file.copies == 0)
        }
    }

    /// The same numbers in each run (xorshift).
    private struct Random {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private static func talk(_ random: inout Random) throws -> Memfd {
        let talk = try Conversation()
        if random.next() % 2 == 0 { try talk.start() }
        for _ in 0..<3 {
            let size = random.next() % 3 == 0 ? Int(random.next() % 512) + 1 : 256
            var bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Every other one gets past the magic.
            if size == 256, random.next() % 2 == 0 {
                withUnsafeBytes(of: UInt32(SYNC_MAGIC)) { bytes.replaceSubrange(0..<4, with: $0) }
                bytes[4] = UInt8(random.next() % 12)
                bytes[5] = 0
            }
            let count = Int(random.next() % 3)
            talk.send(bytes, descriptors: count)
        }
        #expect(shutdown(talk.peer.rawValue, Int32(SHUT_WR)) == 0)
        for _ in 0..<6 where talk.session.phase != .ended { _ = event(talk.session) }
        #expect(talk.session.phase == .ended)
        return talk.file
    }
}
