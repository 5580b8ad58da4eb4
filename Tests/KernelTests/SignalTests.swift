import CKernel
import Glibc
import Kernel
import Testing

@Suite("Signals")
struct SignalTests {
    @Test(
        "a signal is written as name, number or real-time offset",
        arguments: [
            ("TERM", Int32(15)), ("SIGTERM", 15), ("sigterm", 15), ("term", 15), ("15", 15),
            ("0", 0),
            ("64", 64), ("RTMIN", 34), ("rtmin+1", 35), ("SIGRTMIN+30", 64), ("RTMAX", 64),
            ("SIGRTMAX-1", 63), ("CHLD", 17), ("CLD", 17), ("STKFLT", 16), ("sigKill", 9),
        ])
    func parses(text: String, number: Int32) {
        #expect(Signal.parse(text) == number)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "SIG", "TERMX", " TERM", "15x", "+15", "-1", "65", "99999999999", "RTMIN+31",
            "RTMIN+", "RTMIN-1", "RTMAX+1", "RTMAX-31", "RT", "RTMIN+1x", "SIGSIGTERM", "SIG15",
        ])
    func refuses(text: String) {
        #expect(Signal.parse(text) == nil)
    }

    @Test("every number has a name that leads back to it")
    func names() {
        for number in Int32(1)...64 where number != 32 && number != 33 {
            #expect(Signal.parse(Signal.name(number)) == number)
        }
        #expect(Signal.name(9) == "SIGKILL")
        #expect(Signal.name(36) == "SIGRTMIN+2")
        #expect(Signal.name(33) == "signal 33")
    }

    @Test("blocked signals are read in place of being delivered, and the mask comes back")
    func descriptor() throws {
        let before = mask()
        do {
            let signals = try SignalDescriptor()
            pthread_kill(pthread_self(), SIGUSR1)
            pthread_kill(pthread_self(), SIGTERM)
            var seen: [Int32] = []
            // Children of other tests end meanwhile.
            while let number = try signals.next() {
                if number != SIGCHLD { seen.append(number) }
            }
            #expect(seen.sorted() == [SIGUSR1, SIGTERM])
        }
        #expect(mask() == before)
    }

    /// The signals that this thread blocks.
    private func mask() -> [Int32] {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return (1...64).filter { sigismember(&mask, $0) == 1 }
    }

    @Test("a failing signalfd leaves the mask as it was")
    func descriptorFails() throws {
        let before = mask()
        SyscallRecorder.record { recorder in
            recorder.force("signalfd4", .tooManyOpen)
            #expect(throws: Errno.tooManyOpen) { _ = try SignalDescriptor() }
        }
        #expect(mask() == before)
    }
}

@Suite("Deadlines")
struct DeadlineTests {
    @Test("a deadline has passed, comes, or never does")
    func passes() {
        #expect(Deadline.now.hasPassed)
        #expect(Deadline.now.pollTimeout == 0)
        #expect(!Deadline.never.hasPassed)
        #expect(Deadline.never.pollTimeout == -1)
        let soon = Deadline.after(milliseconds: 10_000)
        #expect(!soon.hasPassed)
        #expect((9_000...10_000).contains(soon.pollTimeout))
        #expect(Deadline.after(milliseconds: -5).hasPassed)
        #expect(Deadline.after(milliseconds: .max).pollTimeout == -1)
        #expect(Deadline.after(milliseconds: 1 << 40).pollTimeout == Int32.max)
    }

    @Test("a wait without events ends at the deadline")
    func waits() throws {
        let pipe = try Pipe()
        let ready = try Poll.readable(pipe.reader.rawValue, until: .after(milliseconds: 15))
        #expect(!ready)
        try pipe.writer.writeOnce("x")
        let again = try Poll.readable(pipe.reader.rawValue)
        #expect(again)
    }
}
