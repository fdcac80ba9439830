/// An `.env` file: lines such as `NAME=value`.
///
/// `export` may stand before a name. A value is taken as it is between single quotes; between double quotes, `\n`, `\t`,
/// `\"`, `\\` and `\$` are replaced; without quotes it ends before white space and `#`. Nothing is expanded.
struct DotEnv {
    struct Variable: Equatable {
        var name: String
        var value: String
        var line: Int
    }

    private(set) var variables: [Variable] = []
    /// Lines that cannot be read, with what is wrong with them. The text of a line is never told: it may be secret.
    private(set) var mistakes: [(line: Int, message: String)] = []

    init(_ text: String) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var rest = line.trimming(while: \.isWhitespace)
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).drop(while: \.isWhitespace) }
            do throws(SettingMistake) {
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                let assignment = rest.dropFirst(name.count).drop(while: \.isWhitespace)
                guard !name.isEmpty, assignment.first == "=" else {
                    throw SettingMistake("expected a line such as `NAME=value`")
                }
                let value = try Self.value(assignment.dropFirst().drop(while: \.isWhitespace))
                variables.append(Variable(name: String(name), value: value, line: index + 1))
            } catch {
                mistakes.append((index + 1, error.message))
            }
        }
    }

    private static func value(_ text: Substring) throws(SettingMistake) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let comment = text.indices.first { index in
                text[index] == "#" && (index == text.startIndex || text[text.index(before: index)].isWhitespace)
            }
            return String(text[..<(comment ?? text.endIndex)].trimming(while: \.isWhitespace))
        }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let rest = rest.drop(while: \.isWhitespace)
                guard rest.isEmpty || rest.hasPrefix("#") else {
                    throw SettingMistake("there is text behind the closing quote")
                }
                return value
            }
            guard character == "\\", quote == "\"", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value += "\n"
            case "t": value += "\t"
            case "\"", "\\", "$": value.append(escaped)
            default: value += "\\" + String(escaped)
            }
        }
        throw SettingMistake("the closing quote is missing")
    }
}
