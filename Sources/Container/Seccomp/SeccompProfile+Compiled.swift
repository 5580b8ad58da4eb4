internal import OCISpec

extension SeccompProfile {
    /// A filter that somebody else has compiled, in the place of a profile's rules.
    ///
    /// - Parameters:
    ///   - text: instructions as seccomp(2) takes them, in base64.
    ///   - profile: whose flags it is loaded with.
    ///   - location: where the text stands.
    init?(
        compiled text: String, flagsOf profile: SeccompProfile?, at location: String,
        _ out: inout Diagnostics
    ) {
        guard let code = Base64.decode(text), !code.isEmpty,
            code.count.isMultiple(of: SeccompFilter.instructionSize)
        else {
            out.error(location, "expected instructions of 8 bytes each in base64")
            return nil
        }
        let filter = SeccompFilter(code: code)
        if filter.count > SeccompFilter.limit {
            out.error(
                location,
                "the filter has \(filter.count) instructions, and the kernel takes at most "
                    + "\(SeccompFilter.limit)")
        }
        // Nobody listens: only the rules that are replaced could say so.
        var flags = profile?.flags ?? .specAllow
        flags.remove(.newListener)
        flags.remove(.waitKillable)
        self.init(
            defaultAction: SeccompAction.allow.value(nil), architectures: [], flags: flags,
            hasDefaultFlags: profile?.hasDefaultFlags ?? true, rules: [], listener: nil)
        compiled = filter
    }
}
