import Testing

@testable import OCISpec

@Suite("Reading a document")
struct DocumentTests {
    private let text = """
        {
          "name": "blue",
          "x-vendor": {"deep": {"a": 1}, "list": [{"b": 2}]},
          "windows": {"any": true},
          "mounts": [
            {"destination": "/proc", "y": [], "options": ["ro", "nosuid"]},
            {"destination": "/dev", "a/b~c": 1}
          ]
        }
        """

    private func read() throws(SpecError) -> Decoded<[Mount]?> {
        try JSONDocument.read(Array(text.utf8), fileName: "mounts.json") { object in
            _ = object.string("name")
            object.ignore("windows")
            return object.objects("mounts")
        }
    }

    @Test("lists what nobody asked for")
    func unknown() throws {
        let unknown = ["/x-vendor", "/mounts/0/y", "/mounts/1/a~1b~0c"]
        #expect(try read().unknownProperties == unknown)
    }

    @Test(
        "finds the place of a pointer, or of what is nearest",
        arguments: [
            ("", 1, 1), ("/name", 2, 11), ("/mounts", 5, 13), ("/mounts/0/destination", 6, 21),
            ("/mounts/0/options/1", 6, 57), ("/mounts/1", 7, 5), ("/mounts/1/a~1b~0c", 7, 38),
            ("/mounts/2", 5, 13), ("/mounts/1/options/0", 7, 5), ("/mounts/-1", 5, 13),
            ("/nothing", 1, 1), ("/name/deeper", 2, 11), ("nonsense", 1, 1),
        ])
    func positions(_ pointer: String, _ line: Int, _ column: Int) throws {
        let expected = SourcePosition(line: line, column: column)
        #expect(try read().position(of: pointer) == expected)
    }

    private func integer<T: FixedWidthInteger>(_ digits: String, _: T.Type) -> T? {
        do {
            let bytes = Array("{\"n\":\(digits)}".utf8)
            return try JSONDocument.read(bytes, fileName: "n") { $0.integer("n") as T? }.value
        } catch {
            return nil
        }
    }

    @Test("reads integers exactly")
    func integers() {
        #expect(integer("-9223372036854775808", Int64.self) == .min)
        #expect(integer("9223372036854775807", Int64.self) == .max)
        #expect(integer("-9223372036854775809", Int64.self) == nil)
        #expect(integer("9223372036854775808", Int64.self) == nil)
        #expect(integer("18446744073709551615", UInt64.self) == .max)
        #expect(integer("18446744073709551616", UInt64.self) == nil)
        #expect(integer("9007199254740993", Int64.self) == 9_007_199_254_740_993)
        #expect(integer("65535", UInt16.self) == .max)
        #expect(integer("65536", UInt16.self) == nil)
        #expect(integer("-2147483648", Int32.self) == .min)
        #expect(integer("0", UInt32.self) == 0)
        #expect(integer("-0", Int32.self) == 0)
        for refused in ["-0", "-1", "1.0", "1e3", "1E0", "0.5", "\"1\"", "true", "[]"] {
            #expect(integer(refused, UInt32.self) == nil)
        }
    }

    @Test("collects the mistakes that a reader adds to its own")
    func ownMistakes() {
        let bytes = Array("{\"a\": 1, \"b\": {\"c\": \"x\"}}".utf8)
        var caught: SpecError?
        do {
            _ = try JSONDocument.read(bytes, fileName: "record") { object in
                _ = object.string("a")
                #expect(object.has("b") && !object.has("z"))
                object.reject("b", "the record is older than this program")
                let missing: Int64 = object.requiredInteger("pid")
                #expect(missing == 0)
            }
        } catch {
            caught = error
        }
        #expect(
            caught?.description == """
                record:1:1: /pid: required property is missing, expected an integer from \
                -9223372036854775808 to 9223372036854775807
                record:1:7: /a: expected a string, found 1
                record:1:15: /b: the record is older than this program
                """)
    }

    @Test("a process and resources stand alone")
    func standalone() throws {
        let process = #"{"cwd":"/","args":["id"],"env":["A=b"],"extra":1}"#
        let decoded = try SpecDecoder.decodeProcess(Array(process.utf8), fileName: "process.json")
        #expect(decoded.value == Process(args: ["id"], env: ["A=b"], cwd: "/"))
        #expect(decoded.unknownProperties == ["/extra"])
        let resources = #"{"pids":{"limit":5},"unified":{"a.b":"1"}}"#
        let limits = try SpecDecoder.decodeResources(Array(resources.utf8), fileName: "-")
        #expect(limits.value.pids?.limit == 5)
        #expect(limits.value.unified == [StringEntry(key: "a.b", value: "1")])
        #expect(limits.position(of: "/pids/limit") == SourcePosition(line: 1, column: 18))
    }

    @Test("a wrong process or wrong resources name their file")
    func standaloneMistakes() {
        var messages: [String] = []
        do {
            _ = try SpecDecoder.decodeProcess(Array("{}".utf8), fileName: "process.json")
        } catch {
            messages.append(error.description)
        }
        do {
            _ = try SpecDecoder.decodeResources(Array("{\"pids\":5}".utf8), fileName: "-")
        } catch {
            messages.append(error.description)
        }
        #expect(
            messages == [
                "process.json:1:1: /cwd: required property is missing, expected a string",
                "-:1:9: /pids: expected an object, found 5",
            ])
    }

    @Test("keeps the order of maps, and tells absent from empty")
    func maps() throws {
        let bytes = Array(
            """
            {"ociVersion":"1.3.0","annotations":{"z":"1","a":"2"},"mounts":[],
             "linux":{"sysctl":{},"netDevices":{"eth9":{"name":""},"eth0":{}}}}
            """.utf8)
        let spec = try SpecDecoder.decode(bytes).spec
        #expect(spec.annotations?.map { $0.key } == ["z", "a"])
        #expect(spec.mounts == [])
        #expect(spec.hooks == nil)
        #expect(spec.linux?.sysctl == [])
        #expect(spec.linux?.netDevices?.map { $0.key } == ["eth9", "eth0"])
        #expect(spec.linux?.netDevices?.map { $0.name } == ["", nil])
        #expect(spec.linux?.maskedPaths == nil)
    }

    @Test("resolves escapes in keys and values")
    func escapes() throws {
        let bytes = Array(
            #"{"oci\u0056ersion":"1.3.0","hostname":"\"\\\/\b\f\n\r\t\u00e9\ud83e\uddc0x"}"#.utf8)
        let spec = try SpecDecoder.decode(bytes).spec
        #expect(spec.ociVersion == "1.3.0")
        #expect(spec.hostname == "\"\\/\u{8}\u{C}\n\r\té🧀x")
    }

    @Test("keys differ by case")
    func keyCase() throws {
        let bytes = Array(#"{"ociVersion":"1.3.0","Hostname":"a","HOSTNAME":"b"}"#.utf8)
        let decoded = try SpecDecoder.decode(bytes)
        #expect(decoded.spec.hostname == nil)
        #expect(decoded.unknownProperties == ["/Hostname", "/HOSTNAME"])
    }
}
