import Glibc
import Testing

@testable import CLI

@Suite struct ValueTests {
    @Test(
        arguments: [
            ("TERM", SIGTERM), ("SIGTERM", SIGTERM), ("sigterm", SIGTERM), ("Kill", SIGKILL),
            ("9", 9), ("0", 0), ("", SIGTERM), ("64", 64), ("HUP", 1), ("WINCH", SIGWINCH),
            ("IOT", SIGABRT),
            ("CLD", SIGCHLD), ("POLL", SIGIO), ("RTMIN", 34), ("RTMAX", 64), ("SIGRTMIN+3", 37),
            ("rtmin+30", 64), ("RTMAX-1", 63), ("RTMAX-30", 34), ("RTMIN+0", 34),
        ] as [(String, Int32)])
    func readsSignals(text: String, number: Int32) throws {
        #expect(try parseSignal(text) == number)
    }

    @Test(arguments: [
        "SIG", "FOO", "+9", "-1", "65", "RTMIN-1", "RTMIN+31", "RTMIN+", "RTMIN++1", "RTMIN+-1",
        "RTMAX-31", "RTMAX+1", "SIGSIGTERM", "TERM ", "9.0", "99999999999",
    ])
    func refusesSignals(text: String) {
        #expect(throws: UsageError.value("unknown signal \"\(text)\"")) { try parseSignal(text) }
    }

    /// The names that kill(1) of this system lists are all known under the same numbers.
    @Test func everyNameHasItsNumber() throws {
        let names = [
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
            "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
            "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
        ]
        for (index, name) in names.enumerated() {
            #expect(try parseSignal(name) == Int32(index + 1), "\(name)")
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("-1", -1), ("67108864", 67_108_864), ("1b", 1), ("64k", 65536),
            ("64K", 65536), ("64kb", 65536), ("64KiB", 65536), ("64m", 64 << 20), ("1g", 1 << 30),
            ("1.5g", 3 << 29), ("0.5k", 512), ("1.0009765625k", nil), ("1.000976562k", 1024),
            ("2t", 2 << 40), ("1p", 1 << 50), ("9223372036854775807", Int64.max),
            ("9223372036854775808", nil), ("8388608t", nil), ("18446744073709551616", nil),
            ("9007199254740993", 9_007_199_254_740_993),
            ("", nil), ("-2", nil), ("-1k", nil), ("k", nil), (".5k", nil), ("1.k", nil),
            ("1kk", nil),
            ("1 k", nil), ("0x10", nil), ("1e3", nil), ("+1", nil), ("1.2.3k", nil), ("1x", nil),
        ] as [(String, Int64?)])
    func readsByteSizes(text: String, bytes: Int64?) {
        #expect(parseByteSize(text) == bytes)
    }

    @Test(
        arguments: [
            ("0", 0), ("5s", 5_000_000_000), ("100ms", 100_000_000), ("1m", 60_000_000_000),
            ("1h", 3_600_000_000_000), ("1h30m", 5_400_000_000_000), ("1.5s", 1_500_000_000),
            (".5s", 500_000_000), ("1.s", 1_000_000_000), ("20us", 20_000), ("20µs", 20_000),
            ("20μs", 20_000), ("7ns", 7), ("0s", 0), ("1m1ms", 60_001_000_000),
            ("0.000000001s", 1), ("2562047h", 9_223_369_200_000_000_000),
            ("", nil), ("5", nil), ("s", nil), (".s", nil), ("-5s", nil), ("5 s", nil), ("5x", nil),
            ("5s ", nil), ("5sm", nil), ("2562048h", nil), ("99999999999999999999s", nil),
            ("5S", nil),
        ] as [(String, Int64?)])
    func readsTimeSpans(text: String, nanoseconds: Int64?) {
        #expect(parseTimeSpan(text) == nanoseconds)
    }

    @Test(
        arguments: [
            ("1", true), ("TRUE", true), ("yes", true), ("On", true), ("t", true), ("0", false),
            ("False", false), ("no", false), ("off", false), ("f", false), ("", nil), ("2", nil),
            ("tru", nil), ("auto", nil),
        ] as [(String, Bool?)])
    func readsBooleans(text: String, value: Bool?) {
        #expect(parseBoolean(text) == value)
    }

    @Test(arguments: [
        ("/a", "/a"), ("a", "/w/d/a"), ("./a/", "/w/d/a"), ("../a", "/w/a"), ("/", "/"),
        ("//a//b/", "/a/b"), ("/a/../..", "/"), ("../../..", "/"), (".", "/w/d"), ("/./.", "/"),
    ])
    func makesPathsAbsolute(path: String, result: String) {
        #expect(absolutePath(path, relativeTo: "/w/d") == result)
    }
}
