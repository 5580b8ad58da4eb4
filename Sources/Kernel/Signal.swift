import Glibc

/// Signal numbers and their names.
package enum Signal {
    /// The highest number: 64 on all architectures but MIPS.
    package static var maximum: Int32 { 64 }

    /// The name with its prefix: `SIGTERM`, `SIGRTMIN+2`; `signal 99` for what is none.
    package static func name(_ number: Int32) -> String {
        if let name = standardName(number) { return "SIG\(name)" }
        if number == realTimeFirst { return "SIGRTMIN" }
        if number > realTimeFirst && number <= maximum {
            return "SIGRTMIN+\(number - realTimeFirst)"
        }
        return "signal \(number)"
    }

    /// Whether this process ignores a signal, as one that `nohup` started does.
    package static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// The number for what a user writes: `TERM`, `sigterm`, `15`, `RTMIN+1`, `SIGRTMAX-1`.
    ///
    /// 0 is accepted, because it asks whether the process is there. The whole text counts:
    /// `15x`, `+15` and ` 15` are none.
    package static func parse(_ text: String) -> Int32? {
        if let first = text.utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") {
            return decimal(text).flatMap { $0 <= maximum ? $0 : nil }
        }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if name.hasPrefix("RT") { return parseRealTime(name) }
        if let alias = alias(name) { return alias }
        for number in 1..<Int32(32) where standardName(number) == name { return number }
        return nil
    }

    /// What libc leaves to programs: it keeps 32 and 33 for itself.
    private static var realTimeFirst: Int32 { 34 }

    private static func parseRealTime(_ name: String) -> Int32? {
        if name == "RTMIN" { return realTimeFirst }
        if name == "RTMAX" { return maximum }
        guard let offset = decimal(String(name.dropFirst(6))) else { return nil }
        let number: Int32
        if name.hasPrefix("RTMIN+") {
            number = realTimeFirst + offset
        } else if name.hasPrefix("RTMAX-") {
            number = maximum - offset
        } else {
            return nil
        }
        return number >= realTimeFirst && number <= maximum ? number : nil
    }

    private static func decimal(_ text: String) -> Int32? {
        let digits = text.utf8
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        for digit in digits where digit < UInt8(ascii: "0") || digit > UInt8(ascii: "9") {
            return nil
        }
        return Int32(text)
    }

    private static func alias(_ name: String) -> Int32? {
        switch name {
        case "IOT": SIGABRT
        case "CLD": SIGCHLD
        case "POLL": SIGIO
        case "UNUSED": SIGSYS
        default: nil
        }
    }

    /// The names of signal(7), without prefix; a switch, because libc has none before glibc 2.32.
    private static func standardName(_ number: Int32) -> String? {
        switch number {
        case SIGHUP: "HUP"
        case SIGINT: "INT"
        case SIGQUIT: "QUIT"
        case SIGILL: "ILL"
        case SIGTRAP: "TRAP"
        case SIGABRT: "ABRT"
        case SIGBUS: "BUS"
        case SIGFPE: "FPE"
        case SIGKILL: "KILL"
        case SIGUSR1: "USR1"
        case SIGSEGV: "SEGV"
        case SIGUSR2: "USR2"
        case SIGPIPE: "PIPE"
        case SIGALRM: "ALRM"
        case SIGTERM: "TERM"
        case 16: "STKFLT"
        case SIGCHLD: "CHLD"
        case SIGCONT: "CONT"
        case SIGSTOP: "STOP"
        case SIGTSTP: "TSTP"
        case SIGTTIN: "TTIN"
        case SIGTTOU: "TTOU"
        case SIGURG: "URG"
        case SIGXCPU: "XCPU"
        case SIGXFSZ: "XFSZ"
        case SIGVTALRM: "VTALRM"
        case SIGPROF: "PROF"
        case SIGWINCH: "WINCH"
        case SIGIO: "IO"
        case SIGPWR: "PWR"
        case SIGSYS: "SYS"
        default: nil
        }
    }
}
