import Testing

@testable import OCISpec

@Suite("Fixtures")
struct FixtureTests {
    @Test("a good configuration is accepted whole", arguments: Fixtures.good)
    func good(_ name: String) throws {
        let bytes = Fixtures.good(name)
        let decoded = try SpecDecoder.decode(bytes)
        #expect(decoded.unknownProperties == [])
        // Other platforms are accepted and dropped.
        let platforms = ["/solaris", "/windows", "/vm", "/zos", "/freebsd"]
        let expected = leaves(bytes).filter { leaf in
            !platforms.contains { leaf.key.hasPrefix($0 + "/") }
        }
        #expect(leaves(decoded.spec.json(.spaces)) == expected)
    }

    @Test("a bad configuration is refused in these words")
    func bad() {
        let golden = Fixtures.read(Fixtures.directory + "/bad/expected.txt")
        let expected = String(decoding: golden, as: UTF8.self)
            .split(separator: "\n").map { String($0) }
        var found: [String] = []
        for name in Fixtures.bad {
            let bytes = Fixtures.read("\(Fixtures.directory)/bad/\(name).json")
            let error = specError(bytes, fileName: name + ".json")
            #expect(error != nil, "\(name) is accepted")
            found += error?.description.split(separator: "\n").map { String($0) } ?? []
        }
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found == expected) }
    }

    @Test("there are fixtures of both kinds")
    func exist() {
        #expect(Fixtures.good.count > 90)
        #expect(Fixtures.bad.count > 180)
    }
}
