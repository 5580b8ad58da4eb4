internal import Cgroups
internal import OCISpec

/// The listing of a plan: what `apus plan` prints and what golden tests compare.
///
/// One line a step: who does it, what is done, and the place in config.json that asks for it.
package enum PlanDescription {
    /// One line of the listing.
    package struct Line: Equatable, Sendable {
        /// `host`, `init` or `sync`.
        package var actor: String
        package var action: String
        package var origin: String
    }

    /// All lines in order.
    ///
    /// The steps of the cgroup appear one by one, each with its own origin.
    package static func lines(_ plan: Plan) -> [Line] {
        var lines: [Line] = []
        for step in plan.steps {
            switch step.actor {
            case .host(.cgroup(let steps)):
                for part in steps {
                    lines.append(
                        Line(actor: "host", action: part.description, origin: part.property))
                }
            case .host(let host):
                lines.append(Line(actor: "host", action: host.description, origin: step.origin))
            case .initStage(.sync(let reason), _):
                lines.append(Line(actor: "sync", action: reason.rawValue, origin: step.origin))
            case .initStage(let op, let flags):
                lines.append(
                    Line(actor: "init", action: op.description + flags.suffix, origin: step.origin))
            }
        }
        return lines
    }

    /// The listing as text with aligned columns, one newline-terminated line a step.
    package static func text(_ plan: Plan) -> String {
        let lines = lines(plan)
        // Long actions (environments) would push the origins off every screen.
        let width = lines.map { min($0.action.count, 56) }.max() ?? 0
        var text = ""
        for line in lines {
            let padding = String(repeating: " ", count: max(2, width + 2 - line.action.count))
            text += "\(line.actor)  \(line.action)\(padding)\(line.origin)\n"
        }
        return text
    }

    /// The listing as a JSON array of objects with `actor`, `action` and `origin`.
    package static func json(_ plan: Plan) -> String {
        var writer = JSONWriter(.spaces)
        writer.array { writer in
            for line in lines(plan) {
                writer.object { writer in
                    writer.key("actor")
                    writer.value(line.actor)
                    writer.key("action")
                    writer.value(line.action)
                    writer.key("origin")
                    writer.value(line.origin)
                }
            }
        }
        return writer.text
    }
}

extension PlanOpFlags {
    fileprivate var suffix: String {
        var words: [String] = []
        if contains(.warn) { words.append("failure is a warning") }
        if contains(.ignoreMissing) { words.append("if it exists") }
        if contains(.refusable) { words.append("if it is allowed") }
        if contains(.instead) { words.append("if not") }
        return words.isEmpty ? "" : " (" + words.joined(separator: ", ") + ")"
    }
}
