/// Sets values in the text of a settings file and leaves everything else as it is.
///
/// An edit is tried in the text and then proved: the new text must say the new value, and the same as before elsewhere.
struct YAMLEditor {
    private(set) var text: String
    /// The name of the file, for messages.
    let name: String

    init(text: String, name: String) {
        self.text = text
        self.name = name
    }

    /// Throws when the text is no valid YAML, or no file of ours.
    func check() throws(SettingMistake) {
        switch try YAMLDocument(text, named: name).root.content {
        case .null: break
        case .map(let members):
            if LegacyConfiguration.isOne(members) {
                throw SettingMistake("\(name) is the configuration of an STTS server; move it to antiphon.yaml first")
            }
        case .scalar, .list: throw SettingMistake("\(name) has no sections")
        }
    }

    /// Sets the value at `path`.
    mutating func set(_ path: [String], to value: SettingValue) throws(SettingMistake) {
        let before = try YAMLDocument(text, named: name).root
        var lines = EditableLines(text)
        lines.set(path[...], to: value, in: before, parent: nil)
        let edited = lines.text
        let wanted = try YAMLDocument(value.yaml, named: name).root.plain
        guard let after = try? YAMLDocument(edited, named: name).root.plain, after[path[...]] == wanted,
            after.removing(path[...]) == before.plain.removing(path[...])
        else {
            throw SettingMistake(
                "the value cannot be changed in the text of \(name); write it there by hand",
                at: before.origin
            )
        }
        text = edited
    }
}

extension SettingInput {
    /// What it says without where it says it. Scalars are texts; empty sections count as nothing.
    fileprivate var plain: SettingValue {
        switch content {
        case .null: .null
        case .scalar(let text): .string(text)
        case .list(let elements): .array(elements.map(\.plain))
        case .map(let members): .object(members.map { SettingValue.Member($0.name, $0.value.plain) })
        }
    }
}

extension SettingValue {
    fileprivate subscript(path: ArraySlice<String>) -> SettingValue? {
        guard let name = path.first else { return self }
        return self[name]?[path.dropFirst()]
    }

    /// This value without what is at `path`, and without the sections that are empty then.
    fileprivate func removing(_ path: ArraySlice<String>) -> SettingValue {
        guard let name = path.first, case .object(let members) = self else { return self }
        let left = members.compactMap { member -> Member? in
            guard member.name == name else { return member }
            guard path.count > 1 else { return nil }
            let value = member.value.removing(path.dropFirst())
            return value == .null ? nil : Member(name, value)
        }
        return left.isEmpty ? .null : .object(left)
    }
}
