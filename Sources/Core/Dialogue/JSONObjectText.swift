import Foundation

/// A JSON object as text, such as a schema.
public struct JSONObjectText: Sendable, Equatable {
    /// Why a text is none.
    public struct Malformed: Error, CustomStringConvertible {
        /// One sentence.
        public let description = "The text is not a JSON object."
    }

    /// The text.
    public let text: String
    let fragment: JSONFragment

    /// The object in `text`. Throws `Malformed` when it holds something else.
    public init(_ text: String) throws(Malformed) {
        guard let fragment = try? JSONDecoder().decode(JSONFragment.self, from: Data(text.utf8)),
            case .object = fragment
        else { throw Malformed() }
        self.text = text
        self.fragment = fragment
    }
}

/// Any JSON, to be put into a larger one.
enum JSONFragment: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONFragment])
    case object([String: JSONFragment])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONFragment].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONFragment].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
