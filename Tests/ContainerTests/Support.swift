import CKernel
import Glibc
import Kernel

/// A directory of one test, removed with everything in it at the end.
final class TemporaryDirectory: Sendable {
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

/// Starts a shell script with the given standard streams.
func spawnShell(_ script: String, descriptors: [Int32] = [0, 1, 2]) throws -> ChildProcess {
    var request = SpawnRequest(
        path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
        descriptors: descriptors)
    request.newSession = true
    return try request.spawn()
}

/// The master of a new pseudo-terminal.
func openMaster() throws -> FileDescriptor {
    let master = try FileDescriptor.open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var unlocked: Int32 = 0
    if ck_ioctl_pointer(master.rawValue, 0x4004_5431, &unlocked) < 0 { throw Errno.current }
    return master
}

/// Work of another thread.
final class Delayed {
    private let work: () -> Void

    private init(_ work: @escaping () -> Void) {
        self.work = work
    }

    static func run(_ work: @escaping () -> Void) throws {
        let context = Unmanaged.passRetained(Delayed(work)).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Delayed>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, context)
        if result != 0 { throw Errno(result) }
        pthread_detach(thread)
    }
}
