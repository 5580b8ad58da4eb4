import Container
import Testing

@testable import CLI

/// The command lines that engines and monitors really send, after their global options.
@Suite struct EngineCommandLineTests {
    @Test(arguments: [
        "--root /run/containerd/runc/k8s.io --log /b/log.json --log-format json --systemd-cgroup"
            + " create --bundle /b ID",
        "--root /run/x --debug --log /b/log.json --log-format json --rootless=true state ID",
        "--root /run/x --log /b/log.json --log-format json --rootless=false state ID",
        "--root=/run/crio --systemd-cgroup state ID",
        "--cgroup-manager disabled --log-format=json --log /l start ID",
        "--systemd-cgroup --root=/r create ID",
        "-systemd-cgroup -root /r create ID",
        "--criu /usr/sbin/criu restore ID",
        "--log-level debug --log journald:x create ID",
    ])
    func globalOptions(line: String) throws {
        let arguments = try parsed(line, GlobalOptions.declaration)
        _ = try GlobalOptions(arguments, .testing())
        #expect(arguments.tail.last == "ID")
    }

    @Test func containerdCreates() throws {
        let create = try command(
            CreateCommand.self,
            "--bundle /b --pid-file /b/init.pid --console-socket /tmp/s --pidfd-socket /tmp/p"
                + " --no-pivot --no-new-keyring --preserve-fds 2 ID")
        #expect(create.id == "ID")
        #expect(create.launch.bundle == "/b")
        #expect(create.launch.pidFile == "/b/init.pid")
        #expect(create.launch.consoleSocket == "/tmp/s")
        #expect(create.launch.pidfdSocket == "/tmp/p")
        #expect(create.launch.noPivot)
        #expect(create.launch.noNewKeyring)
        #expect(create.launch.preserveFds == 2)
        #expect(create.launch.configFile == "config.json")
    }

    @Test func containerdExecutes() throws {
        let exec = try command(
            ExecCommand.self,
            "--process /tmp/p --console-socket /s --detach --pid-file /b/1.pid ID")
        #expect(exec.processFile == "/tmp/p")
        #expect(exec.detach)
        #expect(exec.command == [])
        #expect(exec.noNewPrivileges == nil)
    }

    @Test func containerdUpdatesFromStandardInput() throws {
        #expect(try command(UpdateCommand.self, "--resources=- ID").resourcesFile == "-")
        #expect(try command(UpdateCommand.self, "--resources - ID").resourcesFile == "-")
        #expect(try command(UpdateCommand.self, "-r /f ID").resourcesFile == "/f")
    }

    @Test func containerdListsProcesses() throws {
        let ps = try command(PsCommand.self, "--format json ID")
        #expect(ps.isJSON)
        #expect(ps.arguments == ["-ef"])
    }

    @Test func containerdCheckpointsAndRestores() throws {
        let checkpoint = try command(
            CheckpointCommand.self,
            "--image-path /i --work-path /w --tcp-established --ext-unix-sk --shell-job"
                + " --file-locks --empty-ns network --leave-running --status-fd 3 ID")
        #expect(checkpoint.criu.imagePath == "/i")
        #expect(checkpoint.criu.allowsEstablishedTCP)
        #expect(checkpoint.criu.emptiesNetwork)
        #expect(checkpoint.leaveRunning)
        #expect(checkpoint.statusDescriptor == 3)
        let restore = try command(
            RestoreCommand.self,
            "--image-path /i --work-path /w --bundle /b --pid-file /p --detach -no-subreaper"
                + " --manage-cgroups-mode strict ID")
        #expect(restore.noSubreaper)
        #expect(restore.detach)
        #expect(restore.criu.cgroupsMode == .strict)
    }

    @Test func conmonCreatesRestoresAndExecutes() throws {
        let create = try command(
            CreateCommand.self,
            "--bundle /b --pid-file /p --no-pivot --no-new-keyring --console-socket /s ID")
        #expect(create.launch.noNewKeyring)
        #expect(try command(CreateCommand.self, "--detach --bundle /b ID").launch.bundle == "/b")
        let restore = try command(
            RestoreCommand.self,
            "--bundle /b --pid-file /p --detach --image-path /i --work-path /w --tcp-close"
                + " --lsm-profile=apparmor:x --lsm-mount-context=system_u:object_r:x:s0 ID")
        #expect(restore.tcpClose)
        #expect(restore.lsmProfile == "apparmor:x")
        #expect(restore.lsmMountContext == "system_u:object_r:x:s0")
        let exec = try command(
            ExecCommand.self, "--pid-file /p --process /f --detach --console-socket /s ID")
        #expect(exec.pidFile == "/p")
    }

    @Test func conmonInRustExecutesByWords() throws {
        let exec = try command(
            ExecCommand.self, "-d --console-socket=/s --tty --pid-file=/p ID sh -c true")
        #expect(exec.detach && exec.tty)
        #expect(exec.command == ["sh", "-c", "true"])
    }

    @Test(
        arguments: [
            ("ID", 15, false), ("ID 9", 9, false), ("ID KILL", 9, false), ("--all ID 9", 9, true),
            ("-a ID TERM", 15, true), ("ID 15 --all", 15, true), ("ID SIGRTMIN+3", 37, false),
        ] as [(String, Int32, Bool)])
    func everybodyKills(line: String, signal: Int32, all: Bool) throws {
        let kill = try command(KillCommand.self, line)
        #expect(kill.signal == signal)
        #expect(kill.all == all)
    }

    @Test func everybodyDeletes() throws {
        #expect(try command(DeleteCommand.self, "--force ID").force)
        #expect(try command(DeleteCommand.self, "ID -f").force)
        #expect(try !command(DeleteCommand.self, "ID").force)
        #expect(try command(DeleteCommand.self, "-fr web.*").regex)
    }

    @Test func podmanCheckpoints() throws {
        let checkpoint = try command(
            CheckpointCommand.self,
            "--image-path /i --work-path /w --pre-dump --parent-path ../pre --file-locks ID")
        #expect(checkpoint.preDump)
        #expect(checkpoint.parentPath == "../pre")
    }

    /// podman takes an engine for one that restores pods when this text appears.
    @Test func podmanProbes() throws {
        #expect(
            refusal("--lsm-mount-context", RestoreCommand.declaration)
                == "flag needs an argument: --lsm-mount-context")
        #expect(try parsed("--help", CheckpointCommand.declaration).wantsHelp)
        #expect(try parsed("--help", RestoreCommand.declaration).wantsHelp)
    }

    @Test func buildkitRuns() throws {
        let run = try command(RunCommand.self, "--bundle /b --no-pivot --keep ID")
        #expect(run.keep && run.launch.noPivot && !run.detach)
        #expect(try command(RunCommand.self, "--no-subreaper -d ID").noSubreaper)
    }

    @Test func crunFormsAreTaken() throws {
        #expect(try command(ExecCommand.self, "--tty=no ID sh").tty == false)
        #expect(try command(ExecCommand.self, "-cCAP_KILL ID sh").capabilities == ["CAP_KILL"])
        #expect(
            try command(CreateCommand.self, "-f other.json ID").launch.configFile == "other.json")
        let mounts = try command(MountsCommand.self, "remove ID /tmp/m.json")
        #expect(mounts.action == .remove)
        #expect(mounts.file == "/tmp/m.json")
    }
}
