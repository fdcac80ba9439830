import Speech

extension FieldReader {
    /// The BCP 47 tag of a language that is named in any way that ``LanguageName`` knows; nil when the field is absent or
    /// leaves the choice open.
    public mutating func language(_ name: String) -> String? {
        guard let text = string(name, length: 0...LanguageName.longest) else { return nil }
        return language(text, in: name)
    }

    /// The same for one value of a field that may have several.
    public mutating func language(_ text: String, in name: String) -> String? {
        do {
            return try LanguageName.tag(for: text)
        } catch {
            return fault(name, "value_error", error.description)
        }
    }
}
