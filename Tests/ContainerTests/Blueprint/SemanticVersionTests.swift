import Testing

@testable import Container

@Suite("Semantic versions")
struct SemanticVersionTests {
    @Test(
        "numbers are compared, not texts",
        arguments: [
            ("1.0.2", true), ("1.0.2-dev", true), ("1.2.99", true), ("0.9.0", true),
            ("1.3.0", false), ("1.3.0-rc.1", false), ("1.10.0", false), ("2.0.0", false),
            ("1.99999999999999999999.0", false),
        ])
    func before(text: String, isBefore: Bool) throws {
        let version = try #require(SemanticVersion(text))
        #expect(version.isBefore(1, 3) == isBefore)
    }
}
