/// The manual page apus(8), in the man macros of roff.
func programManual() -> String {
    let declaration = GlobalOptions.declaration
    var page = heading(declaration) + body(declaration)
    page += ".SH COMMANDS\n"
    for entry in CommandTable.entries {
        page += ".TP\n" + reference(entry.name) + "\n" + line(entry.declaration().summary)
    }
    page += optionSection("GLOBAL OPTIONS", declaration)
    page += """
        .SH EXIT STATUS
        0 on success, 1 on any failure, 128 plus the number of the signal when one ended
        .BR create ,
        .B run
        or
        .B exec
        before the program ran.
        .B run
        and
        .B exec
        return the status of the program that they ran, or 128 plus the number of the signal that
        killed it;
        .B exec
        returns 255 when the program could not be run.
        .SH ENVIRONMENT
        .TP
        .B XDG_RUNTIME_DIR
        where the state of containers is kept when the user is not root.
        .TP
        .B LISTEN_FDS
        the number of descriptors from 3 up that are passed to the container's program.
        .TP
        .B NOTIFY_SOCKET
        the socket that the program's readiness is reported to, see
        .BR sd_notify (3).
        .SH FILES
        .TP
        .I /run/apus
        the state of containers, one directory for each.

        """
    let pages = CommandTable.entries.map { entry in reference(entry.name) }
    page += ".SH SEE ALSO\n" + pages.joined(separator: ",\n") + "\n"
    return page
}

/// The manual page of a command, `apus-NAME(8)`.
func commandManual(_ declaration: CommandDeclaration) -> String {
    heading(declaration) + body(declaration) + optionSection("OPTIONS", declaration)
        + ".SH SEE ALSO\n.BR \(programName) (8)\n"
}

/// The name of a command's page, set as a reference.
private func reference(_ command: String) -> String {
    ".BR " + escaped(programName + "-" + command) + " (8)"
}

private func heading(_ declaration: CommandDeclaration) -> String {
    let isProgram = declaration.name == programName
    let name = isProgram ? programName : "\(programName)-\(declaration.name)"
    // Without a date: the same sources make the same page.
    let title = escaped(name.uppercased())
    return ".TH \"\(title)\" 8 \"\" \"\(programName) \(Version.apus)\"\n.SH NAME\n"
        + line(name + " - " + declaration.summary)
}

private func body(_ declaration: CommandDeclaration) -> String {
    var words = synopsis(declaration).map(escaped)
    let fixed = declaration.name == programName ? 1 : 2
    words[..<fixed].indices.forEach { words[$0] = "\\fB\(words[$0])\\fR" }
    var text = ".SH SYNOPSIS\n" + words.joined(separator: " ") + "\n.SH DESCRIPTION\n"
    text += paragraphs(declaration.description).map { line($0) }.joined(separator: ".PP\n")
    return text
}

private func optionSection(_ title: String, _ declaration: CommandDeclaration) -> String {
    var text = ".SH \(title)\n"
    for option in visibleOptions(declaration) {
        var names = option.short.map { "\\fB\\-\(escaped(String($0)))\\fR" }
        names.append("\\fB\(escaped("--" + option.name))\\fR")
        text += ".TP\n" + names.joined(separator: ", ")
        if option.takesValue { text += " \\fI\(escaped(option.valueName))\\fR" }
        text += "\n" + line(explanation(option))
    }
    return text
}

/// A line of text that roff cannot take for a request.
private func line(_ text: String) -> String {
    let text = escaped(text)
    return (text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : "") + text + "\n"
}

private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "\\": result += "\\e"
        case "-": result += "\\-"
        case "\"": result += "\\(dq"
        case "'": result += "\\(aq"
        default: result.append(character)
        }
    }
    return result
}
