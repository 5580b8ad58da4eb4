import Glibc
import Kernel
import Testing

@testable import CLI

@Suite struct HelpTests {
    @Test func helpOfKill() {
        #expect(
            commandHelp(KillCommand.declaration) == """
                Usage: apus kill [OPTIONS] ID [SIGNAL]

                Sends a signal to the first process of a container, or to all of them. The
                signal is a number or a name in any case, with or without SIG; the default, also
                of an empty one, is TERM.

                KILL for a container that has no pid namespace of its own goes to all its
                processes, because nothing else would end them.

                Options:
                  -a, --all     signal all processes of the container
                  -r, --regex   ID is a regular expression for several containers
                      --strict  follow the specification: refuse a stopped one with --all too
                  -h, --help    print this help and exit
                      --usage   print one line of usage and exit

                """)
    }

    @Test func usageShowsWhatMayBeLeftOut() {
        #expect(
            usageLine(ExecCommand.declaration)
                == "Usage: apus exec [OPTIONS] ID [COMMAND] [ARGUMENTS...]")
        #expect(usageLine(StartCommand.declaration) == "Usage: apus start ID")
        #expect(
            usageLine(GlobalOptions.declaration)
                == "Usage: apus [GLOBAL OPTIONS] COMMAND [ARGUMENTS...]")
    }

    @Test func helpShowsEveryOptionThatIsNotHidden() {
        for declaration in everyDeclaration {
            let help = commandHelp(declaration)
            for option in declaration.options {
                let shown =
                    help.contains("--\(option.name) ") || help.contains("--\(option.name)\n")
                #expect(shown == !option.isHidden, "\(declaration.name) \(option.name)")
            }
        }
    }

    @Test func noLineIsTooLong() {
        for text in everyDeclaration.map(commandHelp) + [programHelp()] {
            for line in text.split(separator: "\n") where line.count > 80 {
                Issue.record("\(line)")
            }
        }
    }

    @Test func theProgramsHelpListsItsCommands() {
        let help = programHelp()
        for entry in CommandTable.entries {
            #expect(help.contains("\n  \(entry.name) "))
        }
        #expect(help.contains("--cgroup-manager NAME"))
        #expect(!help.contains("--criu"))
    }
}

@Suite struct ManualPageTests {
    private let pages = everyDeclaration.map(commandManual) + [programManual()]

    @Test func everyPageHasItsSections() {
        for page in pages {
            #expect(page.hasPrefix(".TH \"APUS"))
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"] {
                #expect(page.contains("\n.SH \(section)\n"))
            }
        }
    }

    /// Every line that begins like a request is one of those that the generator uses.
    @Test func textIsNotTakenForRequests() {
        let requests = [".TH", ".SH", ".TP", ".PP", ".B", ".BR", ".I"]
        for line in pages.joined().split(separator: "\n")
        where line.first == "." || line.first == "'" {
            let request = line.split(separator: " ").first.map(String.init) ?? ""
            #expect(requests.contains(request), "\(line)")
        }
    }

    @Test(.enabled(if: find("groff") != nil)) func aFormatterHasNothingToSay() throws {
        let groff = try #require(find("groff"))
        let scratch = try Scratch()
        try scratch.write("page", pages.joined())
        let command = "\(groff) -man -Tutf8 -ww \(scratch.path)/page"
        #expect(shell(command + " >\(scratch.path)/out 2>\(scratch.path)/err") == 0)
        #expect(try scratch.text("err") == "")
        #expect(try scratch.text("out").contains("apus-checkpoint"))
    }
}

@Suite struct CompletionTests {
    static let shells = ["bash", "zsh", "fish"].filter { find($0) != nil }

    @Test(.enabled(if: !shells.isEmpty, "no shell to try it with"), arguments: shells)
    func theShellReadsTheScript(name: String) throws {
        let program = try #require(find(name))
        let scratch = try Scratch()
        try scratch.write("script", script(name))
        let command = "\(program) -n \(scratch.path)/script 2>\(scratch.path)/err"
        #expect(shell(command) == 0)
        #expect(try scratch.text("err") == "")
    }

    @Test(arguments: [
        ("apus cre", "create"), ("apus --root / cre", "create"), ("apus create --bun", "--bundle"),
        ("apus list --format j", "json"), ("apus --log-format j", "json"),
        ("apus completion z", "zsh"), ("apus kill x KIL", "KILL"), ("apus help chec", "checkpoint"),
        ("apus start s", "stub-id"), ("apus --root /somewhere start s", "somewhere-id"),
        ("apus mounts r", "remove"), ("apus mounts add s", "stub-id"), ("apus list --zz", ""),
        ("apus nonsense x", ""), ("apus list --format = j", "json"),
        ("apus --log-format =", "text json"), ("apus --root = /somewhere start s", "somewhere-id"),
        ("apus list --format=j", "--format=json"), ("apus list --format=x", ""),
        ("apus --root=/somewhere start s", "somewhere-id"), ("apus start --nonsense = s", ""),
    ])
    func bashCompletes(line: String, expected: String) throws {
        let bash = try #require(find("bash"))
        let scratch = try Scratch()
        let words = line.split(separator: " ")
        // `apus` itself is replaced by a function that knows one container.
        try scratch.write(
            "script",
            bashCompletion(everyDeclaration) + """
                apus() { if [[ $1 == --root ]]; then echo somewhere-id; else echo stub-id; fi; }
                COMP_WORDS=(\(words.joined(separator: " ")))
                COMP_CWORD=\(words.count - 1)
                _apus
                echo "${COMPREPLY[@]}"

                """)
        #expect(shell("\(bash) \(scratch.path)/script >\(scratch.path)/out 2>&1") == 0)
        let output = try scratch.text("out")
        #expect(
            output.split(separator: "\n", omittingEmptySubsequences: false).first ?? "" == expected)
    }

    private func script(_ shell: String) -> String {
        switch shell {
        case "bash": return bashCompletion(everyDeclaration)
        case "zsh": return zshCompletion(everyDeclaration)
        default: return fishCompletion(everyDeclaration)
        }
    }
}

private func find(_ program: String) -> String? {
    ["/bin/", "/usr/bin/"].map { $0 + program }.first { Files.exists($0) }
}

/// Runs a shell command and returns its exit status.
private func shell(_ command: String) -> Int32 {
    let status = system(command)
    return status & 0x7F == 0 ? status >> 8 : -1
}
