import Kernel

/// What files of a cgroup held before an update wrote them, to put it back when a later value is
/// refused.
///
/// As good as the kernel allows: the old values are written in the reverse order, and those that
/// are refused because another one still stands in their way are written again at the end.
struct CgroupSnapshot {
    private var old: [(path: String, value: String)] = []

    /// Remembers what a file holds of what a write will change.
    mutating func note(_ write: CgroupWrite, in directory: String) {
        if write.file == "cpu.idle" {
            // The kernel sets these with it, to the least or to the standard value (Linux 5.15).
            for file in ["cpu.shares", "cpu.weight"] { note(directory + "/" + file, "") }
        }
        note(directory + "/" + write.file, write.value)
        if let fallback = write.fallback { note(directory + "/" + fallback.file, fallback.value) }
    }

    private mutating func note(_ path: String, _ value: String) {
        guard let text = CgroupFile.text(path),
            let previous = Self.previous(path, value, text),
            !old.contains(where: { $0.path == path && Self.key($0.value) == Self.key(previous) })
        else { return }
        old.append((path, previous))
    }

    /// Writes the old values.
    ///
    /// - Returns: the files that could not be put back.
    func restore() -> [String] {
        var left = Array(old.reversed())
        for _ in 0..<2 {
            left = left.filter { entry in
                // What was refused has changed nothing, and may be refused again.
                let now = CgroupFile.text(entry.path)
                if let now, Self.previous(entry.path, entry.value, now) == entry.value {
                    return false
                }
                do throws(Errno) {
                    try Files.writeText(entry.path, entry.value)
                    return false
                } catch {
                    return true
                }
            }
        }
        return left.map(\.path)
    }
}

// MARK: - The form of the old value

extension CgroupSnapshot {
    /// The device that a value is for, such as `8:0`; empty for values of the cgroup as a whole.
    private static func key(_ value: String) -> Substring {
        let word = value.prefix { $0 != " " }
        let colon = UInt8(ascii: ":")
        let numbers = word.utf8.split(separator: colon, omittingEmptySubsequences: false)
        let isDevice = numbers.count == 2 && numbers.allSatisfy { UInt64(Substring($0)) != nil }
        return isDevice ? word : ""
    }

    /// What must be written to have again what a file said, as far as `value` will change it;
    /// `nil` when there is nothing to put back.
    ///
    /// - Parameter text: the contents of the file.
    static func previous(_ path: String, _ value: String, _ text: String) -> String? {
        let file = path.split(separator: "/").last ?? ""
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
        let device = key(value)
        if !device.isEmpty {
            let line = lines.first { $0.hasPrefix(device + " ") }
            return line.map(String.init) ?? nothing(file).map { "\(device) \($0)" }
        }
        switch file {
        case "memory.oom_control":
            return lines.first { $0.hasPrefix("oom_kill_disable ") }?.split(separator: " ").last
                .map(String.init)
        case "net_prio.ifpriomap", "rdma.max", "misc.max":
            let name = value.prefix { $0 != " " }
            return lines.first { $0.hasPrefix(name + " ") }.map(String.init)
        default:
            // A file of weights has a line for the cgroup itself beside those of devices.
            if let line = lines.first(where: { $0.hasPrefix("default ") }) { return String(line) }
            return lines.count == 1 ? String(lines[0]) : nil
        }
    }

    /// What takes a device's entry away again.
    private static func nothing(_ file: Substring) -> String? {
        switch file {
        case "io.max": "rbps=max wbps=max riops=max wiops=max"
        case "io.weight", "io.bfq.weight": "default"
        default: file.hasPrefix("blkio.") ? "0" : nil
        }
    }
}

extension StepRunner {
    /// Writes all values, or none: when one is refused the old ones are put back.
    mutating func writeAll(_ writes: [CgroupWrite]) throws(CgroupError) {
        var snapshot = CgroupSnapshot()
        do throws(CgroupError) {
            for write in writes {
                if let directory = directory(of: write.controller) {
                    snapshot.note(write, in: directory)
                }
                try self.write(write)
            }
            try finish()
        } catch {
            let lost = snapshot.restore()
            if lost.isEmpty { throw error }
            var error = error
            error.message += " (and could not put back \(lost.joined(separator: ", ")))"
            throw error
        }
    }
}
