import Kernel
import Testing

@testable import CLI

@Suite struct ProgramTests {
    /// What a command line that fails leaves behind.
    private func fail(_ line: String) throws -> (status: Int32, errors: String, log: String) {
        let scratch = try Scratch()
        let errors = try scratch.file("stderr")
        var program = Program(commit: "abc")
        program.surroundings = .testing()
        program.errors = errors.rawValue
        let status = program.run(words(line.replacing("LOG", with: scratch.path + "/log")))
        let log = (try? scratch.text("log")) ?? ""
        return (status, try scratch.text("stderr"), log)
    }

    @Test(arguments: [
        ("", "no command given"),
        ("--bogus", "unknown option --bogus"),
        ("help nonsense", "unknown command \"nonsense\""),
        ("hepl", "unknown command \"hepl\" (did you mean help?)"),
        ("completion csh", "completion: \"csh\" is not one of bash, zsh, fish"),
        ("completion", "completion needs an argument: SHELL"),
        ("help --man=maybe", "--man: \"maybe\" is neither true nor false"),
        ("--root / help", "--root: the root directory itself is refused"),
        ("--root", "flag needs an argument: --root"),
    ])
    func failuresReachTheLogOnce(line: String, message: String) throws {
        let (status, errors, log) = try fail("--log LOG --log-format json " + line)
        #expect(status == 1)
        #expect(errors.hasSuffix("apus: \(message)\n"))
        var escaped = ""
        LogLine.appendEscaped(message, to: &escaped)
        #expect(log.hasPrefix("{\"level\":\"error\",\"msg\":\"\(escaped)\",\"time\":\""))
        #expect(log.split(separator: "\n").count == 1)
    }

    @Test func wrongShapesBringHelpAndWrongValuesDoNot() throws {
        #expect(try fail("completion").errors.hasPrefix("Usage: apus completion SHELL\n"))
        #expect(try fail("nonsense").errors.hasPrefix("Usage: apus [GLOBAL OPTIONS]"))
        #expect(
            try fail("--rootless=maybe help").errors
                == "apus: --rootless: \"maybe\" is not one of true, false, auto\n")
    }

    @Test func aLogThatCannotBeOpenedIsAFailure() throws {
        let (status, errors, _) = try fail("--log /none/log help")
        #expect(status == 1)
        #expect(errors.hasPrefix("apus: --log: cannot open the log file: ENOENT"))
    }

    @Test func theVersionHasTheLinesThatEnginesRead() {
        let lines = Version.listing(commit: "abc").split(separator: "\n")
        #expect(lines.first == "apus version \(Version.apus)")
        #expect(lines.contains("commit: abc"))
        #expect(lines.contains("spec: 1.3.0"))
        #expect(lines.contains { $0.hasPrefix("libseccomp: 2.") })
    }
}
