/// The system call filter (`/linux/seccomp`, seccomp(2)).
package struct Seccomp: Sendable, Equatable {
    /// What happens to a call that no rule matches.
    package var defaultAction: SeccompAction
    /// The errno (or trace message) of `defaultAction`.
    package var defaultErrnoRet: UInt32?
    /// Architectures that the filter covers beside the native one.
    package var architectures: [SeccompArchitecture]?
    /// Flags of seccomp(2); absent and empty differ.
    package var flags: [SeccompFlag]?
    /// The socket that receives the notification descriptor.
    package var listenerPath: String?
    /// Opaque data for the listener.
    package var listenerMetadata: String?
    /// The rules.
    package var syscalls: [SyscallRule]?

    /// Creates a value; what is not given is absent.
    package init(
        defaultAction: SeccompAction, defaultErrnoRet: UInt32? = nil,
        architectures: [SeccompArchitecture]? = nil, flags: [SeccompFlag]? = nil,
        listenerPath: String? = nil, listenerMetadata: String? = nil, syscalls: [SyscallRule]? = nil
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.flags = flags
        self.listenerPath = listenerPath
        self.listenerMetadata = listenerMetadata
        self.syscalls = syscalls
    }
}

extension Seccomp: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        defaultAction = object.requiredKeyword("defaultAction", placeholder: .kill)
        defaultErrnoRet = object.integer("defaultErrnoRet")
        architectures = object.keywords("architectures")
        flags = object.keywords("flags")
        listenerPath = object.string("listenerPath")
        listenerMetadata = object.string("listenerMetadata")
        syscalls = object.objects("syscalls")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("defaultAction", defaultAction)
        writer.member("defaultErrnoRet", defaultErrnoRet)
        writer.member("architectures", architectures)
        writer.member("flags", flags)
        writer.member("listenerPath", listenerPath)
        writer.member("listenerMetadata", listenerMetadata)
        writer.member("syscalls", syscalls)
    }
}

/// A rule of the filter (`/linux/seccomp/syscalls/N`).
package struct SyscallRule: Sendable, Equatable {
    /// System calls; a name that libseccomp does not know is skipped.
    package var names: [String]
    /// What happens.
    package var action: SeccompAction
    /// The errno (or trace message) of `action`.
    package var errnoRet: UInt32?
    /// Conditions on arguments, all of which must hold.
    package var args: [SyscallArg]?

    /// Creates a value; what is not given is absent.
    package init(
        names: [String], action: SeccompAction, errnoRet: UInt32? = nil, args: [SyscallArg]? = nil
    ) {
        self.names = names
        self.action = action
        self.errnoRet = errnoRet
        self.args = args
    }
}

extension SyscallRule: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        names = object.requiredStrings("names", atLeast: 1)
        action = object.requiredKeyword("action", placeholder: .kill)
        errnoRet = object.integer("errnoRet")
        args = object.objects("args")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("names", names)
        writer.member("action", action)
        writer.member("errnoRet", errnoRet)
        writer.member("args", args)
    }
}

/// A condition on one argument of a system call.
package struct SyscallArg: Sendable, Equatable {
    /// Which argument, from 0.
    package var index: UInt32
    /// What it is compared with; the mask for `maskedEqual`.
    package var value: UInt64
    /// The value for `maskedEqual`.
    package var valueTwo: UInt64?
    /// The comparison.
    package var op: SeccompOperator

    /// Creates a value; what is not given is absent.
    package init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: SeccompOperator) {
        self.index = index
        self.value = value
        self.valueTwo = valueTwo
        self.op = op
    }
}

extension SyscallArg: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        index = object.requiredInteger("index")
        value = object.requiredInteger("value")
        valueTwo = object.integer("valueTwo")
        op = object.requiredKeyword("op", placeholder: .notEqual)
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("index", index)
        writer.member("value", value)
        writer.member("valueTwo", valueTwo)
        writer.member("op", op)
    }
}

/// Actions of a filter (seccomp_init(3)).
package enum SeccompAction: String, Sendable, CaseIterable {
    case kill = "SCMP_ACT_KILL"
    case killProcess = "SCMP_ACT_KILL_PROCESS"
    case killThread = "SCMP_ACT_KILL_THREAD"
    case trap = "SCMP_ACT_TRAP"
    case errno = "SCMP_ACT_ERRNO"
    case trace = "SCMP_ACT_TRACE"
    case allow = "SCMP_ACT_ALLOW"
    case log = "SCMP_ACT_LOG"
    case notify = "SCMP_ACT_NOTIFY"
}

/// Flags of a filter (seccomp(2)).
package enum SeccompFlag: String, Sendable, CaseIterable {
    case tsync = "SECCOMP_FILTER_FLAG_TSYNC"
    case log = "SECCOMP_FILTER_FLAG_LOG"
    case specAllow = "SECCOMP_FILTER_FLAG_SPEC_ALLOW"
    case waitKillableRecv = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
}

/// Comparisons of an argument (seccomp_rule_add(3)).
package enum SeccompOperator: String, Sendable, CaseIterable {
    case notEqual = "SCMP_CMP_NE"
    case less = "SCMP_CMP_LT"
    case lessOrEqual = "SCMP_CMP_LE"
    case equal = "SCMP_CMP_EQ"
    case greaterOrEqual = "SCMP_CMP_GE"
    case greater = "SCMP_CMP_GT"
    case maskedEqual = "SCMP_CMP_MASKED_EQ"
}

/// Architectures of a filter (seccomp_arch_add(3)).
package enum SeccompArchitecture: String, Sendable, CaseIterable {
    case x86 = "SCMP_ARCH_X86"
    case x86_64 = "SCMP_ARCH_X86_64"
    case x32 = "SCMP_ARCH_X32"
    case arm = "SCMP_ARCH_ARM"
    case aarch64 = "SCMP_ARCH_AARCH64"
    case loongarch64 = "SCMP_ARCH_LOONGARCH64"
    case m68k = "SCMP_ARCH_M68K"
    case mips = "SCMP_ARCH_MIPS"
    case mips64 = "SCMP_ARCH_MIPS64"
    case mips64n32 = "SCMP_ARCH_MIPS64N32"
    case mipsel = "SCMP_ARCH_MIPSEL"
    case mipsel64 = "SCMP_ARCH_MIPSEL64"
    case mipsel64n32 = "SCMP_ARCH_MIPSEL64N32"
    case ppc = "SCMP_ARCH_PPC"
    case ppc64 = "SCMP_ARCH_PPC64"
    case ppc64le = "SCMP_ARCH_PPC64LE"
    case s390 = "SCMP_ARCH_S390"
    case s390x = "SCMP_ARCH_S390X"
    case sh = "SCMP_ARCH_SH"
    case sheb = "SCMP_ARCH_SHEB"
    case parisc = "SCMP_ARCH_PARISC"
    case parisc64 = "SCMP_ARCH_PARISC64"
    case riscv64 = "SCMP_ARCH_RISCV64"
}
