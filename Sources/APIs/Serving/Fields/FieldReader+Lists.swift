extension FieldReader {
    /// The texts of a list, in their order and without empty ones; none when absent.
    ///
    /// A form may repeat the field, write its name as `name[]` or `name[0]`, or put the list into one text: `a,b` or
    /// `["a","b"]`. JSON may have an array of strings, or such a text.
    public mutating func list(_ name: String) -> [String] {
        let elements = values(name).flatMap { value -> [String] in
            switch value {
            case .string(let text): return Self.elements(of: text)
            case .array(let elements):
                return elements.compactMap { element in
                    if case .string(let text) = element { return text.isEmpty ? nil : text }
                    return fault(name, "string_type", "A list of strings is expected.")
                }
            default: return fault(name, "list_type", "A list is expected.") ?? []
            }
        }
        guard elements.count <= Self.elementLimit else {
            return fault(name, "too_long", "A list may have at most \(Self.elementLimit) elements.") ?? []
        }
        return elements
    }

    /// The most elements of a list.
    private static let elementLimit = 100

    /// The elements of a list that is written as one text. No element of the lists here has a comma or an escape.
    static func elements(of text: String) -> [String] {
        var inner = text[...].trimmingWhitespace[...]
        if inner.first == "[", inner.last == "]" { inner = inner.dropFirst().dropLast() }
        return inner.split(separator: ",").compactMap { element in
            var bare = element.trimmingWhitespace[...]
            if let quote = bare.first, quote == "\"" || quote == "'", bare.last == quote, bare.count > 1 {
                bare = bare.dropFirst().dropLast()
            }
            return bare.isEmpty ? nil : String(bare)
        }
    }

    /// The name of a list without what says that it is one: `[]` or a number in brackets.
    static func withoutIndex(_ name: String) -> String {
        guard name.last == "]", let open = name.lastIndex(of: "["), open > name.startIndex,
            name[open...].dropFirst().dropLast().utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return name }
        return String(name[..<open])
    }
}
