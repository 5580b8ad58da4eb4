import Glibc
import Kernel

/// Executes the steps of a plan, or the writes of an update.
///
/// Remembers every directory that it made, so that a failure can be taken back exactly. Writes that
/// follow each other into the same file share one open descriptor: a device list is one file and a
/// dozen lines.
struct StepRunner: ~Copyable {
    /// Every directory made so far, outermost first.
    private(set) var made: [String] = []

    private let hierarchies: [CgroupHierarchy]
    /// The container's process is in the cgroup already.
    private let allowsProcesses: Bool
    private var openPath = ""
    private var openFile: Int32 = -1
    private var deferred: [CgroupWrite] = []
    private var refusals: [(controller: String, error: SystemError)] = []

    init(_ hierarchies: [CgroupHierarchy], allowsProcesses: Bool = false) {
        self.hierarchies = hierarchies
        self.allowsProcesses = allowsProcesses
    }

    deinit {
        if openFile >= 0 { _ = close(openFile) }
    }
}

// MARK: - Directories

extension StepRunner {
    /// Makes a cgroup, or checks that the one that is there has no processes.
    mutating func makeDirectory(_ hierarchy: CgroupHierarchy) throws(CgroupError) {
        var others = 0
        do throws(SystemError) {
            if try CgroupDirectory.make(hierarchy, made: &made) || allowsProcesses { return }
            others = try CgroupDirectory.processes(hierarchy.directory, recursive: true).count
        } catch {
            throw CgroupError("cannot create cgroup", property: "linux/cgroupsPath", cause: error)
        }
        if others != 0 {
            throw CgroupError(
                "container's cgroup is not empty: \(others) process(es) found",
                property: "linux/cgroupsPath")
        }
    }

    /// Fills a `cpuset` file of the container's cgroup, and of empty ones above it, from the parent.
    func inherit(_ hierarchy: CgroupHierarchy, file: String) throws(CgroupError) {
        do throws(SystemError) {
            // What is new is empty, unless the host fills it; what others made may not be.
            if !made.contains(hierarchy.directory) {
                _ = try filledValue(hierarchy.mountPoint, hierarchy.path, file)
                return
            }
            let parent = CgroupPath.parent(hierarchy.path)
            try fill(
                hierarchy.directory + "/" + file,
                try filledValue(hierarchy.mountPoint, parent, file))
        } catch {
            throw CgroupError(
                "cannot fill \(file) from the parent cgroup", property: "linux/cgroupsPath",
                cause: error)
        }
    }

    private func filledValue(
        _ mountPoint: String, _ path: String, _ file: String
    ) throws(SystemError) -> String {
        let full = CgroupPath.join(mountPoint, path) + "/" + file
        do throws(Errno) {
            let value = try CgroupFile.value(full)
            if !value.isEmpty || path == "/" { return value }
        } catch {
            throw SystemError("read", full, error)
        }
        let value = try filledValue(mountPoint, CgroupPath.parent(path), file)
        try fill(full, value)
        return value
    }

    private func fill(_ path: String, _ value: String) throws(SystemError) {
        do throws(Errno) {
            try Files.writeText(path, value)
        } catch {
            throw SystemError("write", path, error)
        }
    }
}

// MARK: - Version 2 controllers

extension StepRunner {
    /// Hands controllers down, from the hierarchy's root to the parent of the container's cgroup.
    ///
    /// What cannot be enabled is remembered, not thrown: whether it was needed shows when a limit's
    /// file is missing.
    mutating func enableControllers(_ hierarchy: CgroupHierarchy, _ controllers: [String]) {
        let parent = CgroupPath.parent(hierarchy.path)
        let lowest = CgroupPath.join(hierarchy.mountPoint, parent) + "/cgroup.subtree_control"
        let enabled = CgroupFile.words(lowest) ?? []
        let missing = controllers.filter { !enabled.contains($0) }
        if missing.isEmpty { return }
        let above = parent == "/" ? [] : CgroupPath.prefixes(parent)
        for prefix in ["/"] + above {
            let file = CgroupPath.join(hierarchy.mountPoint, prefix) + "/cgroup.subtree_control"
            let all = missing.map { "+" + $0 }.joined(separator: " ")
            do throws(Errno) {
                try Files.writeText(file, all)
            } catch {
                // One that is refused takes the others along, so each has its own chance.
                for controller in missing { enable(controller, file) }
            }
        }
    }

    private mutating func enable(_ controller: String, _ file: String) {
        do throws(Errno) {
            try Files.writeText(file, "+" + controller)
        } catch {
            refusals.append((controller, SystemError("write +\(controller)", file, error)))
        }
    }
}

// MARK: - Values

extension StepRunner {
    /// Writes one value.
    mutating func write(_ write: CgroupWrite) throws(CgroupError) {
        guard let directory = directory(of: write.controller) else {
            throw CgroupError(
                "controller \(write.controller) is not available", property: write.property)
        }
        let failure = try attempt(write, directory)
        if let failure {
            guard write.options.contains(.deferrable), failure.errno == .invalid else {
                throw explained(failure, write, directory)
            }
            deferred.append(write)
        } else if !write.options.contains(.deferrable) {
            try finish()
        }
    }

    /// Makes the deferred writes again; the last call after all writes.
    mutating func finish() throws(CgroupError) {
        if deferred.isEmpty { return }
        let again = deferred
        deferred = []
        for write in again {
            guard let directory = directory(of: write.controller) else { continue }
            if let failure = try attempt(write, directory) {
                throw explained(failure, write, directory)
            }
        }
    }

    func directory(of controller: String) -> String? {
        for hierarchy in hierarchies where hierarchy.has(controller) {
            return hierarchy.directory
        }
        return nil
    }

    // Returns what went wrong in the write itself; throws when the file is missing for good.
    private mutating func attempt(
        _ write: CgroupWrite, _ directory: String
    ) throws(CgroupError) -> SystemError? {
        var path = directory + "/" + write.file
        var value = write.value
        if path != openPath {
            var error = open(path)
            if let fallback = write.fallback, error == .noEntry {
                path = directory + "/" + fallback.file
                value = fallback.value
                error = open(path)
            }
            if let error {
                if error == .noEntry && write.options.contains(.mayBeMissing) { return nil }
                throw missing(write, path, error, directory)
            }
        }
        do throws(Errno) {
            try Self.put(value, openFile)
            return nil
        } catch {
            return SystemError("write", path, error)
        }
    }

    private mutating func open(_ path: String) -> Errno? {
        if openFile >= 0 { _ = close(openFile) }
        openFile = -1
        openPath = ""
        do throws(Errno) {
            openFile = try FileDescriptor.open(path, O_WRONLY).take()
            openPath = path
            return nil
        } catch {
            return error
        }
    }

    private static func put(_ value: String, _ file: Int32) throws(Errno) {
        var text = value
        try Syscall.call("write") {
            text.withUTF8 { Glibc.write(file, $0.baseAddress, $0.count) }
        }
    }
}

// MARK: - Sentences

extension StepRunner {
    private func missing(
        _ write: CgroupWrite, _ path: String, _ error: Errno, _ directory: String
    ) -> CgroupError {
        let cause = SystemError("openat", path, error)
        if write.controller.isEmpty, error == .noEntry {
            let controller = V2Unified.controller(of: write.file)
            let available = CgroupFile.words(directory + "/cgroup.controllers") ?? []
            if !available.contains(controller), controller != "cgroup" {
                let refusal = refusals.first { $0.controller == controller }
                return CgroupError(
                    V2Controllers.unavailable(controller, available), property: write.property,
                    cause: refusal?.error ?? cause)
            }
        }
        return CgroupError(
            "the kernel has no \(write.file)", property: write.property, cause: cause)
    }

    private func explained(
        _ failure: SystemError, _ write: CgroupWrite, _ directory: String
    ) -> CgroupError {
        var message = "cannot write \(write.value) to \(write.file)"
        if failure.errno == .busy, write.file == "memory.limit_in_bytes",
            let usage = CgroupFile.number(directory + "/memory.usage_in_bytes"),
            let peak = CgroupFile.number(directory + "/memory.max_usage_in_bytes")
        {
            message =
                "unable to set memory limit to \(write.value) "
                + "(current usage: \(usage), peak usage: \(peak))"
        }
        if failure.errno == .invalid, let reason = CPUBurst.refusal(write, in: directory) {
            message += ": " + reason
        }
        return CgroupError(message, property: write.property, cause: failure)
    }
}

extension CgroupHierarchy {
    /// Whether a version 1 controller is in this hierarchy; the empty name is version 2.
    func has(_ controller: String) -> Bool {
        if controllers == controller { return true }
        if controller.isEmpty || !controllers.utf8.contains(UInt8(ascii: ",")) { return false }
        return controllers.split(separator: ",").contains { $0 == controller }
    }
}
