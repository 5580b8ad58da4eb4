import Glibc
import OCISpec
import Testing

@testable import Container

/// Errors of the validation with their place in the file.
@Suite struct ConfigReportTests {
    private static func report(
        _ text: String, name: String = "config.json",
        _ note: (inout Diagnostics) -> Void
    ) throws -> RuntimeError? {
        let decoded = try SpecDecoder.decode(Array(text.utf8))
        var diagnostics = Diagnostics()
        note(&diagnostics)
        return ConfigReport(decoded, nil, name).error(diagnostics)
    }

    private static let text = """
        {
          "ociVersion": "1.3.0",
          "linux": {
            "sysctl": { "net/core/somaxconn": "1",
              "a~b": "2" }
          },
          "mounts": [
            { "destination": "/a" }, { "destination":
                "/b" }
          ]
        }
        """

    @Test(
        "an error stands at its value, or at what is nearest to it",
        arguments: [
            ("ociVersion", "2:17"), ("linux/sysctl/net~1core~1somaxconn", "4:39"),
            ("linux/sysctl/a~0b", "5:14"), ("mounts", "7:13"), ("mounts/0", "8:5"),
            ("mounts/1/destination", "9:9"), ("mounts/1/options/3", "8:30"), ("hostname", "1:1"),
            ("process/args", "1:1"),
        ])
    func positions(location: String, position: String) throws {
        let error = try Self.report(Self.text) { $0.error(location, "wrong", label: "label") }
        #expect(error?.description == "config.json:\(position): \(location) (label): wrong")
    }

    @Test("all errors are one, each on its line, with the first one's code")
    func several() throws {
        let error = try Self.report(Self.text, name: "other.json") {
            $0.error("mounts/0", "first", code: .unsupported)
            $0.warning("mounts", "a remark")
            $0.error("ociVersion", "second")
        }
        #expect(
            error?.description
                == "other.json:8:5: mounts/0: first\nother.json:2:17: ociVersion: second")
        #expect(error?.code == .unsupported)
    }

    @Test("remarks are no error")
    func none() throws {
        #expect(try Self.report(Self.text) { $0.warning("mounts", "a remark") } == nil)
    }

    @Test("a request that is wrong has no place in the file")
    func requests() throws {
        let error = try Self.report(Self.text) { $0.error("", "wrong", code: .invalidRequest) }
        #expect(error?.description == "wrong")
    }

    // MARK: - With mistakes of the decoder

    private static func combined(
        _ text: String, _ note: (inout Diagnostics) -> Void
    ) throws -> [Substring] {
        let bytes = Array(text.utf8)
        let (decoded, mistakes) = try SpecDecoder.decodeAll(bytes, fileName: "config.json")
        #expect(mistakes != nil)
        var diagnostics = Diagnostics()
        note(&diagnostics)
        let error = ConfigReport(decoded, mistakes, "config.json").error(diagnostics)
        #expect(error?.code == .invalidConfig)
        return error?.message.split(separator: "\n") ?? []
    }

    @Test("what the decoder could not read is not found fault with a second time")
    func placeholders() throws {
        let lines = try Self.combined("{\"ociVersion\": 5, \"mounts\": [1]}") {
            $0.error("ociVersion", "about the placeholder")
            $0.error("mounts/0/destination", "about the placeholder")
            $0.error("mounts", "about its list")
            $0.error("mounts/01", "about another", code: .unsupported)
            $0.error("process", "about another")
            $0.error("", "about the request", code: .invalidRequest)
        }
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("config.json:1:16: /ociVersion: "))
        #expect(lines[1].hasPrefix("config.json:1:30: /mounts/0: "))
        #expect(lines[2].hasSuffix("mounts/01: about another"))
        #expect(lines[3].hasSuffix("process: about another"))
        #expect(lines[4] == "about the request")
    }

    // MARK: - Whole files

    private static let directory = "spec-fixtures/config/bad"

    @Test("a configuration that decodes and makes no sense is refused in these words")
    func files() throws {
        var found = ""
        for name in Repository.names(in: Self.directory, ending: ".json")
        where name.hasPrefix("validation-") {
            let bytes = try #require(Repository.read("\(Self.directory)/\(name).json"))
            let decoded = try SpecDecoder.decode(bytes)
            var diagnostics = Diagnostics()
            _ = Blueprint(
                decoded.spec, options: testOptions(), facts: HostFacts(), &diagnostics)
            let error = ConfigReport(decoded, nil, name + ".json").error(diagnostics)
            found += "\(error?.description ?? "\(name).json: accepted")\n"
        }
        let path = "\(Self.directory)/expected-validation.txt"
        if getenv("APUS_UPDATE_GOLDENS").map({ String(cString: $0) }) == "1" {
            #expect(Repository.write(path, found))
        }
        let expected = try #require(Repository.text(path))
        let difference = TextDiff.lines(expected: expected, found: found)
        #expect(difference.isEmpty, "\(path): \(difference)")
        #expect(!found.contains("accepted"))
    }
}
