import Glibc
import Kernel

/// Reading and writing the small files of a cgroup.
enum CgroupFile {
    /// The contents without the last line break, by one `read`: enough for a single value.
    static func value(_ path: String) throws(Errno) -> String {
        let file = try FileDescriptor.open(path, O_RDONLY)
        let raw = file.rawValue
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            do throws(Errno) {
                count = try Syscall.call("read") { read(raw, buffer.baseAddress, buffer.count) }
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw failure }
        let isTerminated = bytes.last == UInt8(ascii: "\n")
        return String(decoding: isTerminated ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    /// A file that holds one number; `nil` when it is missing or holds something else, like `max`.
    static func number(_ path: String) -> UInt64? {
        guard let text = try? value(path) else { return nil }
        return UInt64(text)
    }

    /// The whole of a file that may be long, or `nil` when it is missing.
    static func text(_ path: String) -> String? {
        try? Files.readText(path, limit: 1 << 24)
    }

    /// The number behind a key in a file of `key value` lines.
    static func number(_ path: String, key: String) -> UInt64? {
        guard let text = text(path) else { return nil }
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            if fields.count == 2, Substring(fields[0]) == key {
                return UInt64(Substring(fields[1]))
            }
        }
        return nil
    }

    /// The words of a file that lists names on one line; `nil` when it is missing.
    static func words(_ path: String) -> [String]? {
        guard let text = try? value(path) else { return nil }
        return text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
    }
}
