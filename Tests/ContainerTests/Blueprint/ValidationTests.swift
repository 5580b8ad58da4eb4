import OCISpec
import Testing

@testable import Container

/// Each check of `Validation`: what it accepts, what it refuses, and in which words.
@Suite struct ValidationTests {
    /// A configuration and everything that is found in it.
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var spec: Spec
        var options = testOptions()
        var facts = HostFacts()
        var errors: [String] = []

        init(
            _ name: String, _ spec: Spec, _ errors: [String] = [],
            options: LaunchOptions = testOptions(), facts: HostFacts = HostFacts()
        ) {
            self.name = name
            self.spec = spec
            self.options = options
            self.facts = facts
            self.errors = errors
        }

        var testDescription: String { name }
    }

    private func check(_ row: Case) {
        #expect(findings(row.spec, row.options, row.facts).errors == row.errors)
    }

    // MARK: - The document

    static let document: [Case] = [
        Case("minimal", Configurations.minimal),
        Case("version 1.0.0", Configurations.changed { $0.ociVersion = "1.0.0" }),
        Case(
            "version 1.9.0-dev", Configurations.changed { $0.ociVersion = "1.9.0-dev+unreleased" }),
        Case(
            "version 2.0.0", Configurations.changed { $0.ociVersion = "2.0.0" },
            ["ociVersion: version \"2.0.0\" is not supported: expected 1.x"]),
        Case(
            "version 10.0.0", Configurations.changed { $0.ociVersion = "10.0.0" },
            ["ociVersion: version \"10.0.0\" is not supported: expected 1.x"]),
        Case("no root", Configurations.changed { $0.root = nil }, ["root: root is required"]),
        Case(
            "empty root path", Configurations.changed { $0.root = Root(path: "") },
            ["root/path: path is empty"]),
        Case(
            "no process", Configurations.changed { $0.process = nil },
            ["process: process is required"]),
        Case(
            "annotations",
            Configurations.changed {
                $0.annotations = [StringEntry(key: "org.example", value: "")]
            }),
        Case(
            "annotation without key",
            Configurations.changed {
                $0.annotations = [
                    StringEntry(key: "a", value: ""), StringEntry(key: "", value: "x"),
                ]
            }, ["annotations: key 1 is empty"]),
    ]

    @Test("the document", arguments: document)
    func checkDocument(_ row: Case) { check(row) }

    // MARK: - The program

    static let process: [Case] = [
        Case(
            "no arguments", Configurations.process { $0.args = nil },
            ["process/args: args must not be empty"]),
        Case(
            "empty arguments", Configurations.process { $0.args = [] },
            ["process/args: args must not be empty"]),
        Case(
            "empty program", Configurations.process { $0.args = ["", "x"] },
            ["process/args/0: exec: \"\": executable file not found in $PATH"]),
        Case("empty argument", Configurations.process { $0.args = ["true", ""] }),
        Case(
            "relative cwd", Configurations.process { $0.cwd = "srv" },
            ["process/cwd: cwd must be an absolute path, found \"srv\""]),
        Case(
            "empty cwd", Configurations.process { $0.cwd = "" },
            ["process/cwd: cwd must be an absolute path, found \"\""]),
        Case(
            "highest ids",
            Configurations.process {
                $0.user = User(
                    uid: 4_294_967_294, gid: 4_294_967_294, additionalGids: [4_294_967_294])
            }),
        Case(
            "ids that are none",
            Configurations.process {
                $0.user = User(uid: .max, gid: .max, additionalGids: [0, .max])
            },
            [
                "process/user/uid: uid 4294967295 is not a user",
                "process/user/gid: gid 4294967295 is not a group",
                "process/user/additionalGids/1: gid 4294967295 is not a group",
            ]),
        Case("highest umask", Configurations.process { $0.user = User(umask: 0o777) }),
        Case(
            "umask too high", Configurations.process { $0.user = User(umask: 0o1000) },
            ["process/user/umask: umask 512 is beyond 0777 (511)"]),
        Case("oom scores", Configurations.process { $0.oomScoreAdj = -1000 }),
        Case("oom scores", Configurations.process { $0.oomScoreAdj = 1000 }),
        Case(
            "oom score too low", Configurations.process { $0.oomScoreAdj = -1001 },
            ["process/oomScoreAdj: -1001 is not within -1000 and 1000"]),
        Case(
            "oom score too high", Configurations.process { $0.oomScoreAdj = 1001 },
            ["process/oomScoreAdj: 1001 is not within -1000 and 1000"]),
        Case(
            "limits",
            Configurations.process {
                $0.rlimits = [
                    Rlimit(type: .core, soft: 0, hard: .max), Rlimit(type: .cpu, soft: 5, hard: 5),
                ]
            }),
        Case(
            "limits twice and upside down",
            Configurations.process {
                $0.rlimits = [
                    Rlimit(type: .core, soft: 0, hard: 1), Rlimit(type: .core, soft: 9, hard: 8),
                ]
            },
            [
                "process/rlimits/1: RLIMIT_CORE is given twice",
                "process/rlimits/1/soft (RLIMIT_CORE): soft limit 9 is above hard 8",
            ]),
        Case(
            "I/O priority",
            Configurations.process {
                $0.ioPriority = IOPriority(class: .bestEffort, priority: 7)
            }),
        Case(
            "I/O priority without level",
            Configurations.process {
                $0.ioPriority = IOPriority(class: .idle)
            }),
        Case(
            "I/O priority too high",
            Configurations.process {
                $0.ioPriority = IOPriority(class: .bestEffort, priority: 8)
            }, ["process/ioPriority/priority: 8 is not within 0 and 7"]),
        Case(
            "I/O priority below zero",
            Configurations.process {
                $0.ioPriority = IOPriority(class: .bestEffort, priority: -1)
            }, ["process/ioPriority/priority: -1 is not within 0 and 7"]),
    ]

    static let affinity: [Case] = [
        Case(
            "processors",
            Configurations.process {
                $0.execCPUAffinity = ExecCPUAffinity(initial: "0", final: "0-3,7")
            }),
        Case(
            "no processors",
            Configurations.process {
                $0.execCPUAffinity = ExecCPUAffinity(initial: "", final: nil)
            }),
        Case(
            "what is no list",
            Configurations.process {
                $0.execCPUAffinity = ExecCPUAffinity(initial: "x", final: "3-1")
            },
            [
                "process/execCPUAffinity/initial: "
                    + "expected processors such as 0-3,7, found \"x\"",
                "process/execCPUAffinity/final: "
                    + "expected processors such as 0-3,7, found \"3-1\"",
            ]),
    ]

    @Test("processors of exec", arguments: affinity)
    func checkAffinity(_ row: Case) { check(row) }

    static let blockIO: [Case] =
        [0, 10, 1000, nil].map { weight in
            Case(
                "weight \(weight.map(String.init) ?? "absent")",
                Configurations.linux {
                    $0.resources = Resources(blockIO: BlockIO(weight: weight))
                })
        }
        + [1, 9, 1001].map { (weight: UInt16) in
            Case(
                "weight \(weight)",
                Configurations.linux {
                    $0.resources = Resources(blockIO: BlockIO(weight: weight))
                }, ["linux/resources/blockIO/weight: \(weight) is not within 10 and 1000"])
        }

    @Test("block device weights", arguments: blockIO)
    func checkBlockIO(_ row: Case) { check(row) }

    @Test("the program", arguments: process)
    func checkProcess(_ row: Case) { check(row) }

    static let scheduler: [Case] = [
        Case(
            "other",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .other, nice: -20)
            }),
        Case(
            "batch",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .batch, nice: 19)
            }),
        Case(
            "fifo",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .fifo, nice: 0, priority: 99)
            }),
        Case(
            "deadline",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .deadline, runtime: 1, deadline: 2, period: 3)
            }),
        Case(
            "zeroes",
            Configurations.process {
                $0.scheduler = Scheduler(
                    policy: .idle, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0)
            }),
        Case(
            "nice too high",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .other, nice: 20)
            }, ["process/scheduler/nice: 20 is not within -20 and 19"]),
        Case(
            "nice too low",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .batch, nice: -21)
            }, ["process/scheduler/nice: -21 is not within -20 and 19"]),
        Case(
            "all of another policy",
            Configurations.process {
                $0.scheduler = Scheduler(policy: .idle, nice: 1, priority: 1, period: 1)
            },
            [
                "process/scheduler/nice: nice is for SCHED_OTHER and SCHED_BATCH only",
                "process/scheduler/priority: priority is for SCHED_FIFO and SCHED_RR only",
                "process/scheduler: runtime, deadline and period are for SCHED_DEADLINE only",
            ]),
    ]

    @Test("the scheduler", arguments: scheduler)
    func checkScheduler(_ row: Case) { check(row) }

    // MARK: - Namespaces

    static let mapping = IDMapping(containerID: 0, hostID: 100_000, size: 65536)

    static let namespaces: [Case] = [
        Case(
            "no mount namespace", Configurations.linux { $0.namespaces = [Namespace(type: .pid)] },
            [
                "linux/namespaces: a mount namespace is required: "
                    + "without one the container's mounts would be the host's"
            ]),
        Case(
            "joined mount namespace",
            Configurations.linux {
                $0.namespaces = [Namespace(type: .mount, path: "/proc/1/ns/mnt")]
            }),
        Case(
            "a type twice",
            Configurations.linux {
                $0.namespaces = [
                    Namespace(type: .mount), Namespace(type: .uts),
                    Namespace(type: .uts, path: "/proc/1/ns/uts"),
                ]
            }, ["linux/namespaces/2 (uts): namespace type is given twice"]),
        Case(
            "relative path",
            Configurations.linux {
                $0.namespaces = [Namespace(type: .mount), Namespace(type: .ipc, path: "ns/ipc")]
            }, ["linux/namespaces/1/path: path is not absolute: ns/ipc"]),
        Case(
            "empty path is a new one",
            Configurations.linux {
                $0.namespaces = [Namespace(type: .mount, path: "")]
            }),
        Case(
            "names with a namespace",
            Configurations.changed {
                $0.hostname = "tern"
                $0.domainname = "test"
                $0.linux?.namespaces?.append(Namespace(type: .uts))
            }),
        Case(
            "names with a joined namespace",
            Configurations.changed {
                $0.hostname = "tern"
                $0.linux?.namespaces?.append(Namespace(type: .uts, path: "/proc/1/ns/uts"))
            }),
        Case(
            "empty names",
            Configurations.changed {
                $0.hostname = ""
                $0.domainname = ""
            }),
        Case(
            "names without a namespace",
            Configurations.changed {
                $0.hostname = "tern"
                $0.domainname = "test"
            },
            [
                "hostname: unable to set hostname without a private UTS namespace",
                "domainname: unable to set domainname without a private UTS namespace",
            ]),
        Case(
            "time offsets",
            Configurations.linux {
                $0.namespaces?.append(Namespace(type: .time))
                $0.timeOffsets = TimeOffsets(monotonic: TimeOffset(secs: 1))
            }),
        Case(
            "time offsets without a namespace",
            Configurations.linux {
                $0.timeOffsets = TimeOffsets(monotonic: TimeOffset(secs: 1))
            }, ["linux/timeOffsets: time offsets need a new time namespace"]),
        Case(
            "time offsets of a joined namespace",
            Configurations.linux {
                $0.namespaces?.append(Namespace(type: .time, path: "/proc/1/ns/time"))
                $0.timeOffsets = TimeOffsets(boottime: TimeOffset(secs: 1))
            }, ["linux/timeOffsets: time offsets need a new time namespace"]),
    ]

    @Test("namespaces", arguments: namespaces)
    func checkNamespaces(_ row: Case) { check(row) }

    static let userNamespace: [Case] = [
        Case("mapped", Configurations.mapped()),
        Case(
            "mappings without a namespace", Configurations.linux { $0.uidMappings = [mapping] },
            ["linux/uidMappings: id mappings need a user namespace"]),
        Case(
            "group mappings without a namespace",
            Configurations.linux { $0.gidMappings = [mapping] },
            ["linux/uidMappings: id mappings need a user namespace"]),
        Case(
            "a namespace without mappings", Configurations.mapped(uid: nil, gid: []),
            [
                "linux/uidMappings: a new user namespace needs uid mappings",
                "linux/gidMappings: a new user namespace needs gid mappings",
                "process/user/uid: uid 0 is not mapped in the user namespace",
                "process/user/gid: gid 0 is not mapped in the user namespace",
            ]),
        Case(
            "joined without mappings",
            Configurations.linux {
                $0.namespaces?.append(Namespace(type: .user, path: "/proc/1/ns/user"))
            }),
        Case(
            "rootless without a user namespace", Configurations.minimal,
            ["linux/namespaces: rootless container requires a user namespace"],
            facts: HostFacts(euid: 1000, egid: 1000, isRootless: true)),
        Case(
            "rootless with one", Configurations.mapped(),
            facts: HostFacts(euid: 1000, egid: 1000, isRootless: true)),
        Case(
            "ids beyond the mappings",
            Configurations.mapped { spec in
                spec.process?.user = User(uid: 65536, gid: 65537, additionalGids: [65535, 70000])
            },
            [
                "process/user/uid: uid 65536 is not mapped in the user namespace",
                "process/user/gid: gid 65537 is not mapped in the user namespace",
                "process/user/additionalGids/1: gid 70000 is not mapped in the user namespace",
            ]),
    ]

    @Test("user namespaces", arguments: userNamespace)
    func checkUserNamespace(_ row: Case) { check(row) }

    @Test("no flag of a personality is defined")
    func personality() {
        func errors(_ flags: [String]?) -> [String] {
            findings(
                Configurations.linux {
                    $0.personality = Personality(domain: .linux32, flags: flags)
                }
            ).errors
        }
        #expect(errors(nil) == [] && errors([]) == [])
        #expect(
            errors(["X"]) == ["linux/personality/flags: unknown flag \"X\": none is defined"])
    }

    // MARK: - Paths, root and hooks

    static let paths: [Case] = [
        Case(
            "protected paths",
            Configurations.linux {
                $0.maskedPaths = ["/proc/kcore"]
                $0.readonlyPaths = ["/proc/sys"]
            }),
        Case(
            "relative protected paths",
            Configurations.linux {
                $0.maskedPaths = ["/proc/kcore", "proc/keys"]
                $0.readonlyPaths = [""]
            },
            [
                "linux/maskedPaths/1: path is not absolute: proc/keys",
                "linux/readonlyPaths/0: path is not absolute: ",
            ]),
        Case(
            "shared root without pivot",
            Configurations.linux { $0.rootfsPropagation = .rshared },
            options: testOptions { $0.avoidsPivot = true }),
        Case("private root", Configurations.linux { $0.rootfsPropagation = .private }),
        Case(
            "private root without pivot", Configurations.linux { $0.rootfsPropagation = .private },
            ["linux/rootfsPropagation: private propagation is impossible with --no-pivot"],
            options: testOptions { $0.avoidsPivot = true }),
        Case(
            "recursively private root without pivot",
            Configurations.linux { $0.rootfsPropagation = .rprivate },
            ["linux/rootfsPropagation: private propagation is impossible with --no-pivot"],
            options: testOptions { $0.avoidsPivot = true }),
        Case(
            "hooks",
            Configurations.changed {
                $0.hooks = Hooks(prestart: [Hook(path: "/hook", timeout: 1)])
            }),
        Case(
            "hooks of every kind",
            Configurations.changed {
                $0.hooks = Hooks(
                    prestart: [Hook(path: "a")],
                    createRuntime: [Hook(path: "/ok"), Hook(path: "b")],
                    createContainer: [Hook(path: "c")], startContainer: [Hook(path: "")],
                    poststart: [Hook(path: "/e", timeout: 0)],
                    poststop: [Hook(path: "f", timeout: -1)])
            },
            [
                "hooks/prestart/0/path: path is not absolute: a",
                "hooks/createRuntime/1/path: path is not absolute: b",
                "hooks/createContainer/0/path: path is not absolute: c",
                "hooks/startContainer/0/path: path is not absolute: ",
                "hooks/poststart/0/timeout (/e): timeout must be greater than zero",
                "hooks/poststop/0/path: path is not absolute: f",
                "hooks/poststop/0/timeout (f): timeout must be greater than zero",
            ]),
    ]

    @Test("paths and hooks", arguments: paths)
    func checkPaths(_ row: Case) { check(row) }

    // MARK: - What the caller asks for

    private static let terminal = Configurations.process {
        $0.terminal = true
        $0.consoleSize = ConsoleSize(height: 65535, width: 65535)
    }

    private static let noSocket = [
        "process/terminal: cannot allocate tty if apus will detach without setting console socket"
    ]
    private static let needlessSocket = [
        "process/terminal: cannot use console socket if apus will not detach or allocate tty"
    ]

    private static func open(_ count: Int, listen: Int) -> HostFacts {
        var facts = HostFacts(listenFDs: listen)
        facts.inheritedFDs = count
        return facts
    }

    static let requests: [Case] = [
        Case(
            "terminal with socket", terminal,
            options: testOptions { $0.consoleSocket = "/run/s" }),
        Case("terminal without socket", terminal, noSocket),
        Case(
            "terminal of a detached run", terminal, noSocket,
            options: testOptions {
                $0.mode = .run
                $0.isDetached = true
            }),
        Case(
            "terminal of a detached run with socket", terminal,
            options: testOptions {
                $0.mode = .run
                $0.isDetached = true
                $0.consoleSocket = "/run/s"
            }),
        Case("terminal in the foreground", terminal, options: testOptions { $0.mode = .run }),
        Case(
            "terminal in the foreground with socket", terminal, needlessSocket,
            options: testOptions {
                $0.mode = .run
                $0.consoleSocket = "/run/s"
            }),
        Case(
            "socket without terminal", Configurations.minimal, needlessSocket,
            options: testOptions { $0.consoleSocket = "/run/s" }),
        Case(
            "size without terminal",
            Configurations.process {
                $0.consoleSize = ConsoleSize(height: 1 << 40, width: 1)
            }),
        Case(
            "size too large",
            Configurations.process {
                $0.terminal = true
                $0.consoleSize = ConsoleSize(height: 1, width: 65536)
            }, ["process/consoleSize: height and width are at most 65535"],
            options: testOptions { $0.mode = .run }),
        Case(
            "descriptors", Configurations.minimal, options: testOptions { $0.preservedFDs = 2 },
            facts: open(3, listen: 1)),
        Case(
            "descriptors that are not open", Configurations.minimal,
            [
                "--preserve-fds and LISTEN_FDS ask for 4 descriptors, "
                    + "the caller has 3 open from 3"
            ],
            options: testOptions { $0.preservedFDs = 2 }, facts: open(3, listen: 2)),
    ]

    @Test("the request", arguments: requests)
    func checkRequests(_ row: Case) { check(row) }

    @Test("a contradicting request is not called a mistake of the configuration")
    func codes() {
        var diagnostics = Diagnostics()
        _ = Blueprint(
            Self.terminal, options: testOptions(), facts: HostFacts(), &diagnostics)
        #expect(diagnostics.errors.map(\.code) == [.invalidRequest])
    }

    // MARK: - All at once

    @Test("everything that is wrong is said at once, in the order of the checks")
    func allAtOnce() {
        let spec = Spec(
            ociVersion: "3.0.0", process: Process(user: User(uid: .max), args: [], cwd: "x"),
            hostname: "tern", mounts: [Mount(destination: "/", type: "tmpfs")],
            hooks: Hooks(poststop: [Hook(path: "relative")]),
            linux: Linux(
                sysctl: [StringEntry(key: "kernel.panic", value: "1")],
                seccomp: Seccomp(defaultAction: .allow), maskedPaths: ["relative"]))
        let expected = [
            "mounts/0/destination (/): cannot mount over the root",
            "linux/seccomp: not supported yet",
            "ociVersion: version \"3.0.0\" is not supported: expected 1.x",
            "root: root is required",
            "process/cwd: cwd must be an absolute path, found \"x\"",
            "process/user/uid: uid 4294967295 is not a user",
            "process/args: args must not be empty",
            "linux/namespaces: a mount namespace is required: "
                + "without one the container's mounts would be the host's",
            "hostname: unable to set hostname without a private UTS namespace",
            "linux/sysctl/kernel.panic: sysctl \"kernel.panic\" is not in a separate kernel namespace",
            "linux/maskedPaths/0: path is not absolute: relative",
            "hooks/poststop/0/path: path is not absolute: relative",
        ]
        // The filter is refused only as long as it is not supported.
        let found = findings(spec).errors
        #expect(found.filter { $0 != expected[1] } == expected.filter { $0 != expected[1] })
    }

    @Test("an empty document is refused without harm")
    func empty() {
        #expect(
            findings(Spec(ociVersion: "1.0.0")).errors == [
                "root: root is required", "process: process is required",
                "linux/namespaces: a mount namespace is required: "
                    + "without one the container's mounts would be the host's",
            ])
    }
}
