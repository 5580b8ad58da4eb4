/// One thing that making a container's cgroup does, as data: shown by `apus plan`, run by `create`.
package enum CgroupStep: Equatable, Sendable {
    /// Makes the container's directory in one hierarchy, and its missing parents.
    case makeDirectory(CgroupHierarchy)
    /// Writes a value into a file of the container's cgroup.
    case write(CgroupWrite)
    /// Loads a device filter program and attaches it to the version 2 cgroup at this directory.
    case attachDeviceFilter(directory: String, instructions: Int)
    /// Puts the container's first process into a cgroup: by a write, or born there (`clone3`).
    case enter(CgroupHierarchy, atBirth: Bool)
}

/// A value for one file of a cgroup, and the place in config.json that asks for it.
package struct CgroupWrite: Equatable, Sendable {
    /// What may go wrong without harm.
    package struct Options: OptionSet, Equatable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The kernel may lack the file: what the value asks for is the default then.
        package static let mayBeMissing = Options(rawValue: 1)
        /// A write that fails with `EINVAL` is made again after the one that follows it.
        package static let retryAfterNext = Options(rawValue: 2)
    }

    /// The version 1 controller, or empty for version 2.
    package var controller: String
    /// Relative to the container's cgroup, such as `memory.max`.
    package var file: String
    package var value: String
    /// Such as `linux/resources/memory/limit`.
    package var property: String
    package var options: Options

    /// A write.
    package init(
        _ controller: String, _ file: String, _ value: String, _ property: String,
        options: Options = []
    ) {
        self.controller = controller
        self.file = file
        self.value = value
        self.property = property
        self.options = options
    }
}

/// What `create` will do, in order, with what it will ignore.
package struct CgroupPlan: Equatable, Sendable {
    package var steps: [CgroupStep]
    /// Sentences for the log, place first: values that the kernel no longer knows.
    package var warnings: [String]

    /// A plan.
    package init(steps: [CgroupStep], warnings: [String] = []) {
        self.steps = steps
        self.warnings = warnings
    }
}

extension CgroupStep: CustomStringConvertible {
    /// One line without the place: `cgroup write memory.max 1048576`.
    package var description: String {
        switch self {
        case .makeDirectory(let hierarchy):
            return "cgroup create \(hierarchy.directory)"
        case .write(let write):
            return "cgroup write \(write.file) \(write.value)"
        case .attachDeviceFilter(let directory, let instructions):
            return "cgroup devices \(directory) [\(instructions) instructions]"
        case .enter(let hierarchy, let atBirth):
            return "cgroup enter \(hierarchy.directory)" + (atBirth ? " [clone3]" : "")
        }
    }

    /// The place in config.json that asks for the step.
    package var property: String {
        switch self {
        case .makeDirectory, .enter: return "linux/cgroupsPath"
        case .write(let write): return write.property
        case .attachDeviceFilter: return "linux/resources/devices"
        }
    }
}
