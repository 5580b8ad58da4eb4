internal import CKernel
internal import OCISpec

extension RlimitType {
    /// The resource of `prlimit(2)`, as in `asm-generic/resource.h`.
    var number: Int32 {
        switch self {
        case .cpu: 0
        case .fsize: 1
        case .data: 2
        case .stack: 3
        case .core: 4
        case .rss: 5
        case .nproc: 6
        case .nofile: 7
        case .memlock: 8
        case .as: 9
        case .locks: 10
        case .sigpending: 11
        case .msgqueue: 12
        case .nice: 13
        case .rtprio: 14
        case .rttime: 15
        }
    }
}

extension IOPriorityClass {
    /// The class of `ioprio_set(2)`.
    var number: Int32 {
        switch self {
        case .realtime: 1
        case .bestEffort: 2
        case .idle: 3
        }
    }
}

extension Scheduler {
    /// The attributes of `sched_setattr(2)`.
    var attributes: ck_sched_attr {
        var attributes = ck_sched_attr()
        attributes.policy = policy.number
        attributes.nice = nice ?? 0
        attributes.priority = UInt32(clamping: priority ?? 0)
        attributes.runtime = runtime ?? 0
        attributes.deadline = deadline ?? 0
        attributes.period = period ?? 0
        for flag in flags ?? [] { attributes.flags |= flag.bit }
        return attributes
    }
}

extension SchedulerPolicy {
    /// The policy of `sched_setattr(2)`.
    fileprivate var number: UInt32 {
        switch self {
        case .other: 0
        case .fifo: 1
        case .rr: 2
        case .batch: 3
        case .iso: 4
        case .idle: 5
        case .deadline: 6
        }
    }
}

extension SchedulerFlag {
    /// The flag of `sched_setattr(2)`.
    fileprivate var bit: UInt64 {
        switch self {
        case .resetOnFork: 0x01
        case .reclaim: 0x02
        case .deadlineOverrun: 0x04
        case .keepPolicy: 0x08
        case .keepParams: 0x10
        case .utilClampMin: 0x20
        case .utilClampMax: 0x40
        }
    }
}
