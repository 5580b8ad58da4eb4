import Container
import Glibc
import OCISpec

/// `apus list`: prints the containers under the root directory.
struct ListCommand: Command {
    let isJSON: Bool
    let quiet: Bool

    static let declaration = CommandDeclaration(
        "list", "list containers",
        description: """
            Prints the containers under the root directory with their process, status, bundle, \
            time of creation and owner.
            """,
        positionals: [],
        options: [
            .format(["table", "json"]),
            .flag("quiet", short: "q", "print the IDs only"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        isJSON = arguments.value("format") == "json"
        quiet = arguments.flag("quiet")
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let containers = try context.host().list()
        if isJSON || quiet {
            for container in containers {
                if let problem = container.problem {
                    context.log.warning("\(container.id): \(problem)")
                }
            }
        }
        if quiet {
            try printResult(containers.map { $0.id + "\n" }.joined())
        } else if isJSON {
            try printResult(json(containers) + "\n")
        } else {
            try printResult(table(containers))
        }
        return 0
    }

    private static let columns = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]

    private func table(_ containers: [ListedContainer]) -> String {
        let rows = containers.map { container -> [String] in
            guard let state = container.state else {
                let problem = (container.problem ?? "").split(separator: "\n").first ?? ""
                return [container.id, "-", "broken", String(problem), "-", "-"]
            }
            return [
                state.id, "\(state.pid ?? 0)", state.status.rawValue, state.bundle,
                state.created ?? "", ownerName(container.ownerUID),
            ]
        }
        return columnText([Self.columns] + rows)
    }

    /// An array of state objects with their owner; `null` when there is none, as runc prints it.
    private func json(_ containers: [ListedContainer]) -> String {
        var writer = JSONWriter(.compact)
        if containers.isEmpty { return "null" }
        writer.array { writer in
            for container in containers {
                guard var state = container.state else { continue }
                state.owner = ownerName(container.ownerUID)
                writer.object { state.writeMembers(to: &$0) }
            }
        }
        return writer.text
    }

    private func ownerName(_ uid: UInt32?) -> String {
        guard let uid else { return "-" }
        return UserNames.name(of: uid) ?? "#\(uid)"
    }
}
