import CKernel
import Glibc
import Kernel
import Testing

@testable import Container

@Suite("Interruption of a launch", .serialized)
struct InterruptionTests {
    @Test(
        "a signal that asks for the end is held and named",
        arguments: [SIGHUP, SIGINT, SIGQUIT, SIGTERM])
    func held(number: Int32) throws {
        let interruption = try Interruption()
        defer { interruption.end(dropsPending: true) }
        let before = try Poll.readable(interruption.rawValue, until: .now)
        #expect(!before)
        pthread_kill(pthread_self(), number)
        let after = try Poll.readable(interruption.rawValue, until: .now)
        #expect(after)
        let error = interruption.error()
        #expect(error.code == .interrupted)
        #expect(error.signal == number)
        #expect(error.description == "interrupted by \(Signal.name(number))")
        #expect(error.prefixed("exec failed: ").signal == number)
    }

    @Test("other signals are not its business")
    func others() throws {
        let foreground = try Foreground(isSubreaper: false)
        let interruption = try Interruption()
        pthread_kill(pthread_self(), SIGUSR1)
        let isReadable = try Poll.readable(interruption.rawValue, until: .now)
        #expect(!isReadable)
        interruption.end(dropsPending: false)
        // The program gets it, and what came too late to stop the launch.
        pthread_kill(pthread_self(), SIGTERM)
        let child = try spawnShell("trap '' USR1; while :; do sleep 0.05; done")
        let status = try foreground.wait(child, nil)
        #expect(
            status == .signaled(SIGTERM, core: false) || status == .signaled(SIGUSR1, core: false))
    }

    @Test("what comes too late is dropped, and the mask is as it was")
    func late() throws {
        // The threads that run tests may block signals.
        var mask = sigset_t()
        var original = sigset_t()
        for number in Self.numbers { sigaddset(&mask, number) }
        pthread_sigmask(SIG_UNBLOCK, &mask, &original)
        defer { pthread_sigmask(SIG_SETMASK, &original, nil) }
        let before = Self.blocked()
        let interruption = try Interruption()
        #expect(Self.blocked() == [true, true, true, true])
        #expect(before == [false, false, false, false])
        pthread_kill(pthread_self(), SIGTERM)
        interruption.end(dropsPending: true)
        #expect(Self.blocked() == before)
        #expect(interruption.rawValue == -1)
        interruption.end(dropsPending: true)
    }

    @Test("a failing call is reported")
    func fails() {
        SyscallRecorder.record { recorder in
            recorder.force("signalfd4", .tooManyOpen)
            let error = #expect(throws: RuntimeError.self) { _ = try Interruption() }
            #expect(error?.underlying?.errno == .tooManyOpen)
        }
    }

    private static let numbers = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    /// Which of the four signals this thread blocks.
    private static func blocked() -> [Bool] {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return numbers.map { sigismember(&mask, $0) == 1 }
    }
}
