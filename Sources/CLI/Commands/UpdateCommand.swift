import Cgroups
import Container

/// `apus update`: changes the resource limits of a container.
struct UpdateCommand: Command {
    let id: String
    /// A file with the `linux.resources` object, `-` for standard input.
    ///
    /// Excludes all that follows.
    let resourcesFile: String?
    let blkioWeight: UInt16?
    /// Microseconds, as all times here.
    let cpuPeriod: UInt64?
    let cpuQuota: Int64?
    let cpuBurst: UInt64?
    let cpuShares: UInt64?
    let cpuRealtimePeriod: UInt64?
    let cpuRealtimeRuntime: Int64?
    let cpuIdle: Int64?
    let cpusetCpus: String?
    let cpusetMems: String?
    /// Bytes, -1 for unlimited, as all amounts of memory here.
    let memory: Int64?
    let memoryReservation: Int64?
    let memorySwap: Int64?
    let pidsLimit: Int64?
    let l3CacheSchema: String?
    let memBwSchema: String?
    /// Options that are accepted and that the kernel no longer has a use for, for a warning.
    let obsolete: [String]

    static let declaration = CommandDeclaration(
        "update", "change the resource limits of a container",
        description: """
            Changes the limits of a container's cgroup. Limits that are not named stay as they \
            are, and when one of the new values is refused the old ones are put back.

            Sizes are bytes or have a unit: k, m, g, t, p. -1 means unlimited, and an empty \
            one changes nothing. With --resources the limits are read from a JSON object like \
            linux.resources in config.json, and the other options are ignored. Rules of devices in \
            the object are ignored with a warning.
            """,
        options: [
            .value(
                "resources", short: "r", "FILE", .file,
                "read the limits from a file, - for standard input"),
            .value("blkio-weight", "WEIGHT", "weight of block I/O, 10 to 1000"),
            .value("cpu-period", "USECS", "period of the CPU limit"),
            .value("cpu-quota", "USECS", "CPU time in each period"),
            .value("cpu-burst", "USECS", "CPU time that may be saved up for later periods"),
            .value("cpu-share", "SHARES", "weight of CPU time"),
            .value("cpu-rt-period", "USECS", "period of the real-time CPU limit"),
            .value("cpu-rt-runtime", "USECS", "real-time CPU time in each period"),
            .value("cpuset-cpus", "LIST", "CPUs to use, such as 0-3,7"),
            .value("cpuset-mems", "LIST", "memory nodes to use"),
            .value("cpu-idle", "0|1", "whether the container runs only when nothing else does"),
            .value("memory", "SIZE", "limit of memory"),
            .value("memory-reservation", "SIZE", "memory that is reclaimed last"),
            .value("memory-swap", "SIZE", "limit of memory and swap together"),
            .value("pids-limit", "N", "limit of processes and threads"),
            .value("l3-cache-schema", "SCHEMA", "Intel RDT schema of the L3 cache"),
            .value("mem-bw-schema", "SCHEMA", "Intel RDT schema of memory bandwidth"),
            .value("kernel-memory", "SIZE", "has no effect any more", .hidden),
            .value("kernel-memory-tcp", "SIZE", "has no effect any more", .hidden),
        ])

    init(validating arguments: ParsedArguments) throws(UsageError) {
        id = arguments.containerID
        resourcesFile = arguments.value("resources")
        // 0 stands for "leave it alone" with the peers, whose options have numbers as defaults.
        let weight = try arguments.integer("blkio-weight", in: 0...1000) ?? 0
        if (1...9).contains(weight) {
            throw .value("--blkio-weight: \(weight) is not between 10 and 1000")
        }
        blkioWeight = weight == 0 ? nil : UInt16(weight)
        cpuPeriod = try arguments.unsigned("cpu-period")
        cpuQuota = try arguments.integer("cpu-quota", in: -1...Int64.max)
        cpuBurst = try arguments.unsigned("cpu-burst")
        cpuShares = try arguments.unsigned("cpu-share")
        cpuRealtimePeriod = try arguments.unsigned("cpu-rt-period")
        cpuRealtimeRuntime = try arguments.integer("cpu-rt-runtime", in: -1...Int64.max)
        cpuIdle = try arguments.integer("cpu-idle", in: 0...1)
        cpusetCpus = arguments.value("cpuset-cpus")
        cpusetMems = arguments.value("cpuset-mems")
        memory = try arguments.byteSize("memory")
        memoryReservation = try arguments.byteSize("memory-reservation")
        memorySwap = try arguments.byteSize("memory-swap")
        pidsLimit = try arguments.integer("pids-limit", in: -1...Int64.max)
        l3CacheSchema = arguments.value("l3-cache-schema")
        memBwSchema = arguments.value("mem-bw-schema")
        obsolete = ["kernel-memory", "kernel-memory-tcp"].filter { arguments.value($0) != nil }
    }

    func run(_ context: borrowing Context) throws -> Int32 {
        for option in obsolete { context.log.warning("--\(option) has no effect: \(Self.reason)") }
        let host = try context.host()
        let warnings: [String]
        if let file = resourcesFile {
            let bytes = try readInput(file, for: "--resources")
            warnings = try host.update(id, json: bytes, fileName: file == "-" ? "stdin" : file)
        } else {
            warnings = try host.update(id, resources, schemas)
        }
        for warning in warnings { context.log.warning(warning) }
        return 0
    }

    private static let reason = "the kernel has no limit of its own memory any more"

    /// The schemas of resctrl that the options name, as the lines that they ask for.
    private var schemas: [ResctrlBlueprint.Line] {
        var lines: [ResctrlBlueprint.Line] = []
        for (option, value) in [("l3-cache-schema", l3CacheSchema), ("mem-bw-schema", memBwSchema)]
        {
            if let value, !value.isEmpty {
                lines.append(ResctrlBlueprint.Line(text: value, location: "--" + option))
            }
        }
        return lines
    }

    /// The limits that the options name.
    private var resources: CgroupResources {
        var resources = CgroupResources()
        resources.blockIO.weight = blkioWeight
        resources.cpu.period = cpuPeriod
        resources.cpu.quota = cpuQuota
        resources.cpu.burst = cpuBurst
        resources.cpu.shares = cpuShares
        resources.cpu.realtimePeriod = cpuRealtimePeriod
        resources.cpu.realtimeRuntime = cpuRealtimeRuntime
        resources.cpu.idle = cpuIdle
        resources.cpu.cpus = cpusetCpus
        resources.cpu.mems = cpusetMems
        resources.memory.limit = memory
        resources.memory.reservation = memoryReservation
        resources.memory.swap = memorySwap
        resources.pidsLimit = pidsLimit
        return resources
    }
}

extension ParsedArguments {
    /// The value of an option that is a number without sign.
    fileprivate func unsigned(_ name: String) throws(UsageError) -> UInt64? {
        try integer(name, in: 0...Int64.max).map { UInt64($0) }
    }
}
