import Container
import Glibc
import Kernel
import OCISpec
import Testing

/// docs/spec-conformance.md against the code.
@Suite struct ConformanceDocumentTests {
    @Test func unsupportedPropertiesAreTheDocuments() throws {
        let items = try section("Decoded, not executed yet").compactMap { line -> String? in
            guard line.hasPrefix("- `"), line.hasSuffix("`") else { return nil }
            return String(line.dropFirst(3).dropLast())
        }
        #expect(items == Unsupported.all)
    }

    @Test func everyUnsupportedPropertyIsSaidToBeRefused() throws {
        let rows = try text().filter { $0.hasPrefix("| `") }
        for property in Unsupported.all where property != "mounts/options/idmap" {
            let pattern = property.replacing("mounts/", with: "mounts/*/")
            let row = rows.first { $0.contains("`\(pattern)`") }
            #expect(row?.contains("refused") == true, "no row refuses \(property)")
        }
    }

    /// The lines below a heading, until the next one.
    private func section(_ heading: String) throws -> [Substring] {
        let lines = try text()
        let start = try #require(lines.firstIndex(of: "## \(heading)"))
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("## ") })
    }

    private func text() throws -> [Substring] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/docs/spec-conformance.md"
        let bytes = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
    }
}
