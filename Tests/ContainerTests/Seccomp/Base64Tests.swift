import Testing

@testable import Container

@Suite struct Base64Tests {
    @Test(
        arguments: [
            ("", []), ("AA==", [0]), ("//8=", [255, 255]), ("AAEC", [0, 1, 2]),
            ("+/+/+w==", [251, 255, 191, 251]), ("Zm9vYmFy", Array("foobar".utf8)),
        ] as [(String, [UInt8])])
    func decodes(text: String, bytes: [UInt8]) {
        #expect(Base64.decode(text) == bytes)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "A===", "====", "AA=A", "=AAA", "AAEC\n", "AA==AA==", "AA-_", "AB==",
        "//9=",
        "äöAA",
    ])
    func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
