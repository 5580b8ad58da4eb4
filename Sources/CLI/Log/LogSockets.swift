import CKernel
import Glibc
import Kernel

/// The datagram sockets of the system's loggers.
struct LogSockets {
    let journal: String
    let syslog: String

    static let system = LogSockets(
        journal: "/run/systemd/journal/socket", syslog: "/dev/log")

    /// Connects a datagram socket to a path.
    ///
    /// A missing listener shows here and not at the first message, which may be the last thing that
    /// the program does.
    static func connect(_ path: String) throws(Errno) -> Int32 {
        try Syscall.call("connect") { ck_connect_unix(path, Int32(SOCK_DGRAM.rawValue)) }
    }
}

/// Sends a message in the native protocol of the journal, which is one datagram of fields
/// (systemd's "Native Journal Protocol").
func sendToJournal(_ level: LogLevel, _ message: String, _ identifier: String, _ socket: Int32) {
    var datagram: [UInt8] = []
    appendField("PRIORITY", String(level.priority), to: &datagram)
    appendField("SYSLOG_IDENTIFIER", identifier, to: &datagram)
    appendField("MESSAGE", message, to: &datagram)
    _ = send(socket, datagram, datagram.count, Int32(MSG_NOSIGNAL))
}

/// A field with its length in front, the form in which a value may contain anything.
private func appendField(_ name: String, _ value: String, to datagram: inout [UInt8]) {
    // Beyond this a datagram would have to be a file descriptor; no sentence is that long.
    let bytes = value.utf8.prefix(48 * 1024)
    datagram += name.utf8
    datagram.append(UInt8(ascii: "\n"))
    var length = UInt64(bytes.count).littleEndian
    withUnsafeBytes(of: &length) { datagram += $0 }
    datagram += bytes
    datagram.append(UInt8(ascii: "\n"))
}

/// Sends a message in the form that local loggers take from syslog(3), one line with its origin.
func sendToSyslog(_ level: LogLevel, _ message: String, _ identifier: String, _ socket: Int32) {
    let facilityUser: Int32 = 1 << 3
    var seconds = time(nil)
    var local = tm()
    localtime_r(&seconds, &local)
    var stamp = [CChar](repeating: 0, count: 32)
    let length = strftime(&stamp, stamp.count, "%b %e %H:%M:%S", &local)
    let time = String(decoding: stamp[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let line = "<\(facilityUser | level.priority)>\(time) \(identifier)[\(getpid())]: \(message)"
    // The bound of RFC 3164 is 1 KiB; today's loggers take 8.
    let bytes = Array(line.utf8.prefix(8 * 1024))
    _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}
