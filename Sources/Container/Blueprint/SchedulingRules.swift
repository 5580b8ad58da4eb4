package import OCISpec

/// What `process.scheduler` must fulfil before the kernel is asked (sched_setattr(2)).
package enum SchedulingRules {
    /// Notes values that the policy does not have.
    package static func check(_ scheduler: Scheduler, _ diagnostics: inout Diagnostics) {
        let location = "process/scheduler"
        let policy = scheduler.policy
        if let nice = scheduler.nice, nice != 0 {
            if policy != .other && policy != .batch {
                diagnostics.error(
                    location + "/nice", "nice is for SCHED_OTHER and SCHED_BATCH only")
            } else if !(-20...19).contains(nice) {
                diagnostics.error(location + "/nice", "\(nice) is not within -20 and 19")
            }
        }
        if let priority = scheduler.priority, priority != 0, policy != .fifo, policy != .rr {
            diagnostics.error(
                location + "/priority", "priority is for SCHED_FIFO and SCHED_RR only")
        }
        let deadlines = [scheduler.runtime, scheduler.deadline, scheduler.period]
        if policy != .deadline, deadlines.contains(where: { ($0 ?? 0) != 0 }) {
            diagnostics.error(
                location, "runtime, deadline and period are for SCHED_DEADLINE only")
        }
    }
}
