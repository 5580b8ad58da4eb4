import Glibc

extension ContainerHost {
    /// The names of all containers that a regular expression matches somewhere, sorted.
    ///
    /// The corresponding C functions are `regcomp` with `REG_EXTENDED`, and `regexec`.
    ///
    /// - Throws: `invalidRequest` for what is no regular expression.
    package func names(matching pattern: String) throws(RuntimeError) -> [String] {
        var expression = regex_t()
        let status = regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB)
        if status != 0 {
            var text = [CChar](repeating: 0, count: 256)
            regerror(status, &expression, &text, text.count)
            let reason = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw RuntimeError(
                .invalidRequest, "\"\(pattern)\" is no regular expression: \(reason)")
        }
        defer { regfree(&expression) }
        return try store.list().filter { regexec(&expression, $0, 0, nil, 0) == 0 }
    }
}
