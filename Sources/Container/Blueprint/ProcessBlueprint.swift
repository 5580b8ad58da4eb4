package import OCISpec

/// The container's program and its credentials, with every default decided.
package struct ProcessBlueprint: Equatable, Sendable {
    package var arguments: [String]
    /// The environment in the order given; of a name given twice the last value counts.
    package var environment: [String]
    package var cwd: String
    package var hasTerminal: Bool
    package var consoleSize: ConsoleSize?
    package var uid: UInt32
    package var gid: UInt32
    package var groups: [UInt32]
    /// The file mode creation mask, or nil to leave the caller's.
    package var umask: UInt32?
    /// Nil when the configuration says nothing about capabilities: all are dropped then.
    package var capabilities: CapabilitySets?
    package var rlimits: [Rlimit]
    package var noNewPrivileges: Bool
    package var oomScoreAdj: Int64?
    package var apparmorProfile: String?
    package var selinuxLabel: String?
    package var scheduler: Scheduler?
    package var ioPriority: IOPriority?
    /// The processors that a process of `exec` starts on, as a list such as `0-3,7`.
    package var initialAffinity: String?
    /// The processors that it runs on once it is in the cgroup.
    package var finalAffinity: String?

    /// Engines expect 0022 where the configuration is silent; the specification says "do not
    /// touch".
    ///
    /// `--strict` follows the specification.
    package static let engineUmask: UInt32 = 0o022

    /// What execvp(3) searches where the environment has no PATH.
    package static let defaultSearchPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Decides the defaults of `process`.
    package init(
        _ process: Process, facts: HostFacts, isStrict: Bool, _ diagnostics: inout Diagnostics
    ) {
        arguments = process.args ?? []
        environment = Self.lastOfEachName(process.env ?? [], &diagnostics)
        cwd = process.cwd
        hasTerminal = process.terminal ?? false
        consoleSize = hasTerminal ? process.consoleSize : nil
        uid = process.user?.uid ?? 0
        gid = process.user?.gid ?? 0
        groups = process.user?.additionalGids ?? []
        umask = process.user?.umask ?? (isStrict ? nil : Self.engineUmask)
        capabilities = process.capabilities.map {
            CapabilitySets($0, lastCapability: facts.lastCapability, &diagnostics)
        }
        rlimits = process.rlimits ?? []
        noNewPrivileges = process.noNewPrivileges ?? false
        oomScoreAdj = process.oomScoreAdj
        apparmorProfile = process.apparmorProfile.flatMap { $0.isEmpty ? nil : $0 }
        selinuxLabel = process.selinuxLabel.flatMap { $0.isEmpty ? nil : $0 }
        scheduler = process.scheduler
        ioPriority = process.ioPriority
        initialAffinity = process.execCPUAffinity?.initial.flatMap { $0.isEmpty ? nil : $0 }
        finalAffinity = process.execCPUAffinity?.final.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value of a variable of the program's environment.
    package func value(of name: String) -> String? {
        let prefix = name + "="
        for entry in environment where entry.utf8.starts(with: prefix.utf8) {
            return String(Substring(entry.utf8.dropFirst(prefix.utf8.count)))
        }
        return nil
    }

    private static func lastOfEachName(
        _ entries: [String], _ diagnostics: inout Diagnostics
    ) -> [String] {
        var names: [(name: Substring.UTF8View, index: Int)] = []
        for (index, entry) in entries.enumerated() {
            let bytes = entry.utf8
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > bytes.startIndex
            else {
                diagnostics.error(
                    "process/env/\(index)",
                    "invalid environment variable: \"\(entry)\" is not NAME=VALUE")
                continue
            }
            names.append((bytes[..<equals], index))
        }
        // Names are bytes: a value may begin with a mark that Unicode joins to the equals sign.
        // Equal ones become neighbours, in the order of the list.
        names.sort {
            if $0.name.elementsEqual($1.name) { return $0.index < $1.index }
            return $0.name.lexicographicallyPrecedes($1.name)
        }
        var kept: [Int] = []
        for position in names.indices {
            let next = position + 1
            if next < names.count, names[next].name.elementsEqual(names[position].name) { continue }
            kept.append(names[position].index)
        }
        kept.sort()
        return kept.map { entries[$0] }
    }
}
