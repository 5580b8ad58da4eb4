import Testing

@testable import OCISpec

@Suite("JSON writer")
struct WriterTests {
    private func sample(_ style: JSONWriter.Style) -> String {
        var writer = JSONWriter(style)
        writer.object { writer in
            writer.member("name", "blue")
            writer.member("absent", String?.none)
            writer.member("numbers", [1, -2])
            writer.member("none", [String]())
            writer.key("nested")
            writer.object { $0.member("on", true) }
            writer.key("nothing")
            writer.object { _ in }
            writer.key("unknown")
            writer.null()
            writer.member("most", UInt64.max)
        }
        return writer.text
    }

    @Test("writes on one line")
    func compact() {
        let expected =
            #"{"name":"blue","numbers":[1,-2],"none":[],"nested":{"on":true},"nothing":{},"#
            + #""unknown":null,"most":18446744073709551615}"#
        #expect(sample(.compact) == expected)
    }

    @Test("indents by two blanks, without a newline at the end")
    func spaces() {
        let expected = """
            {
              "name": "blue",
              "numbers": [
                1,
                -2
              ],
              "none": [],
              "nested": {
                "on": true
              },
              "nothing": {},
              "unknown": null,
              "most": 18446744073709551615
            }
            """
        #expect(sample(.spaces) == expected)
    }

    @Test("indents by tabs")
    func tabs() {
        #expect(sample(.tabs).hasPrefix("{\n\t\"name\": \"blue\",\n\t\"numbers\": [\n\t\t1,\n"))
    }

    @Test("writes arrays and values alone")
    func roots() {
        var writer = JSONWriter(.compact)
        writer.array { writer in
            writer.object { _ in }
            writer.object { $0.member("a", Int32.min) }
            writer.array { _ in }
        }
        #expect(writer.text == #"[{},{"a":-2147483648},[]]"#)
        var single = JSONWriter(.spaces)
        single.null()
        #expect(single.text == "null")
    }

    @Test("escapes what JSON demands, and DEL")
    func escapes() {
        var writer = JSONWriter(.compact)
        writer.value("\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}\"\\/ü🧀")
        #expect(writer.text == #""\b\t\n\f\r\u0000\u001f\u007f\"\\/ü🧀""#)
    }

    @Test("escaped text is read back", arguments: ["", "a\"b\\c", "\u{1}\n\t", "é🧀\u{FFFD}", "/"])
    func readBack(_ text: String) throws {
        var writer = JSONWriter(.spaces)
        writer.object { writer in
            writer.member("text", text)
            writer.member("list", [text, text])
            writer.member("map", [StringEntry(key: "k" + text, value: text)])
        }
        let read = try JSONDocument.read(writer.bytes, fileName: "x") { object in
            (object.string("text"), object.strings("list"), object.stringEntries("map"))
        }
        #expect(read.value.0 == text)
        #expect(read.value.1 == [text, text])
        #expect(read.value.2 == [StringEntry(key: "k" + text, value: text)])
    }
}
