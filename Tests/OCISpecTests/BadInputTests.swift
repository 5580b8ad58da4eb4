import Testing

@testable import OCISpec

/// Input that no text file of the fixtures can hold.
@Suite("Bad input")
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let message: String
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8], _ message: String) {
            self.name = name
            self.bytes = bytes
            self.message = message
        }

        init(_ name: String, _ text: String, _ message: String) {
            self.init(name, Array(text.utf8), message)
        }
    }

    static func hostname(_ bytes: [UInt8]) -> [UInt8] {
        Array("{\"ociVersion\":\"1.3.0\",\n\"hostname\":\"".utf8) + bytes + Array("\"}".utf8)
    }

    static let cases: [Case] = [
        Case("01 empty file", "", "config.json: the file is empty"),
        Case(
            "02 byte order mark", [0xEF, 0xBB, 0xBF, 0x7B, 0x7D],
            "config.json:1:1: expected JSON, found a byte order mark"),
        Case(
            "03 UTF-16", [0xFF, 0xFE, 0x7B, 0x00],
            "config.json:1:1: expected UTF-8, found the byte 0xff"),
        Case(
            "04 Latin-1", hostname([0x61, 0xE9, 0x62]),
            "config.json:2:14: expected UTF-8, found the byte 0xe9"),
        Case(
            "05 overlong slash", hostname([0xC0, 0xAF]),
            "config.json:2:13: expected UTF-8, found the byte 0xc0"),
        Case(
            "06 overlong NUL", hostname([0xE0, 0x80, 0x80]),
            "config.json:2:13: expected UTF-8, found the byte 0xe0"),
        Case(
            "07 encoded surrogate", hostname([0xED, 0xA0, 0x80]),
            "config.json:2:13: expected UTF-8, found the byte 0xed"),
        Case(
            "08 beyond Unicode", hostname([0xF4, 0x90, 0x80, 0x80]),
            "config.json:2:13: expected UTF-8, found the byte 0xf4"),
        Case(
            "09 stray continuation after a valid character", hostname([0xC3, 0xA9, 0x80]),
            "config.json:2:14: expected UTF-8, found the byte 0x80"),
        Case(
            "10 sequence cut off by the end", Array("{\"a\":\"".utf8) + [0xE2, 0x82],
            "config.json:1:7: expected UTF-8, found the byte 0xe2"),
        Case(
            "11 raw NUL in a string", hostname([0x61, 0x00]),
            "config.json:2:14: /hostname: control character in a string: '\\u0000'"),
        Case(
            "12 raw NUL outside a string", [0x7B, 0x00, 0x7D],
            "config.json:1:2: unexpected text '\\u0000'"),
        Case("13 a number alone", "12", "config.json:1:1: expected an object, found 12"),
        Case("14 a string alone", "\"x\"", "config.json:1:1: expected an object, found \"x\""),
        Case("15 null alone", "null", "config.json:1:1: expected an object, found null"),
        Case("16 a closing bracket", "}", "config.json:1:1: expected a value, found '}'"),
        Case(
            "17 a very long value is cut", "{\"ociVersion\":[],\"hostname\":\(longNumber)}",
            """
            config.json:1:15: /ociVersion: expected a string, found an array
            config.json:1:29: /hostname: expected a string, found \(longNumber.prefix(60))...
            """),
        Case(
            "18 control characters do not reach the terminal",
            "{\"ociVersion\":\"1\",\"linux\":{\"rootfsPropagation\":\"\\u001b[31m\\u009b\\u202e\"}}",
            """
            config.json:1:48: /linux/rootfsPropagation: expected one of private, shared, slave, \
            unbindable, rprivate, rshared, rslave, runbindable, \
            found \"\\u001b[31m\\u009b\\u202e\"
            """),
        Case(
            "19 keys in pointers are escaped",
            "{\"ociVersion\":\"1\",\"annotations\":{\"a/b~c\\u0007\":1}}",
            "config.json:1:48: /annotations/a~1b~0c\\u0007: expected a string, found 1"),
        Case(
            "20 columns count characters",
            "{\"ociVersion\":\"1\",\"annotations\":{\"käse→🧀\":1}}",
            "config.json:1:43: /annotations/käse→🧀: expected a string, found 1"),
        Case(
            "21 lines end with CRLF", "{\r\n\"ociVersion\":\r\n3}",
            "config.json:3:1: /ociVersion: expected a string, found 3"),
    ]

    static let longNumber = String(repeating: "7", count: 300)

    @Test("is refused in these words", arguments: cases)
    func refused(_ bad: Case) {
        #expect(specError(bad.bytes)?.description == bad.message)
    }

    @Test("the size limit is exact")
    func sizeLimit() {
        let most = JSONDocument.sizeLimit
        let document = Array("{\"ociVersion\":\"1.3.0\"}".utf8)
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: most - document.count)
        #expect(specError(document + blanks) == nil)
        #expect(
            specError(document + blanks + blanks.prefix(1))?.description
                == "config.json: the file has 16777217 bytes, more than the limit of 16777216")
    }

    private func nested(_ depth: Int) -> String {
        let open = String(repeating: "[", count: depth - 1)
        let close = String(repeating: "]", count: depth - 1)
        return "{\"ociVersion\":\"1.3.0\",\"x\":\(open)\(close)}"
    }

    @Test("the depth limit is exact and a bomb is harmless")
    func depthLimit() {
        #expect(specError(nested(64)) == nil)
        let error = specError(nested(65))
        #expect(error?.issues.map { $0.message } == ["nested deeper than 64 levels"])
        #expect(error?.issues.first?.pointer.hasPrefix("/x/0/0/0") == true)
        #expect(specError(nested(1_000_000))?.issues == error?.issues)
        let objects = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(
            specError(objects)?.issues.map { $0.message } == ["nested deeper than 64 levels"])
    }

    @Test("the number of values is limited")
    func nodeLimit() {
        let zeros = String(repeating: "0,", count: JSONParser.nodeLimit)
        let error = specError("{\"ociVersion\":\"1.3.0\",\"x\":[\(zeros)0]}")
        #expect(error?.issues.map { $0.message } == ["more than 1048576 values and keys"])
    }

    @Test("the number of reported mistakes is limited")
    func issueLimit() {
        let ones = String(repeating: "1,", count: 149) + "1"
        let error = specError("{\"ociVersion\":\"1.3.0\",\"linux\":{\"maskedPaths\":[\(ones)]}}")
        #expect(error?.issues.count == JSONDocument.issueLimit)
        #expect(error?.omitted == 50)
        #expect(error?.description.hasSuffix("\nconfig.json: and 50 more") == true)
    }

    @Test("many keys cost no more than sorting them, and a duplicate among them is found")
    func manyKeys() {
        let members = (0..<20_000).map { "\"org.example.k\($0)\":\"\"" }.joined(separator: ",")
        let head = "{\"ociVersion\":\"1.3.0\",\"annotations\":{\(members)"
        #expect(specError(head + "}}") == nil)
        let error = specError(head + ",\"org.example.k\\u0037\":\"\",\"org.example.k7\":\"\"}}")
        let twice = [String](repeating: "/annotations/org.example.k7", count: 2)
        #expect(error?.issues.map { $0.pointer } == twice)
    }
}
