import Testing

@testable import Cgroups

@Suite("Device rules become properties of a unit")
struct UnitDevicesTests {
    static func allowed(_ rules: [CgroupDeviceRule]) -> [String] {
        UnitDevices.properties(for: DeviceRules.effective(rules)).flatMap { property in
            guard case .pairs(let pairs) = property.value else { return [String]() }
            return pairs.map { $0.first + " " + $0.second }
        }
    }

    static func policy(_ rules: [CgroupDeviceRule]) -> UnitValue? {
        UnitDevices.properties(for: DeviceRules.effective(rules)).first?.value
    }

    static let nothing = CgroupDeviceRule(allow: false, kind: .all)
    static let all = CgroupDeviceRule(allow: true, kind: .all)

    @Test("the devices of every container are always allowed, and the policy is strict")
    func always() {
        #expect(Self.policy([Self.nothing]) == .text("strict"))
        #expect(
            Self.allowed([Self.nothing]) == [
                "char-* m", "block-* m", "/dev/char/1:3 rwm", "/dev/char/1:8 rwm",
                "/dev/char/1:7 rwm", "/dev/char/5:0 rwm", "/dev/char/1:5 rwm", "/dev/char/1:9 rwm",
                "char-136 rwm", "/dev/char/5:2 rwm", "/dev/char/10:200 rwm",
            ])
    }

    @Test("whatever went before is taken back first")
    func reset() {
        let properties = UnitDevices.properties(for: DeviceRules.effective([Self.nothing]))
        #expect(properties.map(\.name) == ["DevicePolicy", "DeviceAllow", "DeviceAllow"])
        #expect(properties[1].value == .pairs([]))
    }

    @Test(
        "a rule becomes a path or a pattern",
        arguments: [
            (CgroupDeviceRule(allow: true, kind: .block, major: 7, minor: 0), "/dev/block/7:0 rwm"),
            (CgroupDeviceRule(allow: true, kind: .block, major: 7, access: .read), "block-7 r"),
            (
                CgroupDeviceRule(allow: true, kind: .character, minor: 3, access: [.read, .write]),
                "char-* rw"
            ),
            (CgroupDeviceRule(allow: true, kind: .all, major: 8), "block-8 rwm"),
            (CgroupDeviceRule(allow: true, kind: .all, major: 8), "char-8 rwm"),
        ])
    func forms(rule: CgroupDeviceRule, expected: String) {
        #expect(Self.allowed([Self.nothing, rule]).contains(expected))
        #expect(!Self.allowed([Self.nothing]).contains(expected))
    }

    @Test("a rule for everything is no policy of systemd's, exceptions or not")
    func everything() {
        let exception = CgroupDeviceRule(allow: false, kind: .character, major: 10, minor: 229)
        for rules in [[Self.all], [Self.all, exception]] {
            #expect(Self.policy(rules) == .text("auto"))
            #expect(Self.allowed(rules).isEmpty)
        }
    }
}
