/// Renders a message as one line, newline included.
///
/// Times are in the form of RFC 3339.
enum LogLine {
    /// A JSON object with the three keys that engines read, in the order in which peers write them.
    static func json(_ level: LogLevel, _ message: String, _ time: String) -> String {
        var line = "{\"level\":\"" + level.name + "\",\"msg\":\""
        appendEscaped(message, to: &line)
        line += "\",\"time\":\"" + time + "\"}\n"
        return line
    }

    /// Key and value pairs, for files that people read.
    static func text(_ level: LogLevel, _ message: String, _ time: String) -> String {
        var line = "time=\"" + time + "\" level=" + level.name + " msg=\""
        appendEscaped(message, to: &line)
        line += "\"\n"
        return line
    }

    /// A sentence under the program's name, for terminals and for engines that show standard error
    /// to their users.
    ///
    /// Control characters other than newline and tab are spelled out: a message may quote a path
    /// that somebody chose in order to reprogram the reader's terminal.
    static func terminal(_ level: LogLevel, _ message: String) -> String {
        var line = programName + ": "
        if level != .error { line += level.name + ": " }
        for scalar in message.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            if isControl && scalar != "\n" && scalar != "\t" {
                line += "\\x" + hexadecimal(scalar.value, 2)
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line + "\n"
    }

    /// Appends a text as the inside of a JSON string (RFC 8259, section 7).
    static func appendEscaped(_ text: String, to line: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    line += "\\u" + hexadecimal(scalar.value, 4)
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
    }

    private static func hexadecimal(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
