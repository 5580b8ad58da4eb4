import Container
import Glibc
import OCISpec
import Testing

@Suite("Seccomp profiles")
struct SeccompProfileTests {
    @Test(
        "actions have the kernel's numbers",
        arguments: [
            (.kill, nil, 0), (.killThread, nil, 0), (.killProcess, nil, 0x8000_0000),
            (.trap, nil, 0x0003_0000), (.errno, nil, 0x0005_0001), (.errno, 0, 0x0005_0000),
            (.errno, 38, 0x0005_0026), (.errno, 4095, 0x0005_0fff), (.trace, nil, 0x7ff0_0001),
            (.trace, 0xffff, 0x7ff0_ffff), (.allow, nil, 0x7fff_0000), (.log, nil, 0x7ffc_0000),
            (.notify, nil, 0x7fc0_0000),
        ] as [(SeccompAction, UInt32?, UInt32)])
    func actions(_ action: SeccompAction, _ number: UInt32?, _ value: UInt32) {
        #expect(action.value(number) == value)
    }

    @Test(
        "flags have the kernel's bits",
        arguments: [
            ([], 0), ([.tsync], 0), ([.log], 2), ([.specAllow], 4),
            ([.log, .specAllow, .tsync], 6),
            // Without a listener this one would be refused by the kernel.
            ([.waitKillableRecv], 0),
        ] as [([SeccompFlag], UInt64)])
    func flags(_ flags: [SeccompFlag], _ bits: UInt64) {
        let made = profile(Seccomp(defaultAction: .allow, flags: flags))
        #expect(made.flags.rawValue == bits)
        #expect(!made.hasDefaultFlags)
    }

    @Test("without flags the runtime's own are taken")
    func defaultFlags() {
        let made = profile(Seccomp(defaultAction: .allow))
        #expect(made.flags == .specAllow)
        #expect(made.hasDefaultFlags)
    }

    @Test("a listener is there when something notifies")
    func listener() {
        let rule = SyscallRule(names: ["mkdir"], action: .notify)
        let made = profile(
            Seccomp(
                defaultAction: .allow, flags: [.waitKillableRecv], listenerPath: "/sock",
                listenerMetadata: "m", syscalls: [rule]))
        #expect(made.listener?.path == "/sock")
        #expect(made.listener?.metadata == "m")
        #expect(made.flags == [.newListener, .waitKillable])
        let byDefault = profile(Seccomp(defaultAction: .notify, listenerPath: "/sock"))
        #expect(byDefault.listener?.path == "/sock")
        let silent = profile(Seccomp(defaultAction: .allow, listenerPath: "/sock"))
        #expect(silent.listener == nil)
        #expect(!silent.flags.contains(.newListener))
    }

    @Test(
        "which defaults leave new calls alone",
        arguments: [
            (.allow, nil, false), (.log, nil, false), (.trace, 7, false), (.notify, nil, false),
            (.errno, UInt32(ENOSYS), false), (.errno, nil, true), (.errno, 2, true),
            (.kill, nil, true), (.killProcess, nil, true), (.trap, nil, true),
        ] as [(SeccompAction, UInt32?, Bool)])
    func newCalls(_ action: SeccompAction, _ number: UInt32?, _ hides: Bool) {
        let made = profile(
            Seccomp(defaultAction: action, defaultErrnoRet: number, listenerPath: "/sock"))
        #expect(made.hidesNewCalls == hides)
    }

    @Test("architectures are kept once")
    func architectures() {
        let made = profile(
            Seccomp(defaultAction: .allow, architectures: [.x86, .arm, .x86, .riscv64]))
        #expect(made.architectures == [.x86, .arm, .riscv64])
    }

    @Test(
        "libseccomp knows what it says it knows",
        arguments: [
            (.x86, 0x4000_0003), (.x86_64, 0xc000_003e), (.x32, 0x4000_003e), (.arm, 0x4000_0028),
            (.aarch64, 0xc000_00b7), (.mips, 8), (.mips64n32, 0xa000_0008),
            (.mipsel64, 0xc000_0008), (.ppc64le, 0xc000_0015), (.s390x, 0x8000_0016),
            (.parisc, 15), (.riscv64, 0xc000_00f3),
        ] as [(SeccompArchitecture, UInt32)])
    func tokens(_ architecture: SeccompArchitecture, _ token: UInt32) {
        #expect(architecture.token == token)
    }

    @Test(
        "numbers for actions that take none, and out of range",
        arguments: [
            (
                Seccomp(defaultAction: .allow, defaultErrnoRet: 1),
                "linux/seccomp/defaultErrnoRet: SCMP_ACT_ALLOW takes no errno"
            ),
            (
                Seccomp(defaultAction: .killProcess, defaultErrnoRet: 0),
                "linux/seccomp/defaultErrnoRet: SCMP_ACT_KILL_PROCESS takes no errno"
            ),
            (
                Seccomp(
                    defaultAction: .allow,
                    syscalls: [SyscallRule(names: ["a"], action: .trap, errnoRet: 1)]),
                "linux/seccomp/syscalls/0/errnoRet: SCMP_ACT_TRAP takes no errno"
            ),
            (
                Seccomp(defaultAction: .errno, defaultErrnoRet: 4096),
                "linux/seccomp/defaultErrnoRet: 4096 is beyond the highest number of "
                    + "SCMP_ACT_ERRNO, 4095"
            ),
            (
                Seccomp(defaultAction: .trace, defaultErrnoRet: 65536),
                "linux/seccomp/defaultErrnoRet: 65536 is beyond the highest number of "
                    + "SCMP_ACT_TRACE, 65535"
            ),
        ])
    func numbers(_ seccomp: Seccomp, _ sentence: String) {
        #expect(mistakes(seccomp) == [sentence])
    }

    @Test("all mistakes of a profile are found at once")
    func several() {
        let argument = SyscallArg(index: 6, value: 0, op: .equal)
        let found = mistakes(
            Seccomp(
                defaultAction: .notify, listenerMetadata: "m",
                syscalls: [
                    SyscallRule(names: ["read", ""], action: .notify),
                    SyscallRule(names: ["write"], action: .errno, args: [argument]),
                ]))
        #expect(
            found == [
                "linux/seccomp/syscalls/0/names/1: the name of the system call is empty",
                "linux/seccomp/syscalls/1/args/0/index: system calls have arguments 0 to 5, found 6",
                "linux/seccomp/listenerMetadata: listenerMetadata needs a listenerPath",
                "linux/seccomp/defaultAction: SCMP_ACT_NOTIFY needs a listenerPath",
                "linux/seccomp/syscalls/0/action: SCMP_ACT_NOTIFY needs a listenerPath",
            ])
    }

    @Test("what features tells")
    func features() throws {
        let features = SeccompSupport.features()
        #expect(features.enabled == true)
        #expect(features.actions?.count == 9)
        #expect(features.operators?.count == 7)
        #expect(features.archs?.contains(.x86_64) == true)
        #expect(features.knownFlags?.count == 4)
        // Linux 5.0 has these three.
        let supported = try #require(features.supportedFlags)
        for flag in [SeccompFlag.tsync, .log, .specAllow] { #expect(supported.contains(flag)) }
    }
}
