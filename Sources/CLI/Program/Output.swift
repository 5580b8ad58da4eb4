import Container
import Glibc
import Kernel

/// Writes all of a text to a descriptor that stays open.
///
/// Throws the error number of write(2).
func writeAll(_ text: String, to descriptor: Int32) throws(Errno) {
    var text = text
    var failure: Errno?
    text.withUTF8 { bytes in
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[done...])
            do throws(Errno) {
                done += try Syscall.call("write") {
                    write(descriptor, rest.baseAddress, rest.count)
                }
            } catch {
                failure = error
                return
            }
        }
    }
    if let failure { throw failure }
}

/// Writes a command's result to standard output.
///
/// Throws a `RuntimeError` when not all of it arrives: a truncated result with exit status 0 would
/// be worse than none.
func printResult(_ text: String) throws(RuntimeError) {
    do throws(Errno) {
        try writeAll(text, to: STDOUT_FILENO)
    } catch {
        throw RuntimeError(
            .system, "cannot write the result",
            underlying: SystemError("write", "standard output", error))
    }
}
