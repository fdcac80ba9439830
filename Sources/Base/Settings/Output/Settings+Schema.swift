extension Settings {
    /// The JSON Schema (draft 2020-12) of a settings file; always in the same order.
    ///
    /// `x-effect` says how a change takes effect and `x-environment` names the variable of the environment.
    public static func schema() -> SettingValue {
        var properties: SettingValue = [:]
        for key in SettingKeys.storable {
            let names = key.path.split(separator: ".")
            let path: [Substring] = names.dropLast().flatMap { [$0, "properties"] } + names.suffix(1)
            properties.insert(schema(of: key), at: path[...])
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "antiphon.yaml",
            "type": "object",
            "properties": closed(properties),
            "additionalProperties": false,
        ]
    }

    private static func schema(of key: any StorableKey) -> SettingValue {
        let head: SettingValue = ["description": .string(key.summary)]
        let tail: SettingValue = [
            "x-effect": .string(key.effect.rawValue), "x-environment": .string(key.environmentName),
        ]
        let value: SettingValue = key.isSecret ? [:] : ["default": key.defaultSettingValue]
        return head.adding(key.schema).adding(value).adding(tail)
    }

    /// `properties` with every section in it made an object that takes no other keys.
    private static func closed(_ properties: SettingValue) -> SettingValue {
        guard case .object(let members) = properties else { return properties }
        return .object(
            members.map { member in
                guard let inner = member.value["properties"], member.value["description"] == nil else { return member }
                return SettingValue.Member(
                    member.name,
                    ["type": ["object", "null"], "properties": closed(inner), "additionalProperties": false]
                )
            }
        )
    }
}
