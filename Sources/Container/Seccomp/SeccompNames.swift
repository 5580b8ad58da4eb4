internal import CSeccomp
import Glibc
package import OCISpec

// The specification's words and what libseccomp calls them. libseccomp is asked for architectures
// by name, at run time, so that a newer library brings its architectures along.

extension SeccompAction {
    /// Whether the action carries a number: the errno of the call, or the message for a tracer.
    package var takesNumber: Bool { self == .errno || self == .trace }

    /// The greatest number that the action carries (`MAX_ERRNO` and `SECCOMP_RET_DATA` of
    /// linux/seccomp.h; the kernel would cut what is beyond).
    package var highestNumber: UInt32 { self == .errno ? 4095 : 0xffff }

    /// The value for libseccomp and the kernel (`SECCOMP_RET_*`).
    ///
    /// - Parameter number: the errno or message; `EPERM` where the configuration gives none.
    package func value(_ number: UInt32?) -> UInt32 {
        let data = (number ?? UInt32(EPERM)) & 0xffff
        switch self {
        case .kill, .killThread: return SCMP_ACT_KILL_THREAD
        case .killProcess: return SCMP_ACT_KILL_PROCESS
        case .trap: return SCMP_ACT_TRAP
        case .errno: return 0x0005_0000 | data
        case .trace: return 0x7ff0_0000 | data
        case .allow: return SCMP_ACT_ALLOW
        case .log: return SCMP_ACT_LOG
        case .notify: return SCMP_ACT_NOTIFY
        }
    }
}

extension SeccompProfile {
    /// An action as the listing of a plan shows it: `ERRNO(38)`, `ALLOW`.
    static func text(ofAction value: UInt32) -> String {
        let word = SeccompAction.allCases.first { action in
            action.takesNumber
                ? action.value(0) == value & 0xffff_0000 : action.value(nil) == value
        }
        guard let word else { return "0x" + String(value, radix: 16) }
        let name = String(word.rawValue.dropFirst("SCMP_ACT_".count))
        return word.takesNumber ? "\(name)(\(value & 0xffff))" : name
    }
}

extension SeccompOperator {
    /// The corresponding C constant is `SCMP_CMP_*` of seccomp.h.
    var comparison: scmp_compare {
        switch self {
        case .notEqual: SCMP_CMP_NE
        case .less: SCMP_CMP_LT
        case .lessOrEqual: SCMP_CMP_LE
        case .equal: SCMP_CMP_EQ
        case .greaterOrEqual: SCMP_CMP_GE
        case .greater: SCMP_CMP_GT
        case .maskedEqual: SCMP_CMP_MASKED_EQ
        }
    }
}

extension SeccompArchitecture {
    /// The number that libseccomp knows the architecture by, or nil when it does not know it.
    ///
    /// It is the kernel's `AUDIT_ARCH_*`, except for x32. The corresponding C function is
    /// `seccomp_arch_resolve_name`.
    package var token: UInt32? {
        let number = seccomp_arch_resolve_name(String(rawValue.dropFirst(10)).lowercased())
        return number == 0 ? nil : number
    }
}

/// Flags of seccomp(2) as the kernel numbers them (linux/seccomp.h).
package struct SeccompFlagSet: OptionSet, Equatable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Actions other than ALLOW are logged, Linux 4.14.
    package static let log = SeccompFlagSet(rawValue: 1 << 1)
    /// No mitigation of speculative store bypass, Linux 4.17.
    package static let specAllow = SeccompFlagSet(rawValue: 1 << 2)
    /// The call returns a descriptor that notifications come from, Linux 5.0.
    package static let newListener = SeccompFlagSet(rawValue: 1 << 3)
    /// Only a fatal signal ends the wait for an answer, Linux 5.19.
    package static let waitKillable = SeccompFlagSet(rawValue: 1 << 5)

    /// Short names of the flags in the set, in the order of the bits.
    package var names: [String] {
        var names: [String] = []
        if contains(.log) { names.append("log") }
        if contains(.specAllow) { names.append("spec-allow") }
        if contains(.newListener) { names.append("listener") }
        if contains(.waitKillable) { names.append("wait-killable") }
        return names
    }
}

extension SeccompFlag {
    /// The kernel's flag.
    ///
    /// TSYNC has none: the init stage has one thread to filter.
    package var kernelFlag: SeccompFlagSet {
        switch self {
        case .tsync: []
        case .log: .log
        case .specAllow: .specAllow
        case .waitKillableRecv: .waitKillable
        }
    }
}
