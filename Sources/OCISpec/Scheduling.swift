/// CPU scheduling (`/process/scheduler`, sched_setattr(2)).
package struct Scheduler: Sendable, Equatable {
    /// The scheduling policy.
    package var policy: SchedulerPolicy
    /// The nice value, for SCHED_OTHER and SCHED_BATCH.
    package var nice: Int32?
    /// The static priority, for SCHED_FIFO and SCHED_RR.
    package var priority: Int32?
    /// Flags of sched_setattr(2).
    package var flags: [SchedulerFlag]?
    /// SCHED_DEADLINE: the budget per period, in ns.
    package var runtime: UInt64?
    /// SCHED_DEADLINE: the relative deadline, in ns.
    package var deadline: UInt64?
    /// SCHED_DEADLINE: the period, in ns.
    package var period: UInt64?

    /// Creates a value; what is not given is absent.
    package init(
        policy: SchedulerPolicy, nice: Int32? = nil, priority: Int32? = nil,
        flags: [SchedulerFlag]? = nil, runtime: UInt64? = nil, deadline: UInt64? = nil,
        period: UInt64? = nil
    ) {
        self.policy = policy
        self.nice = nice
        self.priority = priority
        self.flags = flags
        self.runtime = runtime
        self.deadline = deadline
        self.period = period
    }
}

extension Scheduler: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        policy = object.requiredKeyword("policy", placeholder: .other)
        nice = object.integer("nice")
        priority = object.integer("priority")
        flags = object.keywords("flags")
        runtime = object.integer("runtime")
        deadline = object.integer("deadline")
        period = object.integer("period")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("policy", policy)
        writer.member("nice", nice)
        writer.member("priority", priority)
        writer.member("flags", flags)
        writer.member("runtime", runtime)
        writer.member("deadline", deadline)
        writer.member("period", period)
    }
}

/// Scheduling policies (sched(7)).
package enum SchedulerPolicy: String, Sendable, CaseIterable {
    case other = "SCHED_OTHER"
    case fifo = "SCHED_FIFO"
    case rr = "SCHED_RR"
    case batch = "SCHED_BATCH"
    case iso = "SCHED_ISO"
    case idle = "SCHED_IDLE"
    case deadline = "SCHED_DEADLINE"
}

/// Flags of sched_setattr(2).
package enum SchedulerFlag: String, Sendable, CaseIterable {
    case resetOnFork = "SCHED_FLAG_RESET_ON_FORK"
    case reclaim = "SCHED_FLAG_RECLAIM"
    case deadlineOverrun = "SCHED_FLAG_DL_OVERRUN"
    case keepPolicy = "SCHED_FLAG_KEEP_POLICY"
    case keepParams = "SCHED_FLAG_KEEP_PARAMS"
    case utilClampMin = "SCHED_FLAG_UTIL_CLAMP_MIN"
    case utilClampMax = "SCHED_FLAG_UTIL_CLAMP_MAX"
}

/// I/O scheduling (`/process/ioPriority`, ioprio_set(2)).
package struct IOPriority: Sendable, Equatable {
    /// The scheduling class.
    package var `class`: IOPriorityClass
    /// The level within the class, 0 (high) to 7.
    package var priority: Int32?

    /// Creates a value; what is not given is absent.
    package init(class: IOPriorityClass, priority: Int32? = nil) {
        self.class = `class`
        self.priority = priority
    }
}

extension IOPriority: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        `class` = object.requiredKeyword("class", placeholder: .realtime)
        priority = object.integer("priority")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("class", `class`)
        writer.member("priority", priority)
    }
}

/// I/O scheduling classes (ioprio_set(2)).
package enum IOPriorityClass: String, Sendable, CaseIterable {
    case realtime = "IOPRIO_CLASS_RT"
    case bestEffort = "IOPRIO_CLASS_BE"
    case idle = "IOPRIO_CLASS_IDLE"
}

/// CPU affinity around `exec` (`/process/execCPUAffinity`); CPU lists such as `0-3,7`.
package struct ExecCPUAffinity: Sendable, Equatable {
    /// While the runtime moves the program into the cgroup.
    package var initial: String?
    /// Once the program is in the cgroup.
    package var `final`: String?

    /// Creates a value; what is not given is absent.
    package init(initial: String? = nil, final: String? = nil) {
        self.initial = initial
        self.final = `final`
    }
}

extension ExecCPUAffinity: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        initial = object.string("initial", .cpuList)
        `final` = object.string("final", .cpuList)
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("initial", initial)
        writer.member("final", `final`)
    }
}
