/// Decides scalar by scalar whether a text that begins with `<` is a tag of HTML or XML: `<b>`, `</p>`, `<br/>`,
/// `<a href="x">`, but not `<5`, `<y, z` or `<b and c`.
struct HTMLTagScanner {
    /// What is known after a scalar.
    enum Verdict: Equatable {
        case open
        /// The scalar completed the tag.
        case tag
        /// It is no tag.
        case text
    }

    private enum State {
        case start, name, beforeAttribute, attribute, afterAttribute, beforeValue, value, quoted(Unicode.Scalar), slash

        var mayBeginAttribute: Bool {
            if case .beforeAttribute = self { return true }
            return false
        }
    }

    /// Attributes that may stand without a value.
    private static let flags: Set<String> = [
        "allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default", "defer", "disabled",
        "hidden", "ismap", "loop", "multiple", "muted", "novalidate", "open", "playsinline", "readonly", "required",
        "reversed", "selected",
    ]
    private static let longestName = 40

    private var state = State.start
    private var attribute = ""
    /// Its name in small letters, so far.
    private(set) var name = ""
    /// Whether it is `</name>`.
    private(set) var isClosing = false

    /// Takes the next scalar after `<`.
    mutating func push(_ scalar: Unicode.Scalar) -> Verdict {
        switch state {
        case .start:
            return start(with: scalar)
        case .name:
            if isNamePart(scalar), name.utf8.count < Self.longestName {
                name.unicodeScalars.append(scalar.lowercasedASCII)
                return .open
            }
            return between(scalar)
        case .beforeAttribute:
            return between(scalar)
        case .attribute:
            if isNamePart(scalar), attribute.utf8.count < Self.longestName {
                attribute.unicodeScalars.append(scalar.lowercasedASCII)
                return .open
            }
            return afterAttribute(scalar)
        case .afterAttribute:
            return afterAttribute(scalar)
        case .beforeValue:
            if scalar.isSpace { return .open }
            if scalar == ">" || scalar == "<" { return .text }
            state = scalar == "\"" || scalar == "'" ? .quoted(scalar) : .value
            return .open
        case .value:
            if scalar == "<" || scalar == "\"" || scalar == "'" { return .text }
            return scalar == ">" || scalar.isSpace ? between(scalar) : .open
        case .quoted(let quote):
            if scalar == quote { state = .beforeAttribute }
            return .open
        case .slash:
            return scalar == ">" ? .tag : .text
        }
    }

    private mutating func start(with scalar: Unicode.Scalar) -> Verdict {
        if scalar == "/", !isClosing {
            isClosing = true
            return .open
        }
        guard scalar.isASCII, scalar.isLetterOrDigit, !scalar.isASCIIDigit else { return .text }
        state = .name
        name.unicodeScalars.append(scalar.lowercasedASCII)
        return .open
    }

    /// Outside names and values.
    private mutating func between(_ scalar: Unicode.Scalar) -> Verdict {
        switch scalar {
        case ">":
            return .tag
        case "/":
            state = .slash
        case _ where scalar.isSpace:
            state = .beforeAttribute
        case _ where state.mayBeginAttribute && isNamePart(scalar):
            state = .attribute
            attribute = String(Character(scalar.lowercasedASCII))
        default:
            return .text
        }
        return .open
    }

    private mutating func afterAttribute(_ scalar: Unicode.Scalar) -> Verdict {
        if scalar.isSpace {
            state = .afterAttribute
            return .open
        }
        if scalar == "=" {
            state = .beforeValue
            return .open
        }
        guard Self.flags.contains(attribute) else { return .text }
        state = .beforeAttribute
        return between(scalar)
    }

    private func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.isLetterOrDigit || scalar == "-" || scalar == "_" || scalar == ":" || scalar == "."
    }
}
