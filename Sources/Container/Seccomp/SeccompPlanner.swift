/// Plans the filter: the parent compiles it, the init stage loads it.
///
/// Loading needs `no_new_privs` or CAP_SYS_ADMIN in the process's user namespace (seccomp(2)), and
/// what is loaded filters the init stage too. So:
///
/// - with `no_new_privs` the filter is the last thing before exec;
/// - without it the filter comes before the credentials drop CAP_SYS_ADMIN;
/// - a listener must be handed to the parent, which listens until the container waits for `start`.
package enum SeccompPlanner {
    /// The parent's part, before the init stage is spawned.
    static func compile(_ blueprint: Blueprint, _ plan: inout Plan) {
        guard let profile = blueprint.seccomp else { return }
        plan.host(.compileFilter(profile), "linux/seccomp")
    }

    /// Before the credentials: without `no_new_privs`.
    static func beforeCredentials(_ blueprint: Blueprint, _ plan: inout Plan) {
        if !blueprint.process.noNewPrivileges { load(blueprint, &plan) }
    }

    /// After the credentials, while the parent still listens: a filter with a listener.
    static func afterCredentials(_ blueprint: Blueprint, _ plan: inout Plan) {
        if blueprint.process.noNewPrivileges, blueprint.seccomp?.listener != nil {
            load(blueprint, &plan)
        }
    }

    /// For a process that nobody else holds back: its program runs when the listener has arrived.
    static func awaitListener(_ blueprint: Blueprint, _ plan: inout Plan) {
        if blueprint.seccomp?.listener != nil {
            plan.add(.sync(.start), "linux/seccomp/listenerPath")
        }
    }

    /// Right before exec.
    static func beforeExec(_ blueprint: Blueprint, _ plan: inout Plan) {
        if blueprint.process.noNewPrivileges, blueprint.seccomp?.listener == nil {
            load(blueprint, &plan)
        }
    }

    private static func load(_ blueprint: Blueprint, _ plan: inout Plan) {
        guard let profile = blueprint.seccomp else { return }
        plan.add(
            .seccomp(filter: [], instructions: 0, flags: profile.flags.rawValue), "linux/seccomp")
        if let listener = profile.listener {
            plan.host(.sendListener(listener), "linux/seccomp/listenerPath")
        }
    }
}

extension Plan {
    /// Whether a filter is loaded before the operation that precedes exec.
    var loadsFilterEarly: Bool {
        let operations = operations
        for (index, operation) in operations.enumerated() {
            guard case .seccomp = operation.op else { continue }
            if index + 1 < operations.count, case .exec = operations[index + 1].op { return false }
            return true
        }
        return false
    }

    /// Puts a compiled filter, and the flags that it is loaded with, where the plan loads one.
    package mutating func fill(_ filter: SeccompFilter, _ flags: SeccompFlagSet) {
        replace { op in
            guard case .seccomp = op else { return nil }
            return .seccomp(
                filter: filter.code, instructions: filter.count, flags: flags.rawValue)
        }
    }
}
