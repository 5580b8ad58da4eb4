import Container
import Glibc
import Kernel

/// Reads a file that an option names, or standard input for `-`.
///
/// - Throws: `invalidRequest`.
func readInput(_ path: String, for option: String) throws(RuntimeError) -> [UInt8] {
    do throws(Errno) {
        if path != "-" { return try FileDescriptor.open(path, O_RDONLY).readAll() }
        let input = FileDescriptor(owning: STDIN_FILENO)
        let bytes = try input.readAll()
        // Standard input is not ours to close.
        _ = input.take()
        return bytes
    } catch {
        throw RuntimeError(
            .invalidRequest, "\(option): cannot read \(path == "-" ? "standard input" : path)",
            underlying: SystemError("read", path, error))
    }
}
