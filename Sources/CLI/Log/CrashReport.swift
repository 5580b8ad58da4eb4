import Container
import Glibc

// A caller that reads the log file expects a message for every failure. When the program itself is
// at fault and dies by a signal, no ordinary code runs any more, so the line is rendered beforehand
// and a signal handler does nothing but write it.

private nonisolated(unsafe) var crashDescriptor: Int32 = -1
private nonisolated(unsafe) var crashLine: UnsafeMutablePointer<UInt8>?
private nonisolated(unsafe) var crashLength = 0

/// Makes a crash leave a line in the log file.
///
/// The line carries the time of this call.
///
/// The signal then takes its default course. Handlers do not survive exec, so no child inherits
/// them.
func armCrashReport(_ descriptor: Int32, _ format: LogOptions.Format) {
    let message = "internal error: the runtime crashed; see standard error"
    let time = Timestamp.now()
    let line =
        format == .json
        ? LogLine.json(.error, message, time) : LogLine.text(.error, message, time)
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: line.utf8.count)
    crashLength = 0
    for byte in line.utf8 {
        bytes[crashLength] = byte
        crashLength += 1
    }
    crashLine = bytes
    crashDescriptor = descriptor
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
        if let crashLine { _ = write(crashDescriptor, crashLine, crashLength) }
        raise(number)
    }
    // The disposition is the default again when the handler runs, and the raised signal arrives
    // when it returns.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
        sigaction(number, &action, nil)
    }
}

/// Takes back the promise for a log file that is closed: its number may soon stand for another
/// file.
func disarmCrashReport(_ descriptor: Int32) {
    if crashDescriptor == descriptor { crashDescriptor = -1 }
}
