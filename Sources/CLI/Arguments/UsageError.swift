/// A command line that cannot be understood.
struct UsageError: Error, Equatable {
    let message: String
    /// Whether the help text of the command belongs under the message: yes for a wrong shape, no
    /// for a well-formed option with a bad value.
    let wantsHelp: Bool

    /// A command line of the wrong shape.
    static func shape(_ message: String) -> UsageError {
        UsageError(message: message, wantsHelp: true)
    }

    /// A value that is not acceptable.
    static func value(_ message: String) -> UsageError {
        UsageError(message: message, wantsHelp: false)
    }
}
