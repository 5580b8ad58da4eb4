import Glibc
package import OCISpec

/// A system call filter as the container will have it: validated, with every default decided, and
/// not compiled yet.
///
/// Actions are in the kernel's numbers, so that two spellings of the same profile are equal.
package struct SeccompProfile: Equatable, Sendable {
    /// What happens to some calls.
    package struct Rule: Equatable, Sendable {
        package var names: [String]
        package var action: UInt32
        /// All must hold; see `SeccompCompiler` for several conditions on one argument.
        package var conditions: [SyscallArg]
    }

    /// Who answers notifications.
    package struct Listener: Equatable, Sendable {
        /// The socket's path.
        package var path: String
        /// Passed on as it is.
        package var metadata: String?
    }

    /// What happens to a call that no rule matches.
    package var defaultAction: UInt32
    /// Beside the native one; each once.
    package var architectures: [SeccompArchitecture]
    package var flags: SeccompFlagSet
    /// Whether `flags` are the runtime's choice, of which a kernel need not know all.
    package var hasDefaultFlags: Bool
    package var rules: [Rule]
    /// Nil when no action notifies.
    package var listener: Listener?

    /// Whether a name that libseccomp does not know is an error and not ignored.
    package var refusesUnknownNames = false

    /// What is loaded in the place of a filter made of all this.
    package var compiled: SeccompFilter?

    /// The number of system calls by name, which decides how the filter is laid out.
    package var nameCount: Int { rules.reduce(0) { $0 + $1.names.count } }

    /// Whether calls beyond those that the profile's author knew answer ENOSYS.
    ///
    /// A program takes ENOSYS as "too old a kernel" and falls back, and EPERM as final. A default
    /// that lets calls through, or hands them to somebody who decides, is left alone.
    package var hidesNewCalls: Bool {
        defaultAction != SeccompAction.allow.value(nil)
            && defaultAction != SeccompAction.log.value(nil)
            && defaultAction != SeccompAction.notify.value(nil)
            && defaultAction & 0xffff_0000 != SeccompAction.trace.value(0)
            && defaultAction != SeccompAction.errno.value(UInt32(ENOSYS))
    }
}

// MARK: - From the configuration

extension SeccompProfile {
    private static let location = "linux/seccomp"

    /// Validates `linux.seccomp`.
    ///
    /// All errors go to `out`.
    ///
    /// - Parameter receiver: the agent's socket where the configuration names none.
    package init(_ seccomp: Seccomp, receiver: String? = nil, _ out: inout Diagnostics) {
        let place = Self.location
        Self.checkNumber(
            seccomp.defaultErrnoRet, of: seccomp.defaultAction, place + "/defaultErrnoRet", &out)
        defaultAction = seccomp.defaultAction.value(seccomp.defaultErrnoRet)
        architectures = []
        for (index, architecture) in (seccomp.architectures ?? []).enumerated()
        where !architectures.contains(architecture) {
            architectures.append(architecture)
            if architecture.token == nil {
                out.error(
                    "\(place)/architectures/\(index)",
                    "libseccomp does not know the architecture \(architecture.rawValue)")
            }
        }
        rules = []
        for (index, rule) in (seccomp.syscalls ?? []).enumerated() {
            rules.append(Self.rule(rule, "\(place)/syscalls/\(index)", &out))
        }
        hasDefaultFlags = seccomp.flags == nil
        flags = hasDefaultFlags ? .specAllow : []
        for flag in seccomp.flags ?? [] { flags.insert(flag.kernelFlag) }
        listener = nil
        decideListener(seccomp, receiver, &out)
    }

    private static func rule(
        _ rule: SyscallRule, _ place: String, _ out: inout Diagnostics
    ) -> Rule {
        checkNumber(rule.errnoRet, of: rule.action, place + "/errnoRet", &out)
        for (index, name) in rule.names.enumerated() where name.isEmpty {
            out.error("\(place)/names/\(index)", "the name of the system call is empty")
        }
        for (index, argument) in (rule.args ?? []).enumerated() where argument.index > 5 {
            out.error(
                "\(place)/args/\(index)/index",
                "system calls have arguments 0 to 5, found \(argument.index)")
        }
        return Rule(
            names: rule.names, action: rule.action.value(rule.errnoRet),
            conditions: rule.args ?? [])
    }

    /// "When the action doesn't support an errno, the runtime MUST print an error and fail"
    /// (runtime-spec, "Seccomp").
    private static func checkNumber(
        _ number: UInt32?, of action: SeccompAction, _ place: String, _ out: inout Diagnostics
    ) {
        guard let number else { return }
        if !action.takesNumber {
            out.error(place, "\(action.rawValue) takes no errno")
        } else if number > action.highestNumber {
            out.error(
                place,
                "\(number) is beyond the highest number of \(action.rawValue), "
                    + "\(action.highestNumber)")
        }
    }

    private mutating func decideListener(
        _ seccomp: Seccomp, _ receiver: String?, _ out: inout Diagnostics
    ) {
        var path = seccomp.listenerPath ?? ""
        if path.isEmpty, let receiver { path = receiver }
        if path.isEmpty, !(seccomp.listenerMetadata ?? "").isEmpty {
            out.error(
                Self.location + "/listenerMetadata", "listenerMetadata needs a listenerPath")
        }
        let notify = SeccompAction.notify.value(nil)
        var places = defaultAction == notify ? [Self.location + "/defaultAction"] : []
        for (index, rule) in rules.enumerated() where rule.action == notify {
            places.append("\(Self.location)/syscalls/\(index)/action")
        }
        guard !places.isEmpty else {
            // The kernel refuses this flag for a filter without a listener.
            flags.remove(.waitKillable)
            return
        }
        if path.isEmpty {
            for place in places { out.error(place, "SCMP_ACT_NOTIFY needs a listenerPath") }
        }
        flags.insert(.newListener)
        listener = Listener(path: path, metadata: seccomp.listenerMetadata)
    }
}
