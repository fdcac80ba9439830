extension SettingValue {
    /// This value as YAML on one line.
    public var yaml: String {
        switch self {
        case .null: return "null"
        case .bool(let bool): return bool ? "true" : "false"
        case .int(let int): return String(int)
        case .double(let double): return Self.text(of: double)
        case .string(let string): return Self.isPlain(string) ? string : Self.quoted(string)
        case .array(let elements): return "[" + elements.map(\.yaml).joined(separator: ", ") + "]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            return "{ "
                + members.map { "\(SettingValue.string($0.name).yaml): \($0.value.yaml)" }.joined(separator: ", ")
                + " }"
        }
    }

    /// Whether every YAML reader takes `string` for text without quotes, wherever it stands.
    private static func isPlain(_ string: String) -> Bool {
        guard let first = string.unicodeScalars.first, string.last != ":" else { return false }
        let isLetter = { (scalar: Unicode.Scalar) in ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) }
        let isDigit = { (scalar: Unicode.Scalar) in ("0"..."9").contains(scalar) }
        guard isLetter(first) || isDigit(first) || first == "/" || first == "." else { return false }
        guard string.unicodeScalars.allSatisfy({ isLetter($0) || isDigit($0) || "_./:+@-".unicodeScalars.contains($0) })
        else { return false }
        guard Double(string) == nil, !isDigit(first) || string.unicodeScalars.contains(where: isLetter) else {
            return false
        }
        return !["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"].contains(
            string.lowercased()
        )
    }
}
