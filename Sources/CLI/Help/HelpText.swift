/// The command line of a command in general form: `Usage: apus kill [OPTIONS] ID [SIGNAL]`.
func usageLine(_ declaration: CommandDeclaration) -> String {
    "Usage: " + synopsis(declaration).joined(separator: " ")
}

/// The words of a command line in general form.
func synopsis(_ declaration: CommandDeclaration) -> [String] {
    var words = [programName]
    if case .command = declaration.tail {
        words.append("[GLOBAL OPTIONS]")
    } else {
        words.append(declaration.name)
        if declaration.options.contains(where: { !$0.isHidden }) { words.append("[OPTIONS]") }
    }
    for positional in declaration.positionals {
        switch positional.arity {
        case .one: words.append(positional.name)
        case .optional: words.append("[\(positional.name)]")
        case .rest: words.append("[\(positional.name)...]")
        }
    }
    return words
}

/// What `apus help` prints.
func programHelp() -> String {
    let declaration = GlobalOptions.declaration
    var text = usageLine(declaration) + "\n\n"
    for paragraph in paragraphs(declaration.description) {
        text += wrapped(paragraph, indent: 0) + "\n"
    }
    text += "Commands:\n"
    text += definitions(CommandTable.entries.map { ($0.name, $0.declaration().summary) })
    text += "\nGlobal options:\n" + optionTable(declaration)
    text += "\n'\(programName) help COMMAND' says more about a command.\n"
    return text
}

/// What `apus help COMMAND` prints.
func commandHelp(_ declaration: CommandDeclaration) -> String {
    var text = usageLine(declaration) + "\n\n"
    for paragraph in paragraphs(declaration.description) {
        text += wrapped(paragraph, indent: 0) + "\n"
    }
    return text + "Options:\n" + optionTable(declaration)
}

/// The options of a declaration that are meant to be seen, and those that every command has.
func visibleOptions(_ declaration: CommandDeclaration) -> [OptionDeclaration] {
    (declaration.options + OptionDeclaration.common).filter { !$0.isHidden }
}

private func optionTable(_ declaration: CommandDeclaration) -> String {
    let options = visibleOptions(declaration)
    let haveLetters = options.contains { !$0.short.isEmpty }
    return definitions(
        options.map { option in
            let letters = option.short.prefix(1).map { "-\($0), " }.joined()
            var term = (letters.isEmpty && haveLetters ? "    " : letters) + "--" + option.name
            if option.takesValue { term += " " + option.valueName }
            return (term, explanation(option))
        })
}

/// The help of an option with what its declaration says besides.
func explanation(_ option: OptionDeclaration) -> String {
    var text = option.help
    if case .choice(let words) = option.kind { text += "; one of " + words.joined(separator: ", ") }
    if option.traits.contains(.repeatable) { text += "; may be repeated" }
    return text
}
