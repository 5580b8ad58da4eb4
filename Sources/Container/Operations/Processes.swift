internal import Cgroups
import Glibc
internal import Kernel

extension ContainerHost {
    /// The processes of a container, as the runtime sees their ids; of a container without a cgroup
    /// the first alone.
    package func processes(_ id: String) throws(RuntimeError) -> [Int32] {
        let directory = try store.open(ContainerID(id), .shared)
        let container = try StoredContainer(directory, id)
        if container.record.cgroup.driver == .disabled {
            guard let process = container.record.process, process.isAlive() else { return [] }
            return [process.pid]
        }
        let manager = try container.manager()
        do throws(CgroupError) { return try manager.processes(recursive: true) } catch {
            throw RuntimeError(error)
        }
    }

    /// What `ps(1)` says of a container's processes: its heading, and the lines with their ids.
    ///
    /// - Parameter arguments: for `ps`, whose output must have a column `PID`.
    /// - Throws: `system` when there is no `ps` or it fails; `invalidRequest` without that column.
    package func processTable(
        _ id: String, arguments: [String]
    ) throws(RuntimeError) -> String {
        let pids = try processes(id)
        let output = try HostProgram.output("ps", arguments)
        guard let table = ProcessTable.filter(output, pids) else {
            throw RuntimeError(.invalidRequest, "couldn't find PID field in ps output")
        }
        return table
    }
}

/// The output of `ps(1)`.
package enum ProcessTable {
    /// Keeps the heading and the lines of some processes; `nil` when no column is called `PID`.
    package static func filter(_ text: String, _ pids: [Int32]) -> String? {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
        guard let heading = lines.first, let column = fields(heading).firstIndex(of: "PID") else {
            return nil
        }
        var result = heading + "\n"
        for line in lines.dropFirst() {
            let fields = fields(line)
            guard column < fields.count, let pid = Int32(fields[column]), pids.contains(pid) else {
                continue
            }
            result += line + "\n"
        }
        return String(result)
    }

    private static func fields(_ line: Substring) -> [Substring] {
        line.split(separator: " ")
    }
}

/// Programs of the host that are run for their output.
enum HostProgram {
    private static let outputLimit = 1 << 26
    /// What shapes a program's output; nothing else of our environment concerns it.
    private static let variables = ["PATH", "HOME", "LANG", "LC_ALL", "COLUMNS", "TERM"]

    /// Runs a program of the search path to its end and returns what it wrote.
    ///
    /// - Throws: `system` when it is missing or ends with another status than 0.
    static func output(_ name: String, _ arguments: [String]) throws(RuntimeError) -> String {
        let path = try find(name)
        let result: (bytes: [UInt8], status: WaitStatus)
        do throws(Errno) { result = try run(path, [name] + arguments) } catch {
            throw RuntimeError(
                .system, "cannot run \(name)", underlying: SystemError("execve", path, error))
        }
        if result.status != .exited(0) {
            throw RuntimeError(.system, "\(name) \(result.status)")
        }
        return String(decoding: result.bytes, as: UTF8.self)
    }

    private static func run(
        _ path: String, _ arguments: [String]
    ) throws(Errno) -> (bytes: [UInt8], status: WaitStatus) {
        let pipe = try Pipe()
        let null = try FileDescriptor.open("/dev/null", O_RDONLY)
        var request = SpawnRequest(
            path: path, arguments: arguments,
            environment: variables.compactMap { name in
                Environment.value(name).map { "\(name)=\($0)" }
            })
        request.descriptors = [null.rawValue, pipe.writer.rawValue, STDERR_FILENO]
        let child = try request.spawn()
        // Without our own end the output ends with the program.
        let reader = pipe.intoReader()
        let bytes = try reader.readAll(limit: outputLimit)
        return (bytes, try child.pidfd.reap())
    }

    private static func find(_ name: String) throws(RuntimeError) -> String {
        let search = Environment.value("PATH") ?? ProcessBlueprint.defaultSearchPath
        if let path = Environment.findProgram(name, in: search) { return path }
        throw RuntimeError(.system, "\(name): executable file not found in $PATH")
    }
}
