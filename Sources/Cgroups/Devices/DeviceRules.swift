/// What device rules mean, whatever enforces them.
///
/// The last rule that matches a device decides, for each kind of access on its own; what no rule
/// matches is denied. A rule of kind `all` matches devices of both kinds.
enum DeviceRules {
    /// What every container may do whatever its rules say.
    ///
    /// Making any node (without access to it), null, zero, full, random, urandom, tty, the terminal
    /// multiplexer and terminals. `/dev/net/tun` is among them since engines relied on it when runc had it.
    static var always: [CgroupDeviceRule] {
        [
            CgroupDeviceRule(allow: true, kind: .character, access: .mknod),
            CgroupDeviceRule(allow: true, kind: .block, access: .mknod),
            CgroupDeviceRule(allow: true, kind: .character, major: 1, minor: 3),
            CgroupDeviceRule(allow: true, kind: .character, major: 1, minor: 8),
            CgroupDeviceRule(allow: true, kind: .character, major: 1, minor: 7),
            CgroupDeviceRule(allow: true, kind: .character, major: 5, minor: 0),
            CgroupDeviceRule(allow: true, kind: .character, major: 1, minor: 5),
            CgroupDeviceRule(allow: true, kind: .character, major: 1, minor: 9),
            CgroupDeviceRule(allow: true, kind: .character, major: 136),
            CgroupDeviceRule(allow: true, kind: .character, major: 5, minor: 2),
            CgroupDeviceRule(allow: true, kind: .character, major: 10, minor: 200),
        ]
    }

    /// The specification's rules and the ones that always hold, without those that cannot matter.
    ///
    /// Keeps the order and the meaning. Rules before one that covers every device are forgotten,
    /// and so is a rule whose every device and access a single later one decides.
    static func effective(_ rules: [CgroupDeviceRule]) -> [CgroupDeviceRule] {
        var kept: [CgroupDeviceRule] = []
        for rule in (rules + always).reversed() {
            if rule.access.isEmpty { continue }
            if kept.contains(where: { $0.covers(rule) && $0.access.isSuperset(of: rule.access) }) {
                continue
            }
            kept.append(rule)
        }
        kept.reverse()
        // Denying is where every list starts from.
        let first = kept.firstIndex { $0.allow } ?? kept.endIndex
        return Array(kept[first...])
    }
}

extension CgroupDeviceRule {
    /// Whether every device that `other` speaks of is one that this rule speaks of.
    func covers(_ other: CgroupDeviceRule) -> Bool {
        (kind == .all || kind == other.kind)
            && (major == nil || major == other.major)
            && (minor == nil || minor == other.minor)
    }

    /// Whether some device is spoken of by both.
    func overlaps(_ other: CgroupDeviceRule) -> Bool {
        (kind == .all || other.kind == .all || kind == other.kind)
            && (major == nil || other.major == nil || major == other.major)
            && (minor == nil || other.minor == nil || minor == other.minor)
    }

    /// Whether it speaks of every access to every device.
    var isUniversal: Bool {
        kind == .all && major == nil && minor == nil && access == .everything
    }
}
