import Glibc
import Kernel
import Testing

@testable import Container

/// `top/root` is a container's root; `top/secret` is the host's.
@Suite struct BindSourceTests {
    let top = TemporaryDirectory()
    var root: String { top.path + "/root" }

    init() throws {
        for name in ["root", "root/data", "secret", "host"] {
            try #require(mkdir(top.path + "/" + name, 0o755) == 0)
        }
        let links = [
            ("root/out", top.path + "/secret"), ("root/up", "../secret"), ("root/in", "/data"),
            ("root/hosted", "/host"), ("alias", "root"), ("link", "host"), ("pass", "root/../host"),
            ("deep", "root/data"), ("root/data/out", top.path + "/secret"),
        ]
        for (name, text) in links {
            try #require(symlink(text, top.path + "/" + name) == 0)
        }
    }

    private func identity(_ path: String) throws -> UInt {
        UInt(try Files.status(path).st_ino)
    }

    @Test(
        "what is found is where a container would look",
        arguments: [
            ("root/data", "root/data"), ("alias/data", "root/data"), ("root/in", "root/data"),
            ("alias/in/.", "root/data"), ("root/in/../data", "root/data"), ("root", "root"),
            ("alias", "root"), ("host", "host"), ("link", "host"), ("root/../link", "host"),
            ("root/./../host", "host"), ("./root//in", "root/data"),
            ("root/data/../../host", "host"),
            ("deep/../in", "root/data"), ("deep/../../host", "host"),
        ])
    func found(source: String, place: String) throws {
        let file = try BindSource.open(top.path + "/" + source, root: root)
        #expect(try UInt(Files.status(of: file).st_ino) == identity(top.path + "/" + place))
    }

    @Test(
        "nothing of the image leads to the host",
        arguments: [
            "root/out", "root/up", "alias/out", "alias/up", "root/hosted", "deep/out",
            "root/./out", "root/data/../up", "root/missing", "missing",
        ])
    func missing(source: String) throws {
        let path = top.path + "/" + source
        let error = #expect(throws: Errno.self) { _ = try BindSource.open(path, root: root) }
        #expect(error == .noEntry)
    }

    @Test(
        "what leaves the root behind a link is refused",
        arguments: ["root/in/../../secret", "alias/data/../../host", "root/data/../in/../../host"])
    func leaves(source: String) {
        let path = top.path + "/" + source
        let error = #expect(throws: Errno.self) { _ = try BindSource.open(path, root: root) }
        #expect(error == .crossDevice)
    }

    @Test("the host's own root keeps nobody in")
    func hostRoot() throws {
        let file = try BindSource.open(root + "/out", root: "/")
        #expect(try UInt(Files.status(of: file).st_ino) == identity(top.path + "/secret"))
    }

    @Test("a path for those that follow links")
    func path() {
        #expect(BindSource.path(root + "/in", root: root) == root + "/data")
        #expect(BindSource.path(root + "/up", root: root) == root + "/up")
        #expect(BindSource.path(top.path + "/host", root: root) == top.path + "/host")
    }
}
