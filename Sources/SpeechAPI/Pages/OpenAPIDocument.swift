import Serving
import Yams

/// The description of all routes (OpenAPI 3.1), written as YAML and served as JSON.
enum OpenAPIDocument {
    /// Why a document cannot be used.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The document of a server whose program has the version `version`. Throws when the document is no YAML mapping.
    static func json(version: String) throws -> JSONValue {
        guard let tree = try Yams.compose(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self)),
            case .object(var document) = try value(tree), var info = document["info"]?.members
        else { throw Malformed(description: "The description of the routes has no info; mend openapi.yaml.") }
        info["version"] = .string(version)
        document["info"] = .object(info)
        return .object(document)
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
