/// Reads the fields of a request one by one, collects every fault and reports them together.
///
/// Fields come from a JSON object or from a form. `null` counts as absent.
public struct FieldReader {
    private let values: [String: JSONValue]
    private let place: String
    private let isForm: Bool
    /// The faults found so far.
    public private(set) var issues: [APIFailure.Issue] = []

    /// A reader of a JSON body. Throws `APIFailure` when the body is not an object.
    public init(json bytes: [UInt8]) throws(APIFailure) {
        guard case .object(let members) = try JSONValue(parsing: bytes) else {
            throw .invalid(.init(["body"], "model_attributes_type", "The body is not a JSON object."))
        }
        values = members
        place = "body"
        isForm = false
    }

    /// A reader of a form's fields; of a repeated field the last counts.
    public init(form: UploadedForm) {
        values = Dictionary(form.fields.map { ($0.name, JSONValue.string($0.value)) }) { _, last in last }
        place = "body"
        isForm = true
    }

    /// The value of a field as it is; nil when absent.
    public func value(_ name: String) -> JSONValue? {
        guard let value = values[name], value != .null else { return nil }
        return isForm && value == .string("") ? nil : value
    }

    /// Finds fault with every field but these: where a misspelt one would allow more than was meant.
    public mutating func refuseOthers(than known: [String]) {
        for name in values.keys.sorted() where !known.contains(name) {
            let _: String? = fault(
                name,
                "extra_forbidden",
                "There is no such field; there are \(known.joined(separator: ", "))."
            )
        }
    }

    /// A text with a length, in characters, of `length`; nil when absent.
    public mutating func string(_ name: String, length: ClosedRange<Int> = 0...100_000) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            return fault(name, "string_type", "A string is expected.")
        }
        // Bytes bound characters from above, and are counted faster.
        let count = text.utf8.count > 4 * length.upperBound ? text.utf8.count : text.count
        if count < length.lowerBound {
            let bound = length.lowerBound == 1 ? "1 character is" : "\(length.lowerBound) characters are"
            return fault(
                name,
                "string_too_short",
                "At least \(bound) expected.",
                context: ["min_length": .number(Double(length.lowerBound))]
            )
        }
        if count > length.upperBound {
            return fault(
                name,
                "string_too_long",
                "At most \(length.upperBound) characters are allowed.",
                context: ["max_length": .number(Double(length.upperBound))]
            )
        }
        return text
    }

    /// A text that must be there; an empty text with a fault noted when it is not.
    public mutating func required(_ name: String, length: ClosedRange<Int> = 1...100_000) -> String {
        if value(name) == nil {
            return fault(name, "missing", "The field is required.") ?? ""
        }
        return string(name, length: length) ?? ""
    }

    /// A number in `range`; nil when absent.
    public mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(name) else { return nil }
        let number: Double? =
            switch value {
            case .number(let number): number
            case .string(let text): Double(text)
            default: nil
            }
        guard let number, number.isFinite else { return fault(name, "float_type", "A number is expected.") }
        if number < range.lowerBound {
            return fault(
                name,
                "greater_than_equal",
                "At least \(plain(range.lowerBound)) is expected.",
                context: ["ge": .number(range.lowerBound)]
            )
        }
        if number > range.upperBound {
            return fault(
                name,
                "less_than_equal",
                "At most \(plain(range.upperBound)) is allowed.",
                context: ["le": .number(range.upperBound)]
            )
        }
        return number
    }

    /// A whole number in `range`; nil when absent.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = number(name, in: Double(range.lowerBound)...Double(range.upperBound)) else { return nil }
        guard let whole = Int(exactly: number) else { return fault(name, "int_type", "A whole number is expected.") }
        return whole
    }

    /// A truth value; nil when absent.
    public mutating func bool(_ name: String) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .bool(let value): return value
        case .string("true"), .string("1"): return true
        case .string("false"), .string("0"): return false
        default: return fault(name, "bool_type", "true or false is expected.")
        }
    }

    /// One of the words that `parse` knows; nil when absent. `expected` lists them for the message.
    public mutating func choice<Value>(
        _ name: String,
        expected: [String],
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let value = value(name) else { return nil }
        guard case .string(let word) = value, let choice = parse(word) else {
            let words = expected.map { "'\($0)'" }.joined(separator: ", ")
            return fault(
                name,
                "literal_error",
                "One of \(words) is expected.",
                context: ["expected": .string(words)]
            )
        }
        return choice
    }

    /// Notes a fault of a field that the caller found.
    @discardableResult
    public mutating func fault<Value>(
        _ name: String,
        _ kind: String,
        _ message: String,
        context: [String: JSONValue] = [:]
    ) -> Value? {
        issues.append(.init([place, name], kind, message, input: values[name] ?? .null, context: context))
        return nil
    }

    /// Throws `APIFailure` (422) with all faults, if there are any.
    public func check() throws(APIFailure) {
        guard issues.isEmpty else { throw .invalid(issues) }
    }

    private func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}
