import Testing

@testable import Container

@Suite struct PathTextTests {
    @Test(
        "a path is made plain without looking at the file system",
        arguments: [
            ("", "/"), ("/", "/"), ("//", "/"), (".", "/"), ("..", "/"), ("/..", "/"), ("a", "/a"),
            ("/a", "/a"), ("/a/", "/a"), ("//a///b//", "/a/b"), ("/a/./b/.", "/a/b"),
            ("/a/../b", "/b"), ("/a/b/../..", "/"), ("/a/../../b", "/b"),
            ("a/../../../b/c", "/b/c"),
            ("/a/...", "/a/..."), ("/a/..b", "/a/..b"), ("/a/.b", "/a/.b"), ("/a b/ü", "/a b/ü"),
            // A mark behind a slash joins with it to one character of Unicode.
            ("/\u{301}", "/\u{301}"), ("/a/\u{301}/../b", "/a/b"), ("/a/..\u{301}", "/a/..\u{301}"),
            ("/e\u{301}/\u{e9}", "/e\u{301}/\u{e9}"),
        ])
    func normalize(path: String, plain: String) {
        #expect(Array(PathText.normalize(path).utf8) == Array(plain.utf8))
        #expect(PathText.normalize(plain) == plain)
    }

    @Test(
        "a relative path counts from its base",
        arguments: [
            ("a", "/base", "/base/a"), ("/a", "/base", "/a"), ("", "/base", "/base/"),
            ("a", "/", "/a"), ("../a", "/base", "/base/../a"), ("/\u{301}a", "/base", "/\u{301}a"),
        ])
    func absolute(path: String, base: String, result: String) {
        #expect(PathText.absolute(path, from: base) == result)
    }

    @Test("absolute is what begins with a slash")
    func isAbsolute() {
        for path in ["/", "/a", "//", "/\u{301}"] { #expect(PathText.isAbsolute(path)) }
        for path in ["", "a", "a/b", "./a", " /a"] { #expect(!PathText.isAbsolute(path)) }
    }

    @Test("below is what has the directory's components and more")
    func isBelow() {
        for path in ["/proc/1", "/proc/a/b", "/proc/\u{301}"] {
            #expect(PathText.isBelow(path, "/proc"))
        }
        for path in ["/proc", "/process", "/pro", "/", "", "/a/proc/1"] {
            #expect(!PathText.isBelow(path, "/proc"))
        }
    }

    @Test(
        "operands of the init stage have no leading slash",
        arguments: [
            ("/", "."), ("", "."), ("/..", "."), ("/a/b", "a/b"), ("a/../b", "b"),
            ("/\u{301}a", "\u{301}a"),
        ])
    func inRoot(path: String, operand: String) {
        #expect(Array(PathText.inRoot(path).utf8) == Array(operand.utf8))
    }

    @Test(
        "a path enters directories from the top",
        arguments: [
            ("/a/b/c", ["/a>b/c", "/a/b>c"]), ("/a", []), ("/", []), ("", []), ("/a/", []),
            ("/a/.", []), ("//a//b/", ["//a>b/"]), ("/a/./b/.", ["/a>b/."]),
            ("/a/../b/c", ["/a/..>b/c", "/a/../b>c"]), ("/a/b/..", ["/a>b/.."]),
            ("/\u{301}/b", ["/\u{301}>b"]), ("/a/\u{301}", ["/a>\u{301}"]),
        ])
    func cuts(path: String, expected: [String]) {
        let found = PathText.cuts(path).map { Array("\($0.head)>\($0.rest)".utf8) }
        #expect(found == expected.map { Array($0.utf8) })
    }

    @Test(
        "a key is one token of a JSON pointer",
        arguments: [
            ("a", "a"), ("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("/", "~1"), ("", ""),
            ("/\u{301}", "~1\u{301}"),
        ])
    func pointerToken(key: String, token: String) {
        #expect(Array(PathText.pointerToken(key).utf8) == Array(token.utf8))
    }
}
