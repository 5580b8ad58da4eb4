import OCISpec
import Testing

@testable import Container

@Suite struct IDMappingRulesTests {
    private static func map(_ inside: UInt32, _ outside: UInt32, _ size: UInt32) -> IDMapping {
        IDMapping(containerID: inside, hostID: outside, size: size)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var mappings: [IDMapping]
        var errors: [String]
    }

    static let cases: [Case] = [
        Case(testDescription: "none", mappings: [], errors: []),
        Case(testDescription: "one", mappings: [map(0, 100_000, 65536)], errors: []),
        Case(
            testDescription: "neighbours, in any order",
            mappings: [map(10, 110, 10), map(0, 100, 10), map(20, 0, 100)], errors: []),
        Case(
            testDescription: "everything", mappings: [map(0, 0, .max)], errors: []),
        Case(
            testDescription: "up to the last id",
            mappings: [map(.max - 9, 0, 10), map(0, .max - 9, 10)], errors: []),
        Case(
            testDescription: "empty", mappings: [map(0, 0, 1), map(5, 5, 0)],
            errors: ["map/1/size: size must not be zero"]),
        Case(
            testDescription: "beyond the last id",
            mappings: [map(.max - 8, 0, 10), map(0, .max, 2)],
            errors: [
                "map/0: the range goes beyond 4294967295",
                "map/1: the range goes beyond 4294967295",
            ]),
        Case(
            testDescription: "overlap inside", mappings: [map(0, 0, 10), map(9, 100, 1)],
            errors: ["map/1: overlaps with mapping 0"]),
        Case(
            testDescription: "overlap outside",
            mappings: [map(0, 0, 10), map(20, 20, 10), map(50, 5, 16)],
            errors: ["map/2: overlaps with mapping 0", "map/2: overlaps with mapping 1"]),
        Case(
            testDescription: "the kernel's limit",
            mappings: (0..<340).map { map($0, $0, 1) }, errors: []),
        Case(
            testDescription: "beyond the kernel's limit",
            mappings: (0..<341).map { map($0, $0, 1) },
            errors: ["map: 341 mappings are more than the kernel's 340"]),
    ]

    @Test("ranges", arguments: cases)
    func ranges(_ row: Case) {
        var diagnostics = Diagnostics()
        IDMappingRules.check(row.mappings, "map", &diagnostics)
        #expect(diagnostics.errors.map(\.description) == row.errors)
    }

    @Test("an id of the container has the host's id of its range")
    func hostIDs() {
        let mappings = [Self.map(1000, 5000, 2), Self.map(0, 100, 10), Self.map(.max, 7, 1)]
        let expected: [(UInt32, UInt32?)] = [
            (0, 100), (9, 109), (10, nil), (999, nil), (1000, 5000), (1001, 5001), (1002, nil),
            (.max, 7), (.max - 1, nil),
        ]
        for (id, host) in expected { #expect(IDMappingRules.hostID(id, mappings) == host) }
        #expect(IDMappingRules.hostID(0, []) == nil)
    }
}
