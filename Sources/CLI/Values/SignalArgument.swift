import Glibc
import Kernel

/// Reads a signal: a number, or a name with or without `SIG`, in any case, or `RTMIN+n`, `RTMAX-n`.
///
/// Throws a `UsageError` with the text that callers of the peers look for.
func parseSignal(_ text: String) throws(UsageError) -> Int32 {
    // A script's empty variable: the standard signal, as for the peers.
    if text.isEmpty { return SIGTERM }
    guard let number = Signal.parse(text) else { throw .value("unknown signal \"\(text)\"") }
    return number
}

/// The signals that people send by hand, for completion.
var commonSignals: [String] {
    ["TERM", "KILL", "HUP", "INT", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]
}
