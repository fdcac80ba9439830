public import Hummingbird
import Settings

/// Reads the fields of a request one by one, collects every fault and reports them together.
///
/// Fields come from a JSON object or from a form, and from the query of the address, which may stand in for either.
/// `null`, and nothing at all in a form or query, count as absent. A field may be given more than once as long as it says
/// the same.
public struct FieldReader {
    /// One mention of a field.
    private struct Mention {
        /// `body` or `query`
        let place: String
        let value: JSONValue
    }

    private var mentions: [String: [Mention]] = [:]
    /// The names that were asked for.
    private(set) var known: Set<String> = []
    /// Those that may have several values.
    private var lists: Set<String> = []
    /// The fields that were given and have no effect.
    public internal(set) var ignored: [String] = []
    /// The faults found so far.
    public private(set) var issues: [APIFailure.Issue] = []

    /// The most fields that a request may have; no route reads a quarter as many.
    static let fieldLimit = 200
    /// The most faults that are reported at once.
    static let issueLimit = 20

    /// A reader of a JSON body. Throws `APIFailure` when the body is not an object, or has more fields than any route.
    public init(json bytes: [UInt8]) throws(APIFailure) {
        guard case .object(let members) = try JSONValue(parsing: bytes) else {
            throw .invalid(.init(["body"], "model_attributes_type", "The body is not a JSON object."))
        }
        guard members.count <= Self.fieldLimit else {
            throw .invalid(
                .init(
                    ["body"],
                    "too_long",
                    "The body has \(members.count) fields; at most \(Self.fieldLimit) are allowed."
                )
            )
        }
        self.init(members: members)
    }

    /// A reader of the members of a JSON object.
    public init(members: [String: JSONValue]) {
        for (name, value) in members where value != .null { mentions[name] = [Mention(place: "body", value: value)] }
    }

    /// A reader of a form's fields. The names of lists may end with `[]` or with a number in brackets.
    public init(form: UploadedForm) {
        for field in form.fields { mention(field.name, field.value, in: "body") }
    }

    /// Reads the fields in the query of a request, too.
    public mutating func addQuery(of request: Request) {
        for (name, value) in QueryParameters.all(of: request) { mention(name, value, in: "query") }
    }

    private mutating func mention(_ name: String, _ text: String, in place: String) {
        guard !text.isEmpty else { return }
        mentions[Self.withoutIndex(name), default: []].append(Mention(place: place, value: .string(text)))
    }

    /// The names of all fields that were given.
    var given: [String] { mentions.keys.sorted() }

    /// The value of a field as it is; nil when absent.
    public mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        return mentions[name]?.last?.value
    }

    /// The values of a field that may have several; none when absent.
    mutating func values(_ name: String) -> [JSONValue] {
        lists.insert(name)
        known.insert(name)
        return mentions[name]?.map(\.value) ?? []
    }

    /// Finds fault with every field but these: where a misspelt one would allow more than was meant.
    public mutating func refuseOthers(than known: [String]) {
        for name in given where !known.contains(name) {
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
            case .string(let text): Double(text[...].trimmingWhitespace)
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

    /// A truth value, also as a word or number that stands for one; nil when absent.
    public mutating func bool(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        return value.truth ?? fault(name, "bool_type", "true or false is expected.")
    }

    /// One of the words that `parse` knows, as it is or in lower case; nil when absent. `expected` lists them for the
    /// message.
    public mutating func choice<Value>(
        _ name: String,
        expected: [String],
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let value = value(name) else { return nil }
        guard case .string(let word) = value,
            let choice = parse(word) ?? parse(word[...].trimmingWhitespace.lowercased())
        else {
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
        guard issues.count < Self.issueLimit else { return nil }
        let mention = mentions[name]?.last
        let input = mention?.value.excerpt ?? .null
        issues.append(.init([mention?.place ?? "body", name], kind, message, input: input, context: context))
        return nil
    }

    /// Throws `APIFailure` (422) with all faults, if there are any.
    public func check() throws(APIFailure) {
        let issues = issues + contradictions
        guard issues.isEmpty else { throw .invalid(issues) }
    }

    /// The fields of one value that were given with several.
    private var contradictions: [APIFailure.Issue] {
        given.filter { known.contains($0) && !lists.contains($0) }.compactMap { name in
            guard let mentions = mentions[name], Set(mentions.map(\.value.text)).count > 1 else { return nil }
            let last = mentions.last
            return .init(
                [last?.place ?? "body", name],
                "value_error",
                "The field is given \(mentions.count) times and not always with the same value; give it once.",
                input: last?.value.excerpt ?? .null
            )
        }
    }

    private func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}

extension JSONValue {
    /// The truth value that programs mean by this: one of JSON's, 1 or 0, or a word that stands for one; nil for others.
    public var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .number(1): true
        case .number(0): false
        case .string(let word): Bool(word: word)
        default: nil
        }
    }

    /// What a form would say for this value.
    fileprivate var text: String {
        if case .string(let text) = self { text } else { String(decoding: bytes, as: UTF8.self) }
    }

    /// What an error repeats of this value: all of it, unless it is long.
    fileprivate var excerpt: JSONValue {
        let limit = 1000
        switch self {
        case .string(let text): return text.utf8.count <= limit ? self : .string(text.prefix(limit / 4) + "…")
        case .array, .object: return bytes.count <= limit ? self : .null
        case .null, .bool, .number: return self
        }
    }
}
