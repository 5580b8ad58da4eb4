import OCISpec
import Testing

@testable import Container

@Suite("Annotations for cgroups below a unit")
struct SubgroupRulesTests {
    private static func subgroup(
        _ name: String, _ subgroup: String?, _ delegate: String?, _ errors: [String] = []
    ) -> ValidationTests.Case {
        let entries = [
            ("run.oci.systemd.subgroup", subgroup), ("run.oci.delegate-cgroup", delegate),
        ]
        let spec = Configurations.changed { spec in
            spec.annotations = entries.compactMap { entry in
                entry.1.map { StringEntry(key: entry.0, value: $0) }
            }
        }
        return ValidationTests.Case(
            name, spec, errors.map { "annotations/run.oci." + $0 })
    }

    static let subgroups: [ValidationTests.Case] = [
        subgroup("a subgroup", "box", nil),
        subgroup("no subgroup", "", nil),
        subgroup("one to hand over", "box", "a.b-c ä", []),
        subgroup("the longest name", String(repeating: "x", count: 255), nil),
        subgroup(
            "too long", String(repeating: "x", count: 256), nil,
            ["systemd.subgroup: \"\(String(repeating: "x", count: 256))\" is no name of a cgroup"]),
        subgroup("a path", "a/b", nil, ["systemd.subgroup: \"a/b\" is no name of a cgroup"]),
        subgroup("itself", ".", nil, ["systemd.subgroup: \".\" is no name of a cgroup"]),
        subgroup("the one above", "..", nil, ["systemd.subgroup: \"..\" is no name of a cgroup"]),
        subgroup(
            "no text", "a\0b", nil, ["systemd.subgroup: \"a\\u0000b\" is no name of a cgroup"]),
        subgroup(
            "the one above to hand over", "box", "..",
            ["delegate-cgroup: \"..\" is no name of a cgroup"]),
        subgroup(
            "nothing to hand over", "box", "", ["delegate-cgroup: \"\" is no name of a cgroup"]),
        subgroup("alone", nil, "own", ["delegate-cgroup: needs run.oci.systemd.subgroup"]),
        subgroup("below nothing", "", "own", ["delegate-cgroup: needs run.oci.systemd.subgroup"]),
    ]

    @Test("names and what they need", arguments: subgroups)
    func checkSubgroups(_ row: ValidationTests.Case) {
        #expect(findings(row.spec, row.options, row.facts).errors == row.errors)
    }
}
