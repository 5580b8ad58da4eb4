/// The program of the container, or of `exec` (`/process`).
package struct Process: Sendable, Equatable {
    /// Whether a pseudo-terminal is attached to the standard streams.
    package var terminal: Bool?
    /// The terminal's first size; ignored without `terminal`.
    package var consoleSize: ConsoleSize?
    /// The identity of the program.
    package var user: User?
    /// The argument vector; at least one is needed to start.
    package var args: [String]?
    /// A command line for Windows; decoded, never used.
    package var commandLine: String?
    /// The environment, `NAME=value` each.
    package var env: [String]?
    /// The working directory, absolute.
    package var cwd: String
    /// The five capability sets.
    package var capabilities: Capabilities?
    /// Resource limits; one per type.
    package var rlimits: [Rlimit]?
    /// Whether PR_SET_NO_NEW_PRIVS is set (prctl(2)).
    package var noNewPrivileges: Bool?
    /// The AppArmor profile to change to at exec.
    package var apparmorProfile: String?
    /// The value for /proc/PID/oom_score_adj; absent means do not touch.
    package var oomScoreAdj: Int64?
    /// The SELinux label of the program.
    package var selinuxLabel: String?
    /// The I/O scheduling class and priority (ioprio_set(2)).
    package var ioPriority: IOPriority?
    /// The CPU scheduling policy (sched_setattr(2)).
    package var scheduler: Scheduler?
    /// CPU affinity of a program started by `exec`.
    package var execCPUAffinity: ExecCPUAffinity?

    /// Creates a value; what is not given is absent.
    package init(
        terminal: Bool? = nil, consoleSize: ConsoleSize? = nil, user: User? = nil,
        args: [String]? = nil, commandLine: String? = nil, env: [String]? = nil, cwd: String,
        capabilities: Capabilities? = nil, rlimits: [Rlimit]? = nil, noNewPrivileges: Bool? = nil,
        apparmorProfile: String? = nil, oomScoreAdj: Int64? = nil, selinuxLabel: String? = nil,
        ioPriority: IOPriority? = nil, scheduler: Scheduler? = nil,
        execCPUAffinity: ExecCPUAffinity? = nil
    ) {
        self.terminal = terminal
        self.consoleSize = consoleSize
        self.user = user
        self.args = args
        self.commandLine = commandLine
        self.env = env
        self.cwd = cwd
        self.capabilities = capabilities
        self.rlimits = rlimits
        self.noNewPrivileges = noNewPrivileges
        self.apparmorProfile = apparmorProfile
        self.oomScoreAdj = oomScoreAdj
        self.selinuxLabel = selinuxLabel
        self.ioPriority = ioPriority
        self.scheduler = scheduler
        self.execCPUAffinity = execCPUAffinity
    }
}

extension Process: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        terminal = object.bool("terminal")
        consoleSize = object.object("consoleSize")
        user = object.object("user")
        args = object.strings("args")
        commandLine = object.string("commandLine")
        env = object.strings("env")
        cwd = object.requiredString("cwd")
        capabilities = object.object("capabilities")
        rlimits = object.objects("rlimits")
        noNewPrivileges = object.bool("noNewPrivileges")
        apparmorProfile = object.string("apparmorProfile")
        oomScoreAdj = object.integer("oomScoreAdj")
        selinuxLabel = object.string("selinuxLabel")
        ioPriority = object.object("ioPriority")
        scheduler = object.object("scheduler")
        execCPUAffinity = object.object("execCPUAffinity")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("terminal", terminal)
        writer.member("consoleSize", consoleSize)
        writer.member("user", user)
        writer.member("args", args)
        writer.member("commandLine", commandLine)
        writer.member("env", env)
        writer.member("cwd", cwd)
        writer.member("capabilities", capabilities)
        writer.member("rlimits", rlimits)
        writer.member("noNewPrivileges", noNewPrivileges)
        writer.member("apparmorProfile", apparmorProfile)
        writer.member("oomScoreAdj", oomScoreAdj)
        writer.member("selinuxLabel", selinuxLabel)
        writer.member("ioPriority", ioPriority)
        writer.member("scheduler", scheduler)
        writer.member("execCPUAffinity", execCPUAffinity)
    }
}

/// The size of a terminal in characters (`/process/consoleSize`).
package struct ConsoleSize: Sendable, Equatable {
    /// Rows.
    package var height: UInt64
    /// Columns.
    package var width: UInt64

    /// Creates a value; what is not given is absent.
    package init(height: UInt64, width: UInt64) {
        self.height = height
        self.width = width
    }
}

extension ConsoleSize: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        height = object.requiredInteger("height")
        width = object.requiredInteger("width")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("height", height)
        writer.member("width", width)
    }
}

/// The identity of a program (`/process/user`); ids are those inside the container.
package struct User: Sendable, Equatable {
    /// The user id; 0 when absent.
    package var uid: UInt32?
    /// The group id; 0 when absent.
    package var gid: UInt32?
    /// The file mode creation mask; absent means do not touch.
    package var umask: UInt32?
    /// Supplementary groups.
    package var additionalGids: [UInt32]?
    /// A user name for Windows; decoded, never used.
    package var username: String?

    /// Creates a value; what is not given is absent.
    package init(
        uid: UInt32? = nil, gid: UInt32? = nil, umask: UInt32? = nil,
        additionalGids: [UInt32]? = nil, username: String? = nil
    ) {
        self.uid = uid
        self.gid = gid
        self.umask = umask
        self.additionalGids = additionalGids
        self.username = username
    }
}

extension User: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        uid = object.integer("uid")
        gid = object.integer("gid")
        umask = object.integer("umask")
        additionalGids = object.integers("additionalGids")
        username = object.string("username")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("uid", uid)
        writer.member("gid", gid)
        writer.member("umask", umask)
        writer.member("additionalGids", additionalGids)
        writer.member("username", username)
    }
}

/// The five capability sets (`/process/capabilities`, capabilities(7)).
///
/// Names stay strings, because a name that the kernel does not know is a warning, not an error.
package struct Capabilities: Sendable, Equatable {
    /// What the program and its children can ever gain.
    package var bounding: [String]?
    /// What permission checks look at.
    package var effective: [String]?
    /// What is kept over execve(2) with file capabilities.
    package var inheritable: [String]?
    /// What may be made effective.
    package var permitted: [String]?
    /// What is kept over execve(2) of an ordinary program.
    package var ambient: [String]?

    /// Creates a value; what is not given is absent.
    package init(
        bounding: [String]? = nil, effective: [String]? = nil, inheritable: [String]? = nil,
        permitted: [String]? = nil, ambient: [String]? = nil
    ) {
        self.bounding = bounding
        self.effective = effective
        self.inheritable = inheritable
        self.permitted = permitted
        self.ambient = ambient
    }
}

extension Capabilities: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        bounding = object.strings("bounding")
        effective = object.strings("effective")
        inheritable = object.strings("inheritable")
        permitted = object.strings("permitted")
        ambient = object.strings("ambient")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("bounding", bounding)
        writer.member("effective", effective)
        writer.member("inheritable", inheritable)
        writer.member("permitted", permitted)
        writer.member("ambient", ambient)
    }
}

/// One resource limit (`/process/rlimits/N`, getrlimit(2)).
package struct Rlimit: Sendable, Equatable {
    /// Which resource.
    package var type: RlimitType
    /// The limit that the kernel enforces.
    package var soft: UInt64
    /// The ceiling of `soft`.
    package var hard: UInt64

    /// Creates a value; what is not given is absent.
    package init(type: RlimitType, soft: UInt64, hard: UInt64) {
        self.type = type
        self.soft = soft
        self.hard = hard
    }
}

extension Rlimit: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        type = object.requiredKeyword("type", placeholder: .as)
        soft = object.requiredInteger("soft")
        hard = object.requiredInteger("hard")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("type", type)
        writer.member("soft", soft)
        writer.member("hard", hard)
    }
}

/// The resources that setrlimit(2) limits.
package enum RlimitType: String, Sendable, CaseIterable {
    case `as` = "RLIMIT_AS"
    case core = "RLIMIT_CORE"
    case cpu = "RLIMIT_CPU"
    case data = "RLIMIT_DATA"
    case fsize = "RLIMIT_FSIZE"
    case locks = "RLIMIT_LOCKS"
    case memlock = "RLIMIT_MEMLOCK"
    case msgqueue = "RLIMIT_MSGQUEUE"
    case nice = "RLIMIT_NICE"
    case nofile = "RLIMIT_NOFILE"
    case nproc = "RLIMIT_NPROC"
    case rss = "RLIMIT_RSS"
    case rtprio = "RLIMIT_RTPRIO"
    case rttime = "RLIMIT_RTTIME"
    case sigpending = "RLIMIT_SIGPENDING"
    case stack = "RLIMIT_STACK"
}
