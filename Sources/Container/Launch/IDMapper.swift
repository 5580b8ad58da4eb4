import Glibc
package import Kernel
package import OCISpec

/// Writes the id mappings of a new user namespace for the process in it (user_namespaces(7)).
///
/// The kernel takes each map once. A privileged runtime writes it itself; an ordinary user may map
/// its own id alone, and asks the set-user-ID programs `newuidmap` and `newgidmap` for more.
package struct IDMapper: Sendable {
    /// `linux/uidMappings`.
    package let uidMappings: [IDMapping]
    /// `linux/gidMappings`.
    package let gidMappings: [IDMapping]
    /// The effective ids of the runtime.
    package let euid: UInt32
    package let egid: UInt32
    /// Where the two programs are looked for.
    package let searchPath: String
    /// What ends the programs before their time, or -1.
    package var interruption: Int32 = -1

    /// Prepares to write mappings.
    package init(
        uidMappings: [IDMapping], gidMappings: [IDMapping], euid: UInt32, egid: UInt32,
        searchPath: String
    ) {
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
        self.euid = euid
        self.egid = egid
        self.searchPath = searchPath
    }

    /// Whether the group map needs `setgroups` denied first: an ordinary user could otherwise drop
    /// a group that takes rights away (CVE-2014-8989).
    ///
    /// The container then has no other groups.
    package var deniesSetgroups: Bool {
        euid != 0 && Self.isOwnAlone(gidMappings, egid)
    }

    /// Writes both maps.
    ///
    /// - Throws: `system` at `linux/uidMappings` or `linux/gidMappings`.
    package func write(
        for pid: Int32, _ procFS: borrowing ProcFS
    ) throws(RuntimeError) {
        try write(.uid, uidMappings, pid, procFS)
        if deniesSetgroups {
            do throws(SystemError) { try procFS.write(pid, "setgroups", "deny") } catch {
                throw RuntimeError(
                    .system, "cannot deny setgroups", at: Kind.gid.location, underlying: error)
            }
        }
        try write(.gid, gidMappings, pid, procFS)
    }

    private enum Kind {
        case uid, gid

        var file: String { self == .uid ? "uid_map" : "gid_map" }
        var program: String { self == .uid ? "newuidmap" : "newgidmap" }
        var location: String { self == .uid ? "linux/uidMappings" : "linux/gidMappings" }
    }

    private func write(
        _ kind: Kind, _ mappings: [IDMapping], _ pid: Int32, _ procFS: borrowing ProcFS
    ) throws(RuntimeError) {
        let own = kind == .uid ? euid : egid
        guard euid == 0 || Self.isOwnAlone(mappings, own) else {
            return try runProgram(kind, mappings, pid)
        }
        do throws(SystemError) { try procFS.write(pid, kind.file, Self.text(mappings)) } catch {
            throw RuntimeError(
                .system, "cannot write the mappings", at: kind.location, underlying: error)
        }
    }

    /// The text of a map: one line for each range.
    package static func text(_ mappings: [IDMapping]) -> String {
        var text = ""
        for mapping in mappings {
            text += "\(mapping.containerID) \(mapping.hostID) \(mapping.size)\n"
        }
        return text
    }

    private static func isOwnAlone(_ mappings: [IDMapping], _ own: UInt32) -> Bool {
        mappings.count == 1 && mappings[0].size == 1 && mappings[0].hostID == own
    }

    private func runProgram(
        _ kind: Kind, _ mappings: [IDMapping], _ pid: Int32
    ) throws(RuntimeError) {
        guard let path = Environment.findProgram(kind.program, in: searchPath) else {
            throw RuntimeError(
                .system,
                "an ordinary user needs \(kind.program) for these mappings, "
                    + "and PATH has none (package uidmap)", at: kind.location)
        }
        var arguments = [kind.program, String(pid)]
        for mapping in mappings {
            arguments += [
                String(mapping.containerID), String(mapping.hostID), String(mapping.size),
            ]
        }
        let request = SpawnRequest(path: path, arguments: arguments, environment: [])
        let outcome: CapturedProcess
        do throws(SystemError) {
            outcome = try CapturedProcess.run(
                request, input: [], until: .never, interruption: interruption)
        } catch {
            throw RuntimeError(
                .system, "cannot run \(kind.program)", at: kind.location, underlying: error)
        }
        if outcome.status != .exited(0) {
            throw RuntimeError(
                .system, "\(kind.program) \(outcome.summary)", at: kind.location)
        }
    }
}
