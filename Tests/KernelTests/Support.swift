import Glibc
import Kernel

/// A directory of one test, removed with everything in it at the end.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    deinit {
        let request = SpawnRequest(
            path: "/bin/rm", arguments: ["rm", "-rf", path], environment: [],
            descriptors: [0, 1, 2])
        guard path.hasPrefix("/tmp/apus-test-"), let child = try? request.spawn() else { return }
        _ = try? child.pidfd.reap()
    }
}

/// Starts a shell script with the test's own standard streams.
func spawnShell(_ script: String, descriptors: [Int32] = [0, 1, 2]) throws -> ChildProcess {
    try SpawnRequest(
        path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
        descriptors: descriptors
    ).spawn()
}

let isRoot = geteuid() == 0
