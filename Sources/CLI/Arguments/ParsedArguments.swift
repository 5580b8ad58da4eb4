/// The words of a command line, sorted by what they mean to one declaration.
///
/// Values are text here; the accessors turn them into numbers and sizes. Asking for an option that
/// the declaration lacks is a programming error and stops debug builds.
struct ParsedArguments {
    /// One occurrence of an option.
    struct Occurrence {
        /// The place of the option in the declaration.
        let option: Int
        let value: String
    }

    let declaration: CommandDeclaration
    var positionals: [String] = []
    /// The words after the point from which the declaration takes words as they are.
    var tail: [String] = []
    var occurrences: [Occurrence] = []
    var wantsHelp = false
    var wantsUsage = false

    init(_ declaration: CommandDeclaration) {
        self.declaration = declaration
    }

    /// Whether a flag is on.
    ///
    /// The last occurrence decides.
    func flag(_ name: String) -> Bool {
        value(name) == "true"
    }

    /// The value of an option, or nil when it is not given.
    ///
    /// The last occurrence decides.
    func value(_ name: String) -> String? {
        let option = index(of: name)
        return occurrences.last { $0.option == option }?.value
    }

    /// The values of a repeatable option, in order.
    func values(_ name: String) -> [String] {
        let option = index(of: name)
        return occurrences.filter { $0.option == option }.map(\.value)
    }

    /// The positional at a place, or nil when the command line ends before it.
    func positional(_ place: Int) -> String? {
        place < positionals.count ? positionals[place] : nil
    }

    /// The first positional, which the parser guarantees for commands that declare one.
    var containerID: String {
        positional(0) ?? ""
    }

    /// The value of a whole-number option.
    ///
    /// Throws a `UsageError` that names the option when the value is no number or out of range.
    func integer(
        _ name: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(UsageError) -> Int64? {
        guard let text = value(name) else { return nil }
        return try parseInteger(text, in: range, subject: "--" + name)
    }

    /// The value of an option that is an amount of memory in bytes, -1 meaning unlimited; an empty
    /// one is none, as with the texts of other options.
    func byteSize(_ name: String) throws(UsageError) -> Int64? {
        guard let text = value(name), !text.isEmpty else { return nil }
        guard let size = parseByteSize(text) else {
            throw .value("--\(name): \"\(text)\" is not a size such as 67108864, 64m, 1.5g or -1")
        }
        return size
    }

    private func index(of name: String) -> Int {
        for index in declaration.options.indices where declaration.options[index].name == name {
            return index
        }
        assertionFailure("\(declaration.name) has no option \(name)")
        return -1
    }
}
