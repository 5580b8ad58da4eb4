/// What a value is, as far as help, completion and the first check need to know.
enum ValueKind: Sendable {
    case text
    case file
    case directory
    case containerID
    case signal
    case commandName
    /// One of a few fixed words; the parser refuses anything else.
    case choice([String])
}

/// One option of a command, or of the program.
///
/// Everything that reads options comes from this one description: the parser, the help text, the
/// manual page and the completion scripts.
struct OptionDeclaration: Sendable {
    /// What is particular about an option.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8
        /// Every occurrence counts; without it the last one wins, as with both peers.
        static let repeatable = Traits(rawValue: 1)
        /// Accepted, but neither in help nor in completion.
        static let hidden = Traits(rawValue: 2)
        /// Accepted for the sake of callers written for a peer, and without effect.
        static let ignored = Traits(rawValue: 4)
    }

    /// The long name, without dashes.
    let name: String
    /// The letters that stand for the option after a single dash; usually none or one.
    let short: String
    /// How help names the value; empty for a flag.
    let valueName: String
    let kind: ValueKind
    let help: String
    let traits: Traits

    var takesValue: Bool { !valueName.isEmpty }
    var isHidden: Bool { traits.contains(.hidden) || traits.contains(.ignored) }

    /// An option that is on or off; `--name=false` turns it off again.
    static func flag(
        _ name: String, short: String = "", _ help: String, _ traits: Traits = []
    ) -> OptionDeclaration {
        OptionDeclaration(
            name: name, short: short, valueName: "", kind: .text, help: help, traits: traits)
    }

    /// An option that needs a value.
    static func value(
        _ name: String, short: String = "", _ valueName: String, _ kind: ValueKind,
        _ help: String, _ traits: Traits = []
    ) -> OptionDeclaration {
        OptionDeclaration(
            name: name, short: short, valueName: valueName, kind: kind, help: help, traits: traits)
    }

    /// An option that needs a value of no particular kind.
    static func value(
        _ name: String, short: String = "", _ valueName: String, _ help: String,
        _ traits: Traits = []
    ) -> OptionDeclaration {
        value(name, short: short, valueName, .text, help, traits)
    }

    /// Options that every command has.
    static let common: [OptionDeclaration] = [
        .flag("help", short: "h?", "print this help and exit"),
        .flag("usage", "print one line of usage and exit"),
    ]
}

/// One argument that stands by its position.
struct PositionalDeclaration: Sendable {
    /// How often the argument may stand.
    enum Arity: Sendable {
        case one
        case optional
        /// Whatever is left, none included.
        case rest
    }

    let name: String
    let kind: ValueKind
    let arity: Arity

    init(_ name: String, _ kind: ValueKind = .text, _ arity: Arity = .one) {
        self.name = name
        self.kind = kind
        self.arity = arity
    }

    /// The one argument that most commands take.
    static let containerID = PositionalDeclaration("ID", .containerID)
}

/// What the parser does once the arguments before it are complete.
enum Tail: Sendable {
    /// Options may stand anywhere, before and after the positionals.
    case none
    /// After so many positionals every word is taken as it is: it is another program's command
    /// line.
    ///
    /// One leading `--` is dropped.
    case verbatim(after: Int)
    /// The program's own command line: the first positional names a command, the rest is for it.
    case command
}

/// Everything that is to be said about a command, apart from what it does.
struct CommandDeclaration: Sendable {
    let name: String
    /// One line, for lists of commands.
    let summary: String
    /// Paragraphs, separated by an empty line; lines inside a paragraph are joined and wrapped.
    let description: String
    let positionals: [PositionalDeclaration]
    let options: [OptionDeclaration]
    let tail: Tail
    /// The exit status when the command fails, unless the command line has a wrong shape.
    let failureStatus: Int32
    /// What engines expect before the reason of such a failure.
    let failurePrefix: String

    init(
        _ name: String, _ summary: String, description: String,
        positionals: [PositionalDeclaration] = [.containerID],
        options: [OptionDeclaration] = [], tail: Tail = .none, failureStatus: Int32 = 1,
        failurePrefix: String = ""
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.positionals = positionals
        self.options = options
        self.tail = tail
        self.failureStatus = failureStatus
        self.failurePrefix = failurePrefix
    }
}
