internal import CSeccomp
import Glibc
internal import Kernel
internal import OCISpec

/// Turns a profile into classic BPF, by libseccomp.
package struct SeccompCompiler: ~Copyable {
    /// A compiled profile, and the names of system calls in it that libseccomp does not know.
    package struct Result: Equatable, Sendable {
        package var filter: SeccompFilter
        package var unknownNames: [String]
    }

    private let context: scmp_filter_ctx

    /// Compiles a profile.
    ///
    /// - Throws: `invalidConfig` when libseccomp or the kernel cannot do what the profile asks for.
    package static func compile(_ profile: SeccompProfile) throws(RuntimeError) -> Result {
        let compiler = try SeccompCompiler(defaultAction: profile.defaultAction)
        try compiler.add(profile.architectures)
        // A decision tree in place of a chain: more instructions, far fewer of them for each call.
        if profile.nameCount > 8 {
            _ = seccomp_attr_set(compiler.context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        }
        let unknown = try compiler.add(profile)
        var code: [UInt8] = []
        if profile.hidesNewCalls {
            for instruction in SeccompPrologue.instructions(limits(of: profile)) {
                instruction.encode(into: &code)
            }
        }
        code += try compiler.export()
        let filter = SeccompFilter(code: code)
        if filter.count > SeccompFilter.limit {
            throw failure(
                "",
                "the filter has \(filter.count) instructions, and the kernel takes at most "
                    + "\(SeccompFilter.limit)")
        }
        return Result(filter: filter, unknownNames: unknown)
    }

    /// The version of libseccomp, such as `2.5.4`.
    package static var libraryVersion: String {
        guard let version = seccomp_version()?.pointee else { return "0.0.0" }
        return "\(version.major).\(version.minor).\(version.micro)"
    }

    /// The number that libseccomp knows this machine's architecture by.
    package static var nativeToken: UInt32 { seccomp_arch_native() }

    private init(defaultAction: UInt32) throws(RuntimeError) {
        guard let context = seccomp_init(defaultAction) else {
            throw Self.failure(
                "/defaultAction", "libseccomp or this kernel does not know the action")
        }
        self.context = context
    }

    deinit {
        seccomp_release(context)
    }

    // MARK: - What the profile says

    private borrowing func add(_ architectures: [SeccompArchitecture]) throws(RuntimeError) {
        for (index, architecture) in architectures.enumerated() {
            let place = "/architectures/\(index)"
            guard let token = architecture.token else {
                throw Self.failure(place, "libseccomp does not know the architecture")
            }
            let result = seccomp_arch_add(context, token)
            // The native one is always there.
            if result == 0 || result == -EEXIST { continue }
            if result == -EDOM {
                throw Self.failure(
                    place, "\(architecture.rawValue) has another byte order than this machine")
            }
            throw Self.failure(
                place, "cannot add \(architecture.rawValue)", "seccomp_arch_add", result)
        }
    }

    private borrowing func add(_ profile: SeccompProfile) throws(RuntimeError) -> [String] {
        var unknown: [String] = []
        // libseccomp refuses a rule that says what the default says.
        for (index, rule) in profile.rules.enumerated() where rule.action != profile.defaultAction {
            let place = "/syscalls/\(index)"
            let groups = Self.conditions(of: rule)
            for name in rule.names {
                let number = seccomp_syscall_resolve_name(name)
                guard number != __NR_SCMP_ERROR else {
                    unknown.append(name)
                    continue
                }
                for group in groups { try add(rule.action, number, name, group, place) }
            }
        }
        return unknown
    }

    private borrowing func add(
        _ action: UInt32, _ number: Int32, _ name: String, _ conditions: [scmp_arg_cmp],
        _ place: String
    ) throws(RuntimeError) {
        let result = seccomp_rule_add_array(
            context, action, number, UInt32(conditions.count), conditions)
        if result != 0 {
            throw Self.failure(
                place, "cannot add a rule for \(name)", "seccomp_rule_add_array", result)
        }
    }

    /// The conditions of a rule in groups: the rule holds when all conditions of one group hold.
    ///
    /// libseccomp takes one condition for each argument. Where there are several, each condition
    /// becomes a rule of its own, as for the field's other runtimes, on which profiles rely.
    private static func conditions(of rule: SeccompProfile.Rule) -> [[scmp_arg_cmp]] {
        var seen = 0
        var isRepeated = false
        let all = rule.conditions.map { argument in
            isRepeated = isRepeated || seen & (1 << argument.index) != 0
            seen |= 1 << argument.index
            return scmp_arg_cmp(
                arg: argument.index, op: argument.op.comparison, datum_a: argument.value,
                datum_b: argument.valueTwo ?? 0)
        }
        return isRepeated ? all.map { [$0] } : [all]
    }

    // MARK: - Out of libseccomp

    /// The highest number that the profile names, by architecture, the native one first.
    ///
    /// Rules that repeat the default count too: their author knew the call.
    package static func limits(of profile: SeccompProfile) -> [SeccompPrologue.Limit] {
        var tokens = [nativeToken]
        for token in profile.architectures.compactMap(\.token) where !tokens.contains(token) {
            tokens.append(token)
        }
        var limits: [SeccompPrologue.Limit] = []
        for token in tokens {
            var highest: Int32 = -1
            for rule in profile.rules {
                for name in rule.names {
                    // Calls that the architecture lacks have negative numbers.
                    highest = max(highest, seccomp_syscall_resolve_name_arch(token, name))
                }
            }
            if highest >= 0 {
                limits.append(SeccompPrologue.Limit(token: token, highest: UInt32(highest)))
            }
        }
        return limits
    }

    private borrowing func export() throws(RuntimeError) -> [UInt8] {
        do throws(SystemError) {
            // A pipe would fill up with a large filter.
            let file = try Memfd.unsealed("apus-seccomp", [])
            let raw = file.rawValue
            let result = seccomp_export_bpf(context, raw)
            if result != 0 { throw SystemError("seccomp_export_bpf", "", Errno(-result)) }
            do throws(Errno) {
                try Syscall.call("lseek") { lseek(raw, 0, SEEK_SET) }
                return try file.readAll()
            } catch {
                throw SystemError("read", "apus-seccomp", error)
            }
        } catch {
            throw RuntimeError(
                .system, "cannot compile the filter", at: "linux/seccomp", underlying: error)
        }
    }

    private static func failure(
        _ place: String, _ message: String, _ call: String = "", _ result: Int32 = 0
    ) -> RuntimeError {
        RuntimeError(
            .invalidConfig, message, at: "linux/seccomp" + place,
            underlying: call.isEmpty ? nil : SystemError(call, "", Errno(-result)))
    }
}
