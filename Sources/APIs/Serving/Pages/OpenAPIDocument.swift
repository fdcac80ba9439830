import Yams

/// A description of routes (OpenAPI 3.1), written as YAML and served as JSON.
public struct OpenAPIDocument: Sendable {
    /// Why a document cannot be used.
    public struct Malformed: Error, CustomStringConvertible {
        /// One sentence with the remedy.
        public let description: String
    }

    private var members: [String: JSONValue]

    /// The document in `yaml`. Throws when that is no mapping with `info` and `paths`.
    public init(yaml: [UInt8]) throws {
        guard let tree = try Yams.compose(yaml: String(decoding: yaml, as: UTF8.self)),
            case .object(let members) = try Self.value(tree), members["info"]?.members != nil,
            members["paths"]?.members != nil
        else { throw Malformed(description: "A description of routes has no info or no paths; mend its openapi.yaml.") }
        self.members = members
    }

    /// The document as JSON.
    public var json: JSONValue { .object(members) }

    /// The document of a program with this version.
    public func of(version: String) -> OpenAPIDocument {
        var document = self
        var info = members["info"]?.members ?? [:]
        info["version"] = .string(version)
        document.members["info"] = .object(info)
        return document
    }

    /// The document with only those operations that have this tag first.
    public func only(tag: String) -> OpenAPIDocument { filtered { $0 == .string(tag) } }

    /// The document without those operations that have this tag first.
    public func without(tag: String) -> OpenAPIDocument { filtered { $0 != .string(tag) } }

    private func filtered(_ isWanted: (JSONValue?) -> Bool) -> OpenAPIDocument {
        var document = self
        let paths = (members["paths"]?.members ?? [:]).compactMapValues { item -> JSONValue? in
            let operations = (item.members ?? [:]).filter {
                isWanted(Self.elements($0.value.members?["tags"]).first)
            }
            return operations.isEmpty ? nil : .object(operations)
        }
        document.members["paths"] = .object(paths)
        return document
    }

    /// The document without what it says of a path.
    public func without(path: String) -> OpenAPIDocument {
        var document = self
        document.members["paths"] = .object((members["paths"]?.members ?? [:]).filter { $0.key != path })
        return document
    }

    /// The document with what another one has besides: paths, tags and components. Where both have something of a name,
    /// this one's stays.
    public func joined(with other: OpenAPIDocument) -> OpenAPIDocument {
        var document = self
        for key in ["paths", "components"] {
            document.members[key] = Self.joined(members[key] ?? .null, other.members[key] ?? .null, depth: 2)
        }
        let tags = Self.elements(members["tags"])
        let names = tags.map { $0.members?["name"] }
        let more = Self.elements(other.members["tags"]).filter { !names.contains($0.members?["name"]) }
        document.members["tags"] = .array(tags + more)
        return document
    }

    private static func elements(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let elements)? = value { elements } else { [] }
    }

    private static func joined(_ value: JSONValue, _ other: JSONValue, depth: Int) -> JSONValue {
        guard depth > 0, case .object(let members) = value, case .object(let more) = other else {
            return value == .null ? other : value
        }
        return .object(members.merging(more) { joined($0, $1, depth: depth - 1) })
    }

    private static func value(_ node: Node) throws -> JSONValue {
        switch node {
        case .scalar(let scalar):
            return scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
        case .sequence(let elements):
            return .array(try elements.map { try value($0) })
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, node) in mapping {
                guard case .scalar(let name) = key else {
                    throw Malformed(description: "A key of openapi.yaml is no word; mend it.")
                }
                members[name.string] = try value(node)
            }
            return .object(members)
        case .alias:
            throw Malformed(description: "openapi.yaml has an alias; use $ref in its place.")
        }
    }

    /// A scalar without quotes.
    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "true": .bool(true)
        case "false": .bool(false)
        case "null", "~", "": .null
        default: Double(text).map { .number($0) } ?? .string(text)
        }
    }
}
