/// What a source says, before any key has made sense of it.
struct SettingInput: Sendable {
    /// A member of a mapping.
    struct Member: Sendable {
        var name: String
        /// Where the name stands.
        var origin: SettingOrigin
        var value: SettingInput
    }

    enum Content: Sendable {
        /// Nothing, or the word `null` without quotes.
        case null
        /// A word, a number or text.
        case scalar(String)
        case list([SettingInput])
        case map([Member])
    }

    var content: Content
    var origin: SettingOrigin
}

extension SettingInput {
    /// What it is, for a message: short and without control characters.
    var summary: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text): Self.shown(text)
        case .list: "a list"
        case .map: "a mapping"
        }
    }

    /// `text` between back quotes, cut to what fits into a message.
    static func shown(_ text: String) -> String {
        let clean = text.unicodeScalars.prefix(60).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
        }
        return "`" + clean.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "`"
    }

    /// `value`, as if a source had said it.
    init(_ value: SettingValue, origin: SettingOrigin) {
        self.origin = origin
        content =
            switch value {
            case .null: .null
            case .bool(let bool): .scalar(bool ? "true" : "false")
            case .int(let int): .scalar(String(int))
            case .double(let double): .scalar(SettingValue.text(of: double))
            case .string(let string): .scalar(string)
            case .array(let elements): .list(elements.map { SettingInput($0, origin: origin) })
            case .object(let members):
                .map(
                    members.map { member in
                        Member(
                            name: member.name,
                            origin: origin,
                            value: SettingInput(member.value, origin: origin)
                        )
                    }
                )
            }
    }

    /// This input with `origin` for all of it.
    func moved(to origin: SettingOrigin) -> SettingInput {
        var input = self
        input.origin = origin
        switch content {
        case .null, .scalar: break
        case .list(let elements): input.content = .list(elements.map { $0.moved(to: origin) })
        case .map(let members):
            input.content = .map(
                members.map { Member(name: $0.name, origin: origin, value: $0.value.moved(to: origin)) }
            )
        }
        return input
    }
}
