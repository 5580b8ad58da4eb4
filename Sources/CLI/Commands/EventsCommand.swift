import Container

/// `apus events`: prints what happens in a container.
struct EventsCommand: Command {
    let id: String
    /// Nanoseconds between two records of statistics.
    let interval: Int64
    /// Whether one record is all.
    let stats: Bool

    static let declaration = CommandDeclaration(
        "events", "print statistics and out-of-memory events of a container",
        description: """
            Prints one JSON object per line: the resource usage of a container at regular \
            intervals, and every time its memory runs short and the kernel kills, or on cgroup \
            version 1 stops, one of its processes. \
            Ends when the container ends.
            """,
        options: [
            .value("interval", "TIME", "time between two records of usage (default: 5s)"),
            .flag("stats", "print one record of usage and exit"),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        stats = arguments.flag("stats")
        let text = arguments.value("interval") ?? "5s"
        guard let interval = parseTimeSpan(text) else {
            throw .value("--interval: \"\(text)\" is not a time such as 5s, 100ms or 1m30s")
        }
        if interval == 0 { throw .value("--interval: the time must be greater than 0") }
        self.interval = interval
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        let host = try context.host()
        if stats {
            try printResult(try host.stats(id).json(id: id))
            return 0
        }
        let milliseconds = max(1, interval / 1_000_000)
        try host.watch(id, interval: milliseconds) { event throws(RuntimeError) in
            try printResult(event.json(id: id))
        }
        return 0
    }
}
