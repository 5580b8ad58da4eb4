/// Everything that will be done for a container, in order: a value that can be printed, compared
/// and executed.
///
/// The parent walks the steps. It executes its own, skips those of the init stage, and at a `sync`
/// waits until the init stage is there; the host's steps that follow a sync run before the init
/// stage may go on.
package struct Plan: Equatable, Sendable {
    /// Who does a step.
    package enum Actor: Equatable, Sendable {
        case host(HostStep)
        case initStage(PlanOp, PlanOpFlags)
    }

    /// One step with the place in config.json that asks for it.
    package struct Step: Equatable, Sendable {
        package var actor: Actor
        package var origin: String
        /// What identifies the place for a human, such as a mount's destination; may be empty.
        package var label: String
    }

    /// All steps in order.
    package private(set) var steps: [Step] = []
    /// How many descriptors the init stage gets from the parent.
    package private(set) var slotCount = 0
    /// How many descriptors from 3 the program keeps.
    package var payloadFDs = 0
    /// Whether the init stage reports the time of each operation.
    package var isTraced = false

    /// An empty plan.
    package init() {}

    /// Reserves a place for a descriptor.
    package mutating func newSlot() -> PlanOp.Slot {
        slotCount += 1
        return slotCount - 1
    }

    /// Appends a step of the parent.
    package mutating func host(_ step: HostStep, _ origin: String, label: String = "") {
        steps.append(Step(actor: .host(step), origin: origin, label: label))
    }

    /// Appends an operation of the init stage.
    package mutating func add(
        _ op: PlanOp, _ origin: String, label: String = "", flags: PlanOpFlags = []
    ) {
        steps.append(Step(actor: .initStage(op, flags), origin: origin, label: label))
    }

    /// Replaces the operations for which `body` has another one.
    mutating func replace(_ body: (PlanOp) -> PlanOp?) {
        for (index, step) in steps.enumerated() {
            if case .initStage(let op, let flags) = step.actor, let other = body(op) {
                steps[index].actor = .initStage(other, flags)
            }
        }
    }

    /// Makes refusals of the kernel failures: takes out what is done instead.
    mutating func dropSubstitutes() {
        steps.removeAll { step in
            if case .initStage(_, let flags) = step.actor { return flags.contains(.instead) }
            return false
        }
        for (index, step) in steps.enumerated() {
            guard case .initStage(let op, let flags) = step.actor else { continue }
            steps[index].actor = .initStage(op, flags.subtracting(.refusable))
        }
    }

    /// The init stage's operations, by the index that it reports.
    package var operations: [(op: PlanOp, flags: PlanOpFlags, step: Step)] {
        var result: [(op: PlanOp, flags: PlanOpFlags, step: Step)] = []
        for step in steps {
            if case .initStage(let op, let flags) = step.actor { result.append((op, flags, step)) }
        }
        return result
    }
}

/// Flags that any operation can have.
package struct PlanOpFlags: OptionSet, Equatable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A failure is reported as a warning, and the plan goes on (PLAN_WARN).
    package static let warn = PlanOpFlags(rawValue: 1 << 0)
    /// A missing target is no failure (PLAN_IGNORE_ENOENT).
    package static let ignoreMissing = PlanOpFlags(rawValue: 1 << 1)
    /// Only done where the mount before it was refused (PLAN_INSTEAD).
    package static let instead = PlanOpFlags(rawValue: 1 << 2)
    /// A mount whose refusal is left to what follows `instead` (PLAN_REFUSABLE).
    package static let refusable = PlanOpFlags(rawValue: 1 << 3)
}
