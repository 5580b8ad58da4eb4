import Glibc
import Kernel
import Testing

/// docs/spec-conformance.md against the tests that it names.
@Suite("Conformance document") struct ConformanceDocumentTests {
    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private func text(_ path: String) throws -> String {
        let bytes = try FileDescriptor.open(Self.root + "/" + path, O_RDONLY).readAll(
            limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("every integration test that is named exists")
    func namedTestsExist() throws {
        var named = 0
        for line in try text("docs/spec-conformance.md").split(separator: "\n") {
            for word in line.split(whereSeparator: { " ,|.:".contains($0) })
            where !word.contains("`") {
                let parts = word.split(separator: "/")
                guard parts.count == 2,
                    parts[0].allSatisfy({ $0.isLowercase || "_0123456789".contains($0) }),
                    Files.exists("\(Self.root)/integration/tests/\(parts[0]).sh")
                else { continue }
                let file = try text("integration/tests/\(parts[0]).sh")
                #expect(file.contains("\ntest_\(parts[1])() {"), "no test \(word)")
                named += 1
            }
        }
        #expect(named > 50)
    }
}
