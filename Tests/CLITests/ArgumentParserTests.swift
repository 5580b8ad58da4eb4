import Testing

@testable import CLI

@Suite struct ArgumentParserTests {
    /// What a command line is to come out as.
    struct Expected: Sendable, CustomStringConvertible {
        let line: String
        var positionals: [String] = ["ID"]
        var all = false
        var tty = false
        var bundle: String?
        var env: [String] = []

        var description: String { line }
    }

    static let forms: [Expected] = [
        Expected(line: "ID"),
        Expected(line: "--all ID", all: true),
        Expected(line: "-all ID", all: true),
        Expected(line: "-a ID", all: true),
        Expected(line: "ID -a", all: true),
        Expected(line: "ID --all more", positionals: ["ID", "more"], all: true),
        Expected(line: "--all=true ID", all: true),
        Expected(line: "--all=false ID"),
        Expected(line: "-a=false ID"),
        Expected(line: "--all --all=no ID"),
        Expected(line: "--all=no --all ID", all: true),
        Expected(line: "-at ID", all: true, tty: true),
        Expected(line: "--tty=YES ID", tty: true),
        Expected(line: "--bundle /b ID", bundle: "/b"),
        Expected(line: "--bundle=/b ID", bundle: "/b"),
        Expected(line: "-bundle /b ID", bundle: "/b"),
        Expected(line: "-bundle=/b ID", bundle: "/b"),
        Expected(line: "-b /b ID", bundle: "/b"),
        Expected(line: "-b=/b ID", bundle: "/b"),
        Expected(line: "-b/b ID", bundle: "/b"),
        Expected(line: "-b/x=y ID", bundle: "/x=y"),
        Expected(line: "-atb /b ID", all: true, tty: true, bundle: "/b"),
        Expected(line: "-atb/b ID", all: true, tty: true, bundle: "/b"),
        Expected(line: "--bundle /a --bundle /b ID", bundle: "/b"),
        Expected(line: "--bundle= ID", bundle: ""),
        Expected(line: "--bundle '' ID", bundle: ""),
        Expected(line: "--bundle - ID", bundle: "-"),
        Expected(line: "--bundle --all ID", bundle: "--all"),
        Expected(line: "--bundle -- ID", bundle: "--"),
        Expected(line: "ID --bundle /b", bundle: "/b"),
        Expected(line: "-e A=1 --env B=2 --env=C=3 -eD=4 ID", env: ["A=1", "B=2", "C=3", "D=4"]),
        Expected(line: "--old x ID"),
        Expected(line: "--old=x ID -a", all: true),
        Expected(line: "-- ID"),
        Expected(line: "-- ID --all", positionals: ["ID", "--all"]),
        Expected(line: "ID -- -a", positionals: ["ID", "-a"]),
        Expected(line: "-- -- ID", positionals: ["--", "ID"]),
        Expected(line: "-", positionals: ["-"]),
        Expected(line: "''", positionals: [""]),
    ]

    @Test(arguments: forms) func readsEveryForm(expected: Expected) throws {
        let arguments = try parsed(expected.line)
        #expect(arguments.positionals == expected.positionals)
        #expect(arguments.flag("all") == expected.all)
        #expect(arguments.flag("tty") == expected.tty)
        #expect(arguments.value("bundle") == expected.bundle)
        #expect(arguments.values("env") == expected.env)
    }

    @Test(arguments: [
        ("", "sample needs an argument: ID"),
        ("a b c", "unexpected argument \"c\" for sample"),
        ("ID --bundle", "flag needs an argument: --bundle"),
        ("ID -bundle", "flag needs an argument: --bundle"),
        ("ID -b", "flag needs an argument: --bundle"),
        ("ID -atb", "flag needs an argument: --bundle"),
        ("ID --old", "flag needs an argument: --old"),
        ("ID --all=maybe", "--all: \"maybe\" is neither true nor false"),
        ("ID --all=", "--all: \"\" is neither true nor false"),
        ("ID --format xml", "--format: \"xml\" is not one of table, json"),
        ("ID --bundel /b", "unknown option --bundel for sample (did you mean --bundle?)"),
        ("ID --bundel=/b", "unknown option --bundel for sample (did you mean --bundle?)"),
        ("ID --zzz", "unknown option --zzz for sample"),
        ("ID -z", "unknown option -z for sample"),
        ("ID -az", "unknown option -az for sample"),
        ("ID -9", "unknown option -9 for sample"),
        ("ID ---all", "unknown option ---all for sample (did you mean --all?)"),
        (
            "ID --root /r",
            "unknown option --root for sample"
                + " (it is a global option, which stands before the command)"
        ),
    ])
    func refusesWhatItCannotRead(line: String, message: String) {
        #expect(refusal(line) == message)
    }

    /// getopt's reading: the letter b and the value `undel=/b`.
    @Test func aMistypedLongNameAfterOneDashMayBeALetterWithAValue() throws {
        #expect(try parsed("-bundel=/b ID").value("bundle") == "undel=/b")
    }

    @Test(arguments: ["--help", "-h", "-?", "-help", "ID -h", "--help --nonsense", "-ah"])
    func helpNeedsNothingElse(line: String) throws {
        #expect(try parsed(line).wantsHelp)
    }

    @Test func usageIsAskedFor() throws {
        #expect(try parsed("--usage").wantsUsage)
        #expect(try !parsed("--usage=false ID").wantsUsage)
    }

    @Test func anErrorKeepsWhatCameBefore() {
        var arguments = ParsedArguments(sampleDeclaration)
        #expect(throws: UsageError.self) { try arguments.parse(words("-b /b --nonsense")[...]) }
        #expect(arguments.value("bundle") == "/b")
    }

    @Test(arguments: [("5", 5), ("05", 5), ("0", 0), ("10", 10)] as [(String, Int64)])
    func readsNumbers(text: String, number: Int64) throws {
        #expect(try parsed("--count \(text) ID").integer("count", in: 0...10) == number)
    }

    @Test(arguments: [
        "", "x", "+5", "1x", "0x1", "1.5", "-1", "11", "9223372036854775808",
        "99999999999999999999", "٣",
    ])
    func refusesNumbers(text: String) throws {
        let arguments = try parsed("--count=\(text) ID")
        #expect(throws: UsageError.self) { try arguments.integer("count", in: 0...10) }
    }

    @Test func anAbsentNumberIsNil() throws {
        #expect(try parsed("ID").integer("count") == nil)
    }
}

@Suite struct TailTests {
    private func tail(_ line: String, _ declaration: CommandDeclaration) throws -> [String] {
        let arguments = try parsed(line, declaration)
        #expect(arguments.containerID == "ID")
        return arguments.tail
    }

    @Test func everythingAfterTheIDIsThePayload() throws {
        let exec = ExecCommand.declaration
        #expect(try tail("ID ls -l --help", exec) == ["ls", "-l", "--help"])
        #expect(try tail("-t ID sh -c -- x", exec) == ["sh", "-c", "--", "x"])
        #expect(try tail("ID -- ls --tty", exec) == ["ls", "--tty"])
        #expect(try tail("ID -- -- x", exec) == ["--", "x"])
        #expect(try tail("-- ID ls", exec) == ["ls"])
        #expect(try tail("-- ID -- ls", exec) == ["--", "ls"])
        #expect(try tail("ID", exec) == [])
    }

    @Test func psTakesArgumentsOfAnotherProgram() throws {
        #expect(
            try tail("--format json ID -o pid,comm", PsCommand.declaration) == ["-o", "pid,comm"])
    }

    @Test func theProgramLeavesTheRestToTheCommand() throws {
        let arguments = try parsed("--root /r kill -- ID --root", GlobalOptions.declaration)
        #expect(arguments.positionals == ["kill"])
        #expect(arguments.tail == ["--", "ID", "--root"])
        #expect(arguments.value("root") == "/r")
        #expect(refusal("--debug", GlobalOptions.declaration) == "no command given")
    }
}

@Suite struct SuggestionTests {
    let names = ["create", "run", "start", "state", "kill", "delete", "checkpoint", "resume"]

    @Test(arguments: [
        ("craete", "create"), ("creat", "create"), ("crate", "create"), ("strat", "start"),
        ("kil", "kill"), ("kilt", "kill"), ("check", "checkpoint"), ("remuse", "resume"),
    ])
    func findsTheNearest(word: String, name: String) {
        #expect(nearest(to: word, in: names) == name)
    }

    @Test(arguments: ["", "xyz", "exec", "k9", "containers"])
    func staysSilentWhenNothingIsNear(word: String) {
        #expect(nearest(to: word, in: names) == nil)
    }

    @Test func anEndlessWordCostsNothing() {
        #expect(nearest(to: String(repeating: "create", count: 100_000), in: names) == nil)
    }
}
