internal import Kernel
internal import OCISpec

/// The resctrl file system, and what may be done to it.
package struct ResctrlHost: Sendable {
    /// Where it is mounted.
    package var root: String
    var makeDirectory: @Sendable (String) throws(Errno) -> Void
    var write: @Sendable (String, String) throws(Errno) -> Void

    /// The host's own.
    package static let real = ResctrlHost(
        root: "/sys/fs/resctrl",
        makeDirectory: { path throws(Errno) in try Files.makeDirectory(path, mode: 0o755) },
        write: { path, text throws(Errno) in try Files.writeText(path, text) })

    /// States where it is and how it is changed.
    init(
        root: String, makeDirectory: @escaping @Sendable (String) throws(Errno) -> Void,
        write: @escaping @Sendable (String, String) throws(Errno) -> Void
    ) {
        self.root = root
        self.makeDirectory = makeDirectory
        self.write = write
    }

    /// The directory of a group.
    func directory(_ group: String) -> String { group.isEmpty ? root : root + "/" + group }

    /// The directory of the monitoring group of a container.
    func monitor(_ blueprint: ResctrlBlueprint) -> String? {
        blueprint.monitor.map { directory(blueprint.group) + "/mon_groups/" + $0 }
    }

    /// What `delete` has to remove, in order: the monitoring group, and the container's own group
    /// unless the configuration names it or somebody made it before.
    package func directoriesToRemove(_ blueprint: ResctrlBlueprint) -> [String] {
        var result: [String] = []
        if let monitor = monitor(blueprint), !Files.exists(monitor) { result.append(monitor) }
        let group = directory(blueprint.group)
        if !blueprint.isNamed, !Files.exists(group) { result.append(group) }
        return result
    }
}

/// A container's group of resctrl while it is made.
package final class ResctrlGroup {
    private let host: ResctrlHost
    private let blueprint: ResctrlBlueprint
    private let location = "linux/intelRdt"
    /// The directories made so far, outermost first.
    private var made: [String] = []

    /// Prepares to make a group.
    package init(_ blueprint: ResctrlBlueprint, on host: ResctrlHost = .real) {
        self.host = host
        self.blueprint = blueprint
    }

    private var directory: String { host.directory(blueprint.group) }

    /// Makes the group, or checks that the one that is there is as the configuration wants it.
    ///
    /// - Throws: `system` without resctrl and for a schema that the kernel refuses;
    ///   `invalidConfig` for a group that does not exist or has another schemata.
    package func create() throws(RuntimeError) {
        guard Files.exists(host.root + "/schemata") else {
            throw RuntimeError(
                .system, "no resctrl file system is mounted on \(host.root)", at: location)
        }
        let exists = Files.exists(directory)
        if blueprint.isNamed, exists {
            try compare()
        } else if blueprint.isNamed, blueprint.lines.isEmpty {
            throw RuntimeError(
                .invalidConfig,
                "the group \(blueprint.group) does not exist, and there is no "
                    + "schema to make it with", at: location + "/closID")
        } else {
            if !exists { try make(directory) }
            for line in blueprint.lines {
                try write("schemata", line.text + "\n", "cannot set \(line.text)", line.location)
            }
        }
        if let monitor = host.monitor(blueprint), !Files.exists(monitor) { try make(monitor) }
    }

    /// Puts new lines in force in a group that exists; when one is refused the old ones are put back.
    ///
    /// - Returns: takes the new lines back, for a caller whose next step fails.
    /// - Throws: `system` without resctrl, without the group, and for a line that the kernel refuses.
    package func update(_ lines: [ResctrlBlueprint.Line]) throws(RuntimeError) -> () -> Void {
        let before: String
        do throws(Errno) { before = try Files.readText(directory + "/schemata") } catch {
            throw RuntimeError(
                .system, "cannot read the group's schemata", at: lines.first?.location ?? location,
                underlying: SystemError("read", directory + "/schemata", error))
        }
        let (host, path) = (host, directory + "/schemata")
        let resources = lines.map { Schema(Substring($0.text)).resource }
        let old = before.split(separator: "\n").filter { resources.contains(Schema($0).resource) }
        let restore = {
            for line in old { try? host.write(path, String(line.drop { $0 == " " }) + "\n") }
        }
        do throws(RuntimeError) {
            for line in lines {
                try write("schemata", line.text + "\n", "cannot set \(line.text)", line.location)
            }
        } catch {
            restore()
            throw error
        }
        return restore
    }

    /// Moves a process of one thread, and with it all that it will start, into the group.
    ///
    /// - Throws: `system` at `linux/intelRdt`, also when the process has ended.
    package func enter(_ pid: Int32) throws(RuntimeError) {
        try write("tasks", "\(pid)", "cannot enter the resctrl group", location)
        if let monitor = blueprint.monitor {
            try write(
                "mon_groups/\(monitor)/tasks", "\(pid)", "cannot enter the monitoring group",
                location + "/enableMonitoring")
        }
    }

    /// Moves running processes into the group.
    ///
    /// The kernel moves single threads, and those that are there may start more meanwhile: it is
    /// asked again until there is none that has not been moved. What has ended is not missed.
    ///
    /// - Parameter threads: the numbers of all threads.
    /// - Throws: `system` at `linux/intelRdt`; what `threads` throws.
    package func enterAll(
        _ threads: () throws(RuntimeError) -> [Int32]
    ) throws(RuntimeError) {
        var moved: Set<Int32> = []
        while true {
            let present = try threads().filter { !moved.contains($0) }
            if present.isEmpty { return }
            for thread in present {
                moved.insert(thread)
                do throws(RuntimeError) { try enter(thread) } catch {
                    guard error.underlying?.errno == .noProcess else { throw error }
                }
            }
        }
    }

    /// Removes what was made, as if nothing had been tried.
    package func undo() {
        ResctrlGroup.remove(made.reversed())
        made = []
    }

    /// Removes directories of resctrl; processes that are in them fall back to the parent's group.
    ///
    /// - Returns: failures as sentences; a directory that is gone is none.
    @discardableResult
    package static func remove(_ directories: [String]) -> [String] {
        var failures: [String] = []
        for directory in directories {
            do throws(Errno) { try Files.removeDirectory(directory) } catch .noEntry {
                continue
            } catch {
                failures.append("cannot remove \(directory): \(error)")
            }
        }
        return failures
    }

    private func make(_ path: String) throws(RuntimeError) {
        do throws(Errno) { try host.makeDirectory(path) } catch {
            throw RuntimeError(
                .system, "cannot make the resctrl group", at: location,
                underlying: SystemError("mkdir", path, error))
        }
        made.append(path)
    }

    private func write(
        _ file: String, _ text: String, _ message: String, _ location: String
    ) throws(RuntimeError) {
        let path = directory + "/" + file
        do throws(Errno) { try host.write(path, text) } catch {
            // The kernel says in words what it dislikes.
            let words = (try? Files.readText(host.root + "/info/last_cmd_status")) ?? ""
            let reason = words.isEmpty || words.hasPrefix("ok") ? "" : " (\(words.dropLast()))"
            throw RuntimeError(
                .system, message + reason, at: location,
                underlying: SystemError("write", path, error))
        }
    }

    /// Every value that the configuration asks for must be the group's value already.
    private func compare() throws(RuntimeError) {
        guard !blueprint.lines.isEmpty else { return }
        let text: String
        do throws(Errno) { text = try Files.readText(directory + "/schemata") } catch {
            throw RuntimeError(
                .system, "cannot read the group's schemata", at: location + "/closID",
                underlying: SystemError("read", directory + "/schemata", error))
        }
        let present = text.split(separator: "\n").map(Schema.init)
        for line in blueprint.lines {
            let wanted = Schema(Substring(line.text))
            let found = present.first { $0.resource == wanted.resource }
            guard let found, wanted.domains.allSatisfy(found.domains.contains) else {
                throw RuntimeError(
                    .invalidConfig,
                    "the group \(blueprint.group) exists with another schema: "
                        + "expected \(line.text)", at: line.location)
            }
        }
    }
}

/// A line of a schemata file taken apart: `L3:0=00ff;1=f` is L3 with `0=ff` and `1=f`.
private struct Schema {
    var resource: String
    var domains: [String]

    init(_ line: Substring) {
        let parts = line.filter { $0 != " " }.split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        resource = String(parts[0])
        domains = (parts.count > 1 ? parts[1] : "").split(separator: ";").map { domain in
            let pair = domain.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return String(domain) }
            let value = pair[1].lowercased().drop { $0 == "0" }
            return "\(pair[0])=\(value)"
        }
    }
}
