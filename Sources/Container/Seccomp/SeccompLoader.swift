internal import CKernel
import Glibc
internal import Kernel

/// Makes a profile ready to be loaded on this machine: from the cache or by the compiler.
package struct SeccompLoader {
    private let cache: SeccompCache

    /// Remarks for whoever looks for a mistake.
    package private(set) var notes: [String] = []

    /// Uses the cache of a state root.
    package init(_ cache: SeccompCache) {
        self.cache = cache
    }

    /// The filter and the flags to load it with.
    ///
    /// - Throws: `invalidConfig` when libseccomp or the kernel lacks what the profile needs.
    package mutating func prepare(
        _ profile: SeccompProfile
    ) throws(RuntimeError) -> (filter: SeccompFilter, flags: SeccompFlagSet) {
        let flags = try Self.flags(of: profile)
        if let filter = profile.compiled { return (filter, flags) }
        let key = SeccompCacheKey(profile)
        // What is cached does not say which names were unknown.
        if !profile.refusesUnknownNames, let filter = cache.filter(for: key) {
            return (filter, flags)
        }
        let result = try SeccompCompiler.compile(profile)
        if profile.refusesUnknownNames, let name = result.unknownNames.first {
            throw RuntimeError(
                .invalidConfig, "unknown system call \(name)", at: "linux/seccomp")
        }
        for name in result.unknownNames {
            notes.append("linux/seccomp: unknown system call \(name) is ignored")
        }
        if let note = cache.store(result.filter, for: key) {
            notes.append("linux/seccomp: " + note)
        }
        return (result.filter, flags)
    }

    /// The flags of a profile; the runtime's own choice only as far as the kernel knows it.
    private static func flags(of profile: SeccompProfile) throws(RuntimeError) -> SeccompFlagSet {
        if isKnown(profile.flags) { return profile.flags }
        var wanted = profile.flags
        if profile.hasDefaultFlags { wanted.remove(.specAllow) }
        if isKnown(wanted) { return wanted }
        guard isKnown([]) else {
            throw RuntimeError(
                .invalidConfig, "this kernel has no system call filters", at: "linux/seccomp")
        }
        throw RuntimeError(
            .invalidConfig,
            "this kernel does not know all of the flags \(wanted.names.joined(separator: ", "))",
            at: "linux/seccomp/flags")
    }

    /// Whether the kernel takes these flags: with an address that cannot be read it gets as far as
    /// `EFAULT` when it knows them.
    package static func isKnown(_ flags: SeccompFlagSet) -> Bool {
        do throws(Errno) {
            let setModeFilter: UInt32 = 1
            try Syscall.call("seccomp") {
                ck_seccomp(setModeFilter, UInt32(truncatingIfNeeded: flags.rawValue), nil)
            }
            return false
        } catch {
            return error == Errno(EFAULT)
        }
    }
}
