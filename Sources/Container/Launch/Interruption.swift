import Glibc
internal import Kernel

/// The wish of a user or an engine that a launch ends: `SIGHUP`, `SIGINT`, `SIGQUIT` or `SIGTERM`.
///
/// These signals are held back while a container is made, so that none of them leaves half of it
/// behind. Whoever waits for long (a hook, the init stage) also waits for `rawValue` and gives up
/// when it is readable; then everything is undone as after any other error. A signal that the caller
/// ignores (`nohup`, a job in the background of a script) stays ignored.
package final class Interruption {
    private var signals: SignalDescriptor?

    /// Holds the signals back from here on.
    ///
    /// - Throws: `system`.
    package init() throws(RuntimeError) {
        var numbers: [Int32] = []
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] where !Signal.isIgnored(number) {
            numbers.append(number)
        }
        do throws(Errno) { signals = try SignalDescriptor(only: numbers) } catch {
            throw RuntimeError(
                .system, "cannot take over signals", underlying: SystemError("signalfd4", "", error)
            )
        }
    }

    /// The number, for `poll`; -1 when the launch is over.
    package var rawValue: Int32 { signals?.rawValue ?? -1 }

    /// Whether a signal has come that nobody took.
    package var isPending: Bool {
        var entries = [pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)]
        return rawValue >= 0 && (try? Poll.wait(&entries, until: .after(milliseconds: 0))) == 1
    }

    /// Takes the signal that came, as the error that the launch ends with.
    package func error() -> RuntimeError {
        var number: Int32?
        if signals != nil { number = try? signals?.next() }
        return RuntimeError.interrupted(by: number ?? SIGTERM)
    }

    /// Ends the launch: signals take their course again.
    ///
    /// - Parameter dropsPending: whether one that came too late to stop it is forgotten. Otherwise
    ///   whoever else holds signals back gets it.
    package func end(dropsPending: Bool) {
        if dropsPending, signals != nil {
            while let number = try? signals?.next(), number > 0 {}
        }
        signals = nil
    }
}
