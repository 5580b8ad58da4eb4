/// Device rules in the only form that version 1 knows: a default, and exceptions from it without an
/// order among them.
struct DeviceExceptions: Equatable {
    /// Whether everything is allowed but the exceptions, or denied but for them.
    var allowsByDefault: Bool
    /// Rules of one kind each, all opposite to the default.
    var exceptions: [CgroupDeviceRule]

    /// Finds the form that means exactly the same, or throws.
    ///
    /// A deny list that has holes needs the other default than an allow list that has them; some
    /// lists have both and cannot be said on version 1. Guessing would open or close a device that
    /// nobody asked for, so those are an error.
    init(_ rules: [CgroupDeviceRule]) throws(CgroupError) {
        let denying = Self.reduce(rules, allowsByDefault: false)
        // Only a rule for everything makes allowing by default the shorter form.
        let allowing =
            denying == nil || rules.contains { $0.allow && $0.isUniversal }
            ? Self.reduce(rules, allowsByDefault: true) : nil
        switch (denying, allowing) {
        case (let denying?, let allowing?):
            self = allowing.exceptions.count < denying.exceptions.count ? allowing : denying
        case (let form?, nil), (nil, let form?):
            self = form
        case (nil, nil):
            throw CgroupError(
                "cgroup v1 cannot express this order of allowed and denied devices",
                property: "linux/resources/devices")
        }
    }

    private init(allowsByDefault: Bool, exceptions: [CgroupDeviceRule]) {
        self.allowsByDefault = allowsByDefault
        self.exceptions = exceptions
    }

    private static func reduce(
        _ rules: [CgroupDeviceRule], allowsByDefault: Bool
    ) -> DeviceExceptions? {
        let nothing = CgroupDeviceRule(allow: false, kind: .all)
        var exceptions: [CgroupDeviceRule] = []
        for rule in [nothing] + rules {
            if rule.allow == allowsByDefault {
                guard remove(rule, from: &exceptions) else { return nil }
            } else {
                for single in singleKinds(of: rule) { add(single, to: &exceptions) }
            }
        }
        if !allowsByDefault { widen(&exceptions) }
        return DeviceExceptions(allowsByDefault: allowsByDefault, exceptions: exceptions)
    }

    private static func singleKinds(of rule: CgroupDeviceRule) -> [CgroupDeviceRule] {
        if rule.kind != .all { return [rule] }
        var block = rule
        var character = rule
        block.kind = .block
        character.kind = .character
        return [block, character]
    }

    private static func add(_ rule: CgroupDeviceRule, to exceptions: inout [CgroupDeviceRule]) {
        for index in exceptions.indices where exceptions[index].covers(rule) {
            if rule.covers(exceptions[index]) {
                exceptions[index].access.formUnion(rule.access)
                return
            }
            if exceptions[index].access.isSuperset(of: rule.access) { return }
        }
        exceptions.append(rule)
    }

    /// Returns false when only a part of an exception would have to go.
    private static func remove(
        _ rule: CgroupDeviceRule, from exceptions: inout [CgroupDeviceRule]
    ) -> Bool {
        for index in exceptions.indices {
            let exception = exceptions[index]
            if exception.access.isDisjoint(with: rule.access) || !rule.overlaps(exception) {
                continue
            }
            guard rule.covers(exception) else { return false }
            exceptions[index].access.subtract(rule.access)
        }
        exceptions.removeAll { $0.access.isEmpty }
        return true
    }

    // One exception must allow all of an access at once: reading by a wide one and writing by a
    // narrow one does not open a device for both.
    private static func widen(_ exceptions: inout [CgroupDeviceRule]) {
        for index in exceptions.indices {
            for other in exceptions where other.covers(exceptions[index]) {
                exceptions[index].access.formUnion(other.access)
            }
        }
    }
}
