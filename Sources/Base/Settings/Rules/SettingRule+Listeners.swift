extension SettingRule where Value == [Listener] {
    /// 1 to 16 listeners, no two on the same port of the same address.
    static var listeners: Self {
        SettingRule(
            type: "list of listeners",
            range: "1 to 16 of `{ port, apis, bind, tls }`; APIs: " + SettingRule<APIName>.choice.range,
            schema: [
                "type": "array", "minItems": 1, "maxItems": 16,
                "items": [
                    "type": "object",
                    "properties": [
                        "port": ListenerRules.port.schema, "apis": ListenerRules.apis.schema,
                        "bind": ListenerRules.bind.schema, "tls": ListenerRules.tls.schema,
                    ],
                    "required": ["port", "apis"], "additionalProperties": false,
                ],
            ],
            form: .listeners,
            read: { input throws(SettingMistake) in
                let expected = "a list of 1 to 16 listeners"
                guard case .list(let inputs) = input.content else {
                    throw SettingMistake(expected: expected, found: input)
                }
                guard (1...16).contains(inputs.count) else {
                    throw SettingMistake("expected \(expected), found \(inputs.count)", at: input.origin)
                }
                var listeners: [Listener] = []
                for input in inputs {
                    let listener = try ListenerRules.listener(input)
                    guard
                        !listeners.contains(where: {
                            $0.port != 0 && $0.port == listener.port && $0.bind == listener.bind
                        })
                    else { throw SettingMistake("port \(listener.port) is there twice", at: input.origin) }
                    listeners.append(listener)
                }
                return listeners
            },
            write: { .array($0.map(ListenerRules.value)) }
        )
    }
}

/// The members of a listener.
private enum ListenerRules {
    static let port = SettingRule<Int>.int(0...65535)
    static let apis = SettingRule<[APIName]>.list(of: .choice, count: 1...APIName.allCases.count)
    static let bind = SettingRule<String>.host
    static let tls = SettingRule<Bool>.bool

    static func listener(_ input: SettingInput) throws(SettingMistake) -> Listener {
        guard case .map(let members) = input.content else {
            throw SettingMistake(expected: "a listener such as `{ port: 8080, apis: [openai] }`", found: input)
        }
        var port: Int?
        var apis: [APIName]?
        var bind: String?
        var tls: Bool?
        for member in members {
            switch member.name {
            case "port": port = try Self.port.read(member.value)
            case "apis": apis = try Self.apis.read(member.value)
            case "bind": bind = try Self.bind.read(member.value)
            case "tls": tls = try Self.tls.read(member.value)
            default:
                throw SettingMistake(
                    "a listener has no member \(SettingInput.shown(member.name))",
                    at: member.origin,
                    suggestion: Suggestion.nearest(to: member.name, among: ["port", "apis", "bind", "tls"])
                )
            }
        }
        guard let port else { throw SettingMistake("the listener has no `port`", at: input.origin) }
        guard let apis else { throw SettingMistake("the listener has no `apis`", at: input.origin) }
        return Listener(port: port, apis: apis, bind: bind, tls: tls)
    }

    static func value(_ listener: Listener) -> SettingValue {
        let value: SettingValue = ["port": port.write(listener.port), "apis": apis.write(listener.apis)]
        return value.adding(listener.bind.map { ["bind": .string($0)] } ?? [:])
            .adding(listener.tls.map { ["tls": .bool($0)] } ?? [:])
    }
}
