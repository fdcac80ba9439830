import Serving
import Settings

/// The schema of the settings by section, as forms want it: each with a description and its keys.
struct SettingSections {
    /// The keys that stand in no section.
    static let general = "general"

    /// The sections by path, such as `speech.openai`.
    let sections: [String: JSONValue]

    /// The sections of a JSON schema of the settings.
    init(schema: JSONValue) {
        var sections: [String: JSONValue] = [:]
        Self.collect(schema, at: "", Self.summaries(of: SettingKeys.table, at: ""), into: &sections)
        self.sections = sections
    }

    private static func collect(
        _ schema: JSONValue,
        at path: String,
        _ summaries: [String: String],
        into sections: inout [String: JSONValue]
    ) {
        var keys: [String: JSONValue] = [:]
        for (name, member) in schema.members?["properties"]?.members ?? [:] {
            if member.members?["properties"] != nil {
                collect(member, at: path.isEmpty ? name : "\(path).\(name)", summaries, into: &sections)
            } else {
                keys[name] = property(member)
            }
        }
        guard !keys.isEmpty else { return }
        sections[path.isEmpty ? general : path] = [
            "description": .string(summaries[path] ?? ""), "properties": .object(keys),
        ]
    }

    /// A key's schema, with the names for its limits that forms know.
    private static func property(_ schema: JSONValue) -> JSONValue {
        guard var members = schema.members else { return schema }
        members["min"] = members["minimum"]
        members["max"] = members["maximum"]
        return .object(members)
    }

    private static func summaries(of group: any SettingGroup, at path: String) -> [String: String] {
        var found = [path: type(of: group).summary]
        for child in Mirror(reflecting: group).children {
            guard let name = child.label, let inner = child.value as? any SettingGroup else { continue }
            found.merge(summaries(of: inner, at: path.isEmpty ? name : "\(path).\(name)")) { known, _ in known }
        }
        return found
    }
}
