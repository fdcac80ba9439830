extension SettingValue {
    /// This value as JSON, always in the same order; over several lines when `pretty`.
    public func json(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, indentation: pretty ? 0 : nil)
        return text
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .int(let int): text += String(int)
        case .double(let double): text += Self.text(of: double)
        case .string(let string): text += Self.quoted(string)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &text, indentation: indentation) { element, text, deeper in
                element.write(to: &text, indentation: deeper)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indentation: indentation) { member, text, deeper in
                text += Self.quoted(member.name) + (deeper == nil ? ":" : ": ")
                member.value.write(to: &text, indentation: deeper)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        between brackets: (String, String),
        to text: inout String,
        indentation: Int?,
        each: (Element, inout String, Int?) -> Void
    ) {
        let deeper = indentation.map { $0 + 1 }
        text += brackets.0
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if let deeper { text += "\n" + String(repeating: "  ", count: deeper) }
            each(element, &text, deeper)
        }
        if let indentation, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indentation) }
        text += brackets.1
    }

    /// A number without needless digits: `1`, not `1.0`.
    static func text(of double: Double) -> String {
        Int(exactly: double).map { String($0) } ?? String(double)
    }

    /// Text between double quotes, as JSON and YAML both read it.
    static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || ["\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar):
                let hexadecimal = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
