import OCISpec
import Testing

@testable import Container

/// What is decoded and not executed is refused.
@Suite struct UnsupportedTests {
    @Test("what the smallest configuration uses is supported")
    func minimal() {
        #expect(Unsupported.properties(of: Configurations.minimal) == [])
        #expect(Unsupported.properties(of: Spec(ociVersion: "1.3.0")) == [])
    }

    @Test("each is refused where it stands, and nothing but what is listed")
    func refused() throws {
        let path = "spec-fixtures/config/good/everything.json"
        let bytes = try #require(Repository.read(path))
        var spec = try SpecDecoder.decode(bytes).spec
        spec.mounts?[0].options?.append("ridmap")
        let found = Unsupported.properties(of: spec)
        let patterns = found.map { place in
            place.split(separator: "/").filter { !$0.allSatisfy(\.isNumber) }.joined(separator: "/")
        }
        // The last part of a pattern may name a value: `mounts/options/idmap`.
        for pattern in patterns {
            #expect(Unsupported.all.contains { $0 == pattern || $0.hasPrefix(pattern + "/") })
        }
        #expect(found.count == Unsupported.all.count)
        let errors = findings(spec).errors
        for place in found { #expect(errors.contains("\(place): not supported yet")) }
    }
}
