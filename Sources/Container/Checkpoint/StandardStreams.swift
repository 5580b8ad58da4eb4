import Glibc
internal import Kernel
internal import OCISpec

/// What descriptors 0, 1 and 2 of a container are, kept beside its images (`descriptors.json`, the
/// same file as that of the peers): a restore puts its own streams in the place of the pipes.
package enum StandardStreams {
    /// The name of the file.
    package static var fileName: String { "descriptors.json" }

    /// What the streams of a process are, as procfs names them; empty where it cannot be told.
    static func names(of process: String) -> [String] {
        (0...2).map { (try? Files.readLink("/proc/\(process)/fd/\($0)")) ?? "" }
    }

    /// Writes the file.
    static func write(_ names: [String], at directory: Int32) throws(RuntimeError) {
        var writer = JSONWriter(.compact)
        writer.array { writer in
            for name in names { writer.value(name) }
        }
        do throws(Errno) {
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
            let file = try FileDescriptor.open(at: directory, fileName, flags, mode: 0o600)
            try file.writeAll(writer.bytes)
        } catch {
            throw RuntimeError(
                .system, "cannot write \(fileName)", at: "--image-path",
                underlying: SystemError("openat", fileName, error))
        }
    }

    /// Reads the file.
    ///
    /// - Throws: `invalidRequest` when it is missing or damaged: these are no images of a container.
    static func read(at directory: Int32) throws(RuntimeError) -> [String] {
        let bytes: [UInt8]
        do throws(Errno) {
            // Whatever the images' directory has under this name must keep nobody waiting.
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
            let file = try FileDescriptor.open(at: directory, fileName, flags)
            bytes = try file.readAll(limit: 1 << 16)
        } catch {
            throw RuntimeError(
                .invalidRequest, "the directory has no checkpoint of a container",
                at: "--image-path", underlying: SystemError("openat", fileName, error))
        }
        return try parse(bytes)
    }

    /// Parses an array of strings.
    package static func parse(_ bytes: [UInt8]) throws(RuntimeError) -> [String] {
        // Documents are objects here: the array becomes the member of one.
        let whole = Array("{\"descriptors\":".utf8) + bytes + [UInt8(ascii: "}")]
        do throws(SpecError) {
            return try JSONDocument.read(whole, fileName: fileName) { object in
                object.strings("descriptors") ?? []
            }.value
        } catch {
            throw RuntimeError(.invalidRequest, error.description, at: "--image-path")
        }
    }
}
