import Cgroups
import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite("Container names")
struct ContainerIDTests {
    @Test(
        "letters, digits and a few marks make a name",
        arguments: [
            "a", "A9_+.-", "...", ".a", "-", "0", String(repeating: "x", count: 255),
        ])
    func valid(name: String) throws {
        #expect(try ContainerID(name).name == name)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ".", "..", "a/b", "/", "../x", "a b", "ä", "a\n", "a\0b", "a:b", "a@b",
            String(repeating: "x", count: 256),
        ])
    func invalid(name: String) {
        let error = #expect(throws: RuntimeError.self) { _ = try ContainerID(name) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.hasPrefix("invalid container ID format: \"") == true)
        #expect(error?.message.contains("\n") == false)
        #expect((error?.message.utf8.count ?? 999) < 80)
    }
}

@Suite("State store")
struct StateStoreTests {
    private let directory = TemporaryDirectory()

    private func store() throws -> StateStore {
        try StateStore(root: directory.path + "/deep/root")
    }

    @Test("a name is taken once, with its root made on the way")
    func create() throws {
        let store = try store()
        let id = try ContainerID("one")
        do {
            let state = try store.create(id)
            let path = state.path
            #expect(path == store.root + "/one")
            let status = try Files.status(path)
            #expect(status.st_mode & 0o7777 & ~0o711 == 0)
            #expect(try Files.status(store.root).st_mode & 0o7777 == 0o700)
        }
        let error = #expect(throws: RuntimeError.self) { _ = try store.create(id) }
        #expect(error?.code == .exists)
        #expect(error?.message == "container with given ID already exists")
    }

    @Test("what is not there does not exist", arguments: [false, true])
    func missing(hasRoot: Bool) throws {
        let store = try store()
        if hasRoot { _ = try store.create(try ContainerID("other")) }
        let id = try ContainerID("one")
        for access in [StateDirectory.Access.shared, .exclusive] {
            let error = #expect(throws: RuntimeError.self) { _ = try store.open(id, access) }
            #expect(error?.code == .notFound)
            #expect(error?.message == "container does not exist")
        }
    }

    @Test("a link in the root is no container")
    func link() throws {
        let store = try store()
        _ = try store.create(try ContainerID("one"))
        #expect(symlink("one", store.root + "/two") == 0)
        let error = #expect(throws: RuntimeError.self) {
            _ = try store.open(try ContainerID("two"), .shared)
        }
        #expect(error?.code == .notFound)
    }

    @Test("all names are listed in order, none without root")
    func list() throws {
        let store = try store()
        #expect(try store.list() == [])
        for name in ["b", "a", "c"] { _ = try store.create(try ContainerID(name)) }
        try Files.makeDirectory(store.root + "/not a name", mode: 0o700)
        #expect(try store.list() == ["a", "b", "c"])
    }

    @Test("a root must be a place of its own", arguments: ["", "/", "//", "some/where"])
    func badRoot(root: String) {
        let error = #expect(throws: RuntimeError.self) { _ = try StateStore(root: root) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a user's own root is sticky")
    func sticky() throws {
        let store = try StateStore(root: directory.path + "/user", isSticky: true)
        _ = try store.create(try ContainerID("one"))
        #expect(try Files.status(store.root).st_mode & 0o7777 == 0o1700)
    }

    @Test("a state is asked for while the container is worked on, and says so")
    func busy() throws {
        let store = try store()
        let id = try ContainerID("one")
        do {
            let held = try store.create(id)
            let asked = try store.open(id, .shared)
            let isBusy = asked.isBusy
            #expect(isBusy)
            try held.unlock()
            let later = try store.open(id, .shared)
            let isBusyLater = later.isBusy
            #expect(!isBusyLater)
        }
        let last = try store.open(id, .exclusive)
        let isBusy = last.isBusy
        #expect(!isBusy)
    }

    @Test("whoever waited for a container that was removed finds none")
    func removedMeanwhile() throws {
        let store = try store()
        let id = try ContainerID("one")
        let path = store.root + "/one"
        _ = try store.create(id)
        let waiting = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        try store.open(id, .exclusive).remove()
        var failure: Errno?
        do throws(Errno) { _ = try StateDirectory(waiting, path: path, .exclusive) } catch {
            failure = error
        }
        #expect(failure == .noEntry)
    }

    @Test("a call that fails is named")
    func fails() throws {
        let store = try store()
        try SyscallRecorder.record { recorder in
            recorder.force("mkdirat", .readOnly)
            let id = try ContainerID("one")
            let error = #expect(throws: RuntimeError.self) { _ = try store.create(id) }
            #expect(error?.underlying == SystemError("mkdirat", store.root + "/one", .readOnly))
        }
    }
}
