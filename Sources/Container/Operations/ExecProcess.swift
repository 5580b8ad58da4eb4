internal import CCap
internal import Kernel
internal import OCISpec

/// The process that `exec` runs, in the terms of the specification.
///
/// From the configuration that create accepted, with the options applied; or from a file, which says
/// everything but what it leaves out of the container's confinement.
enum ExecProcess {
    /// Applies options to the container's process.
    ///
    /// - Throws: `invalidRequest` for options that make no sense, `invalidConfig` for a bad file.
    static func make(
        _ options: ExecOptions, _ container: OCISpec.Process
    ) throws(RuntimeError) -> OCISpec.Process {
        if let file = options.processFile { return try read(file, container) }
        if options.arguments.isEmpty {
            throw RuntimeError(.invalidRequest, "exec args cannot be empty")
        }
        var process = container
        process.args = options.arguments
        process.terminal = options.hasTerminal
        if let cwd = options.cwd { process.cwd = cwd }
        process.env = (process.env ?? []) + options.environment
        applyUser(options, &process)
        addCapabilities(options.capabilities, &process)
        if let flag = options.noNewPrivileges { process.noNewPrivileges = flag }
        if let label = options.selinuxLabel { process.selinuxLabel = label }
        if let profile = options.apparmorProfile { process.apparmorProfile = profile }
        return process
    }

    private static func applyUser(_ options: ExecOptions, _ process: inout OCISpec.Process) {
        var user = process.user ?? User()
        if let uid = options.uid { user.uid = uid }
        if let gid = options.gid { user.gid = gid }
        if !options.additionalGroups.isEmpty {
            user.additionalGids = (user.additionalGids ?? []) + options.additionalGroups
        }
        process.user = user
    }

    /// Adds to bounding, effective and permitted.
    ///
    /// Never to inheritable: programs with inheritable file capabilities would gain them
    /// (CVE-2022-29162). Ambient ones must be inheritable, so only what already is becomes ambient.
    private static func addCapabilities(
        _ names: [String], _ process: inout OCISpec.Process
    ) {
        guard !names.isEmpty else { return }
        var sets = process.capabilities ?? Capabilities()
        for word in names {
            let (name, isKnown) = capabilityName(word)
            // An unknown one is warned of once, like one in the configuration.
            sets.bounding = (sets.bounding ?? []) + [name]
            if !isKnown { continue }
            sets.effective = (sets.effective ?? []) + [name]
            sets.permitted = (sets.permitted ?? []) + [name]
            if sets.inheritable?.contains(name) ?? false {
                sets.ambient = (sets.ambient ?? []) + [name]
            }
        }
        process.capabilities = sets
    }

    /// In any case and with or without the prefix.
    private static func capabilityName(_ word: String) -> (name: String, isKnown: Bool) {
        var name = word.uppercased()
        if !name.hasPrefix("CAP_") { name = "CAP_" + name }
        var value: cap_value_t = 0
        return (name, CapabilitySets.isName(name) && cap_from_name(name, &value) == 0)
    }
}

extension ExecProcess {
    /// Reads a process from a file.
    private static func read(
        _ file: String, _ container: OCISpec.Process
    ) throws(RuntimeError) -> OCISpec.Process {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileDescriptor.open(file, 0).readAll(limit: JSONDocument.sizeLimit)
        } catch {
            throw RuntimeError(
                .invalidRequest, "--process: cannot read the process",
                underlying: SystemError("openat", file, error))
        }
        let process: OCISpec.Process
        do throws(SpecError) {
            process = try SpecDecoder.decodeProcess(bytes, fileName: file).value
        } catch {
            throw RuntimeError(.invalidConfig, error.description)
        }
        if (process.args ?? []).isEmpty {
            throw RuntimeError(.invalidRequest, "exec args cannot be empty")
        }
        return inheriting(process, container)
    }

    /// What a file is silent about holds as for the container's process, as both peers have it: a
    /// process must not be less confined because somebody left a member out.
    private static func inheriting(
        _ process: OCISpec.Process, _ container: OCISpec.Process
    ) -> OCISpec.Process {
        var process = process
        process.capabilities = process.capabilities ?? container.capabilities
        process.rlimits = process.rlimits ?? container.rlimits
        process.oomScoreAdj = process.oomScoreAdj ?? container.oomScoreAdj
        process.apparmorProfile = process.apparmorProfile ?? container.apparmorProfile
        process.selinuxLabel = process.selinuxLabel ?? container.selinuxLabel
        process.scheduler = process.scheduler ?? container.scheduler
        process.ioPriority = process.ioPriority ?? container.ioPriority
        process.execCPUAffinity = process.execCPUAffinity ?? container.execCPUAffinity
        return process
    }
}
