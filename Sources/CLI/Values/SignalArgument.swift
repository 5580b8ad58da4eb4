import Glibc

/// Reads a signal: a number, or a name with or without `SIG`, in any case, or `RTMIN+n`, `RTMAX-n`.
///
/// Real-time signals count from 34 to 64, as in the C library, which keeps 32 and 33 for itself.
/// Signal 0, which sends nothing and only asks whether the process exists, is allowed as a number.
/// Throws a `UsageError` with the text that callers of the peers look for.
func parseSignal(_ text: String) throws(UsageError) -> Int32 {
    if let number = Int32(text) {
        guard (0...lastSignal).contains(number) else { throw unknownSignal(text) }
        return number
    }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let number = standardSignal(name) ?? realTimeSignal(name) { return number }
    throw unknownSignal(text)
}

/// The signals that people send by hand, for completion.
var commonSignals: [String] {
    ["TERM", "KILL", "HUP", "INT", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]
}

private let firstRealTime: Int32 = 34
private let lastSignal: Int32 = 64

private func unknownSignal(_ text: String) -> UsageError {
    .value("unknown signal \"\(text)\"")
}

private func realTimeSignal(_ name: String) -> Int32? {
    if name == "RTMIN" { return firstRealTime }
    if name == "RTMAX" { return lastSignal }
    let isUp = name.hasPrefix("RTMIN+")
    guard isUp || name.hasPrefix("RTMAX-") else { return nil }
    let digits = name.utf8.dropFirst(6)
    guard digits.first != UInt8(ascii: "+"), let offset = Int32(Substring(digits)),
        (0...lastSignal - firstRealTime).contains(offset)
    else { return nil }
    return isUp ? firstRealTime + offset : lastSignal - offset
}

private func standardSignal(_ name: String) -> Int32? {
    switch name {
    case "HUP": return SIGHUP
    case "INT": return SIGINT
    case "QUIT": return SIGQUIT
    case "ILL": return SIGILL
    case "TRAP": return SIGTRAP
    case "ABRT", "IOT": return SIGABRT
    case "BUS": return SIGBUS
    case "FPE": return SIGFPE
    case "KILL": return SIGKILL
    case "USR1": return SIGUSR1
    case "SEGV": return SIGSEGV
    case "USR2": return SIGUSR2
    case "PIPE": return SIGPIPE
    case "ALRM": return SIGALRM
    case "TERM": return SIGTERM
    case "STKFLT": return SIGSTKFLT
    case "CHLD", "CLD": return SIGCHLD
    case "CONT": return SIGCONT
    case "STOP": return SIGSTOP
    case "TSTP": return SIGTSTP
    case "TTIN": return SIGTTIN
    case "TTOU": return SIGTTOU
    case "URG": return SIGURG
    case "XCPU": return SIGXCPU
    case "XFSZ": return SIGXFSZ
    case "VTALRM": return SIGVTALRM
    case "PROF": return SIGPROF
    case "WINCH": return SIGWINCH
    case "IO", "POLL": return SIGIO
    case "PWR": return SIGPWR
    case "SYS", "UNUSED": return SIGSYS
    default: return nil
    }
}
