/// A value in both of its forms.
struct StoredSetting: Sendable {
    /// As the code uses it.
    let value: any Sendable
    /// As it is written.
    let written: SettingValue
}

/// What reading, writing and describing need of a key whatever its type.
protocol StorableKey: AnySettingKey {
    var schema: SettingValue { get }
    /// What a text on one line says: as a variable of the environment or an option has it.
    func input(of text: String, origin: SettingOrigin) throws(SettingMistake) -> SettingInput
    func read(_ input: SettingInput) throws(SettingMistake) -> StoredSetting
}

extension SettingKey: StorableKey {
    var schema: SettingValue { rule.schema }

    func read(_ input: SettingInput) throws(SettingMistake) -> StoredSetting {
        let value = try rule.read(input)
        return StoredSetting(value: value, written: rule.write(value))
    }

    func input(of text: String, origin: SettingOrigin) throws(SettingMistake) -> SettingInput {
        if text == "null" || text.isEmpty { return SettingInput(content: .null, origin: origin) }
        if case .scalar = rule.form { return SettingInput(content: .scalar(text), origin: origin) }
        if text.hasPrefix("[") || text.hasPrefix("{") {
            do {
                return try YAMLDocument(text, named: origin.description).root.moved(to: origin)
            } catch {
                throw SettingMistake(error.message, at: origin)
            }
        }
        let parts = text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }
        let scalar = { (text: Substring) in SettingInput(content: .scalar(String(text)), origin: origin) }
        switch rule.form {
        case .scalar, .list: return SettingInput(content: .list(parts.map(scalar)), origin: origin)
        case .map:
            let members = try parts.map { part throws(SettingMistake) in
                let (name, value) = try Self.sides(of: part, example: "name=value", origin: origin)
                return SettingInput.Member(name: String(name), origin: origin, value: scalar(value))
            }
            return SettingInput(content: .map(members), origin: origin)
        case .listeners:
            let listeners = try parts.map { part throws(SettingMistake) in
                let (port, names) = try Self.sides(of: part, example: "8004=speech+openai", origin: origin)
                let apis = SettingInput(content: .list(names.split(separator: "+").map(scalar)), origin: origin)
                let members = [("port", scalar(port)), ("apis", apis)].map {
                    SettingInput.Member(name: $0.0, origin: origin, value: $0.1)
                }
                return SettingInput(content: .map(members), origin: origin)
            }
            return SettingInput(content: .list(listeners), origin: origin)
        }
    }

    private static func sides(
        of part: Substring,
        example: String,
        origin: SettingOrigin
    ) throws(SettingMistake) -> (Substring, Substring) {
        guard let equals = part.firstIndex(of: "=") else {
            throw SettingMistake(
                "expected parts such as `\(example)`, found \(SettingInput.shown(String(part)))",
                at: origin
            )
        }
        return (part[..<equals], part[part.index(after: equals)...])
    }
}

extension StringProtocol {
    /// This text without the characters at both ends that `isUnwanted` names.
    func trimming(while isUnwanted: (Character) -> Bool) -> SubSequence {
        let start = self[...].drop(while: isUnwanted)
        guard let last = start.lastIndex(where: { !isUnwanted($0) }) else { return start[start.endIndex...] }
        return start[...last]
    }
}
