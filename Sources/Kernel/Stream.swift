internal import CKernel
import Glibc

/// Reading and writing what happens to be there or to fit, for descriptors that are polled.
///
/// They take bare numbers, because standard input and output belong to nobody here.
package enum Stream {
    /// Reads once into the end of an array, from the index `start` on.
    ///
    /// - Returns: how many bytes; 0 at the end; `nil` when nothing is there now.
    package static func read(
        _ descriptor: Int32, into bytes: inout [UInt8], from start: Int = 0
    ) throws(Errno) -> Int? {
        do throws(Errno) {
            return try Syscall.call("read") {
                bytes.withUnsafeMutableBytes { buffer in
                    let free = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
                    return Glibc.read(descriptor, free.baseAddress, free.count)
                }
            }
        } catch .again {
            return nil
        }
    }

    /// Writes a part of an array once.
    ///
    /// - Returns: how many bytes were taken; `nil` when none fits now.
    package static func write(
        _ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(Errno) -> Int? {
        do throws(Errno) {
            return try Syscall.call("write") {
                bytes.withUnsafeBytes { buffer in
                    let part = UnsafeRawBufferPointer(rebasing: buffer[range])
                    return Glibc.write(descriptor, part.baseAddress, part.count)
                }
            }
        } catch .again {
            return nil
        }
    }

    /// Lets reads and writes of an open file return `EAGAIN` instead of waiting.
    ///
    /// The open file, not the descriptor, has this property: never for one shared with others.
    package static func setNonBlocking(_ file: borrowing FileDescriptor) throws(Errno) {
        let raw = file.rawValue
        let flags = try Syscall.call("fcntl") { ck_fcntl(raw, F_GETFL, 0) }
        try Syscall.call("fcntl") { ck_fcntl(raw, F_SETFL, Int(flags | O_NONBLOCK)) }
    }
}

/// Both ends of a pipe, `CLOEXEC`.
package struct Pipe: ~Copyable {
    /// Where the bytes come out.
    package let reader: FileDescriptor
    /// Where the bytes go in.
    package let writer: FileDescriptor

    /// Makes a pipe.
    ///
    /// The corresponding C function is `pipe2`.
    package init() throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        try Syscall.call("pipe2") {
            withUnsafeMutableBytes(of: &ends) { buffer in
                buffer.baseAddress.map { ck_pipe($0.assumingMemoryBound(to: Int32.self)) } ?? -1
            }
        }
        reader = FileDescriptor(owning: ends.0)
        writer = FileDescriptor(owning: ends.1)
    }

    /// Closes the writing end here, so that the end of the other writers is seen.
    package consuming func intoReader() -> FileDescriptor { reader }
}
