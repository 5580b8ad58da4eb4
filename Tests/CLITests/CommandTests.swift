import Cgroups
import Container
import Testing

@testable import CLI

@Suite struct CommandTests {
    /// Reads every option of every command once.
    ///
    /// A reader that asks for an option that is not declared stops the test run.
    @Test func everyCommandReadsOnlyWhatItDeclares() throws {
        for type in everyCommand {
            let line =
                switch type.declaration.name {
                case "mounts": "add ID /f"
                case "exec": "ID true"
                case "completion": "bash"
                case "plan", "list", "spec", "features", "help": ""
                default: "ID"
                }
            _ = try type.init(validating: try parsed(line, type.declaration))
        }
    }

    @Test func namesAreUnique() {
        #expect(Set(everyDeclaration.map(\.name)).count == everyDeclaration.count)
        for declaration in everyDeclaration + [GlobalOptions.declaration] {
            let options = declaration.options + OptionDeclaration.common
            #expect(Set(options.map(\.name)).count == options.count, "\(declaration.name)")
            let letters = options.flatMap { Array($0.short) }
            #expect(Set(letters).count == letters.count, "\(declaration.name)")
        }
    }

    @Test func theTableNamesCommandsAsTheyNameThemselves() {
        for entry in CommandTable.entries {
            #expect(entry.declaration().name == entry.name)
            #expect(everyDeclaration.contains { $0.name == entry.name })
        }
    }

    @Test func everyDeclarationIsComplete() {
        for declaration in everyDeclaration {
            #expect(!declaration.summary.isEmpty && !declaration.description.isEmpty)
            #expect(declaration.summary.first?.isLowercase == true, "\(declaration.name)")
            #expect(declaration.summary.utf8.count <= 60, "\(declaration.name)")
            for option in declaration.options {
                #expect(!option.help.isEmpty && !option.help.hasSuffix("."), "\(option.name)")
                #expect(!(option.takesValue && option.name.isEmpty))
            }
        }
    }

    @Test(
        arguments: [
            ("1000", 1000, nil), ("0:0", 0, 0), ("1000:100", 1000, 100),
            ("4294967294", 4_294_967_294, nil),
        ] as [(String, UInt32, UInt32?)])
    func execReadsUsers(text: String, uid: UInt32, gid: UInt32?) throws {
        let exec = try command(ExecCommand.self, "--user \(text) ID sh")
        #expect(exec.user == ExecCommand.User(uid: uid, gid: gid))
    }

    @Test(arguments: [
        "root", "0:", ":0", "+1", " 1", "1x", "0x1", "4294967296", "0:wheel", "-1",
        "4294967295", "1:4294967295", "1:2:3", "1 ", "1.0",
    ])
    func execRefusesUsers(text: String) {
        var arguments = ParsedArguments(ExecCommand.declaration)
        #expect(throws: UsageError.self) {
            try arguments.parse(["--user", text, "ID", "sh"])
            _ = try ExecCommand(validating: arguments)
        }
    }

    @Test(arguments: [
        ("ID", "exec args cannot be empty"),
        ("-e A ID sh", "--env: \"A\" is not NAME=VALUE"),
        ("-e =1 ID sh", "--env: \"=1\" is not NAME=VALUE"),
        ("-g x ID sh", "--additional-gids: \"x\" is not a whole number of 64 bits"),
        ("--preserve-fds -1 ID sh", "--preserve-fds: -1 is not between 0 and 1048576"),
    ])
    func execRefuses(line: String, message: String) {
        #expect(commandRefusal(ExecCommand.self, line) == message)
    }

    @Test func execKeepsListsInOrder() throws {
        let exec = try command(
            ExecCommand.self,
            "-e A=1 -e B= -g 5 -g 6 -c KILL --cap CAP_CHOWN --cgroup cpu:/a --cgroup /b ID sh")
        #expect(exec.environment == ["A=1", "B="])
        #expect(exec.additionalGids == [5, 6])
        #expect(exec.capabilities == ["KILL", "CAP_CHOWN"])
        #expect(exec.cgroups == [CgroupSubpath("/a", controllers: ["cpu"]), CgroupSubpath("/b")])
    }

    @Test func updateReadsSizesAndNumbers() throws {
        let update = try command(
            UpdateCommand.self,
            "--memory 64m --memory-swap -1 --cpu-quota -1 --cpu-share 512 --cpu-idle 1"
                + " --blkio-weight 10 --pids-limit -1 --kernel-memory 1 ID")
        #expect(update.memory == 64 << 20)
        #expect(update.memorySwap == -1)
        #expect(update.memoryReservation == nil)
        #expect(update.cpuQuota == -1)
        #expect(update.cpuShares == 512)
        #expect(update.cpuIdle == 1)
        #expect(update.blkioWeight == 10)
        #expect(update.pidsLimit == -1)
        #expect(update.obsolete == ["kernel-memory"])
    }

    @Test(arguments: [
        "--memory 1x", "--memory -2", "--cpu-share -1", "--cpu-quota -2", "--cpu-idle 2",
        "--blkio-weight 1001", "--cpu-period 1.5", "--pids-limit ''",
    ])
    func updateRefuses(option: String) {
        #expect(commandRefusal(UpdateCommand.self, option + " ID") != nil)
    }

    @Test func eventsNeedAnInterval() throws {
        #expect(try command(EventsCommand.self, "ID").interval == 5_000_000_000)
        #expect(try command(EventsCommand.self, "--interval 100ms ID").interval == 100_000_000)
        #expect(commandRefusal(EventsCommand.self, "--interval 0 ID") != nil)
        #expect(commandRefusal(EventsCommand.self, "--interval 5 ID") != nil)
        #expect(commandRefusal(EventsCommand.self, "--interval -5s ID") != nil)
    }

    @Test func planIsForCreateOrExec() throws {
        guard
            case .create(let launch) = try command(PlanCommand.self, "-b /b --format json").subject
        else { return #expect(Bool(false), "not a plan for create") }
        #expect(launch.bundle == "/b")
        let line = "exec --user 5 ID -- sh -c x"
        guard case .exec(let exec) = try command(PlanCommand.self, line).subject
        else { return #expect(Bool(false), "not a plan for exec") }
        #expect(exec.id == "ID")
        #expect(exec.user?.uid == 5)
        #expect(exec.command == ["sh", "-c", "x"])
        #expect(commandRefusal(PlanCommand.self, "delete") == "plan: \"delete\" is not exec")
        #expect(commandRefusal(PlanCommand.self, "exec ID") == "exec args cannot be empty")
    }

    @Test(arguments: [
        "--parent-path /abs ID", "--status-fd x ID", "--status-fd -2 ID", "--page-server host ID",
        "--page-server :80 ID", "--page-server h:0 ID", "--page-server h:65536 ID",
        "--manage-cgroups-mode loose ID", "--network-lock none ID", "--empty-ns pid ID",
    ])
    func checkpointRefuses(line: String) {
        #expect(commandRefusal(CheckpointCommand.self, line) != nil)
    }

    @Test func checkpointReadsAddresses() throws {
        let checkpoint = try command(CheckpointCommand.self, "--page-server ::1:8080 ID")
        #expect(checkpoint.pageServer?.address == "::1")
        #expect(checkpoint.statusDescriptor == nil)
        #expect(try command(CheckpointCommand.self, "--status-fd -1 ID").statusDescriptor == nil)
    }

    @Test(arguments: ["apparmor", "apparmor:", ":x"])
    func restoreRefusesProfiles(text: String) {
        #expect(commandRefusal(RestoreCommand.self, "--lsm-profile \(text) ID") != nil)
    }

    @Test func mountsNeedAnActionAndAFile() {
        #expect(commandRefusal(MountsCommand.self, "replace ID /f") != nil)
        #expect(commandRefusal(MountsCommand.self, "add ID") != nil)
    }

    @Test func launchOptionsReachTheContainer() throws {
        let line =
            "-b /b/../c --no-pivot --no-new-keyring --preserve-fds 3 --strict --pid-file p ID"
        let create = try command(CreateCommand.self, line)
        let options = try create.launch.options(id: create.id, mode: .run)
        #expect(options.id == "ID")
        #expect(options.bundle == "/c")
        #expect(options.mode == .run)
        #expect(options.avoidsPivot && options.keepsKeyring && options.isStrict)
        #expect(options.preservedFDs == 3)
        #expect(options.pidFile == "p")
        #expect(try !command(CreateCommand.self, "ID").launch.strict)
    }
}
