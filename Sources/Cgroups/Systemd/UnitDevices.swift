/// Device rules as properties of a unit.
///
/// systemd turns them into a filter of its own beside ours, and puts that into force anew when it is
/// reloaded; an access must pass both. It knows no order and no exceptions, so what it is told is at
/// least what the rules allow, and ours stays the one that is exact.
enum UnitDevices {
    /// `DevicePolicy` and `DeviceAllow` (systemd.resource-control(5)) for effective rules.
    static func properties(for rules: [CgroupDeviceRule]) -> [UnitProperty] {
        var allowed: [UnitValue.Pair] = []
        for rule in rules where rule.allow {
            if rule.isUniversal { return policy("auto", []) }
            for kind in kinds(of: rule) {
                let entry = UnitValue.Pair(first: pattern(kind, rule), second: access(rule.access))
                if !allowed.contains(entry) { allowed.append(entry) }
            }
        }
        return policy("strict", allowed)
    }

    // An empty list takes back what a template or a slice's drop-in may have said before.
    private static func policy(_ name: String, _ allowed: [UnitValue.Pair]) -> [UnitProperty] {
        var result = [
            UnitProperty("DevicePolicy", .text(name)), UnitProperty("DeviceAllow", .pairs([])),
        ]
        if !allowed.isEmpty { result.append(UnitProperty("DeviceAllow", .pairs(allowed))) }
        return result
    }

    private static func kinds(of rule: CgroupDeviceRule) -> [String] {
        switch rule.kind {
        case .all: ["char", "block"]
        case .block: ["block"]
        case .character: ["char"]
        }
    }

    // Paths of this form need no node to exist (systemd 240); a number stands for a driver's name.
    private static func pattern(_ kind: String, _ rule: CgroupDeviceRule) -> String {
        guard let major = rule.major else { return kind + "-*" }
        guard let minor = rule.minor else { return "\(kind)-\(major)" }
        return "/dev/\(kind)/\(major):\(minor)"
    }

    private static func access(_ access: CgroupDeviceRule.Access) -> String {
        var text = ""
        if access.contains(.read) { text += "r" }
        if access.contains(.write) { text += "w" }
        if access.contains(.mknod) { text += "m" }
        return text
    }
}
