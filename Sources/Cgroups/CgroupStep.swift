/// One thing that making a container's cgroup does, as data: shown by `apus plan`, run by `create`.
package enum CgroupStep: Equatable, Sendable {
    /// Makes the container's directory in one hierarchy, and its missing parents.
    case makeDirectory(CgroupHierarchy)
    /// Lets the cgroups above the container's have these version 2 controllers, from the top down.
    case enableControllers(CgroupHierarchy, [String])
    /// Copies a `cpuset` file down from the parent: an empty one lets no process in.
    case inherit(CgroupHierarchy, file: String)
    /// Writes a value into a file of the container's cgroup.
    case write(CgroupWrite)
    /// Loads a device filter program and attaches it to the version 2 cgroup.
    case attachDeviceFilter(CgroupHierarchy, DeviceProgram)
    /// Puts the container's first process into a cgroup: it moves itself, or is born there.
    case enter(CgroupHierarchy)
}

/// A value for one file of a cgroup, and the place in config.json that asks for it.
package struct CgroupWrite: Equatable, Sendable {
    /// What may go wrong without harm.
    package struct Options: OptionSet, Equatable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The kernel may lack the file: what the value asks for is the state then anyway.
        package static let mayBeMissing = Options(rawValue: 1)
        /// Two limits bind each other, and which one must go first depends on what is set now:
        /// after `EINVAL` the write is made again behind the next one without this option.
        package static let deferrable = Options(rawValue: 2)
    }

    /// Another file that means the same where the kernel lacks the first.
    package struct Fallback: Equatable, Sendable {
        package var file: String
        package var value: String
    }

    /// The version 1 controller, or empty for version 2.
    package var controller: String
    /// Relative to the container's cgroup, such as `memory.max`.
    package var file: String
    package var value: String
    /// Such as `linux/resources/memory/limit`.
    package var property: String
    package var options: Options
    package var fallback: Fallback?

    /// A write.
    package init(
        _ controller: String, _ file: String, _ value: String, _ property: String,
        options: Options = [], fallback: Fallback? = nil
    ) {
        self.controller = controller
        self.file = file
        self.value = value
        self.property = property
        self.options = options
        self.fallback = fallback
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
    /// One line without the place: `cgroup write /sys/fs/cgroup/mygroup memory.max 1048576`.
    package var description: String {
        switch self {
        case .makeDirectory(let hierarchy):
            return "cgroup create \(hierarchy.directory)"
        case .enableControllers(let hierarchy, let controllers):
            return "cgroup enable \(hierarchy.directory) [\(controllers.joined(separator: " "))]"
        case .inherit(let hierarchy, let file):
            return "cgroup inherit \(hierarchy.directory) \(file)"
        case .write(let write):
            return "cgroup write \(write.file) \(write.value)"
        case .attachDeviceFilter(let hierarchy, let program):
            let count = program.instructions.count
            return "cgroup devices \(hierarchy.directory) [\(count) instructions]"
        case .enter(let hierarchy):
            return "cgroup enter \(hierarchy.directory)"
        }
    }

    /// The place in config.json that asks for the step.
    package var property: String {
        switch self {
        case .makeDirectory, .enableControllers, .inherit, .enter: return "linux/cgroupsPath"
        case .write(let write): return write.property
        case .attachDeviceFilter: return "linux/resources/devices"
        }
    }
}
