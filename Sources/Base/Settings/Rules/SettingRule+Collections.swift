extension SettingRule {
    /// A list of `count` values of `element`, each at most once.
    static func list<Element: Hashable>(
        of element: SettingRule<Element>,
        count: ClosedRange<Int>
    ) -> Self where Value == [Element] {
        let expected = "a list of \(count.lowerBound) to \(count.upperBound) values"
        return SettingRule(
            type: "list of \(element.type)s",
            range: "\(count.lowerBound) to \(count.upperBound) values"
                + (element.range.isEmpty ? "" : ", each " + element.range),
            schema: [
                "type": "array", "items": element.schema, "minItems": .int(count.lowerBound),
                "maxItems": .int(count.upperBound), "uniqueItems": true,
            ],
            form: .list,
            read: { input throws(SettingMistake) in
                guard case .list(let inputs) = input.content else {
                    throw SettingMistake(expected: expected, found: input)
                }
                guard count.contains(inputs.count) else {
                    throw SettingMistake("expected \(expected), found \(inputs.count)", at: input.origin)
                }
                var values: [Element] = []
                for input in inputs {
                    let value = try element.read(input)
                    guard !values.contains(value) else {
                        throw SettingMistake("\(input.summary) is in the list twice", at: input.origin)
                    }
                    values.append(value)
                }
                return values
            },
            write: { .array($0.map(element.write)) }
        )
    }

    /// At most `count` names of at most 100 characters, each with a value of `element`.
    static func map<Element>(
        of element: SettingRule<Element>,
        count: Int
    ) -> Self where Value == [String: Element] {
        let expected = "a mapping of at most \(count) names"
        return SettingRule(
            type: "map to \(element.type)s",
            range: "at most \(count) names",
            schema: [
                "type": "object", "propertyNames": ["maxLength": 100, "minLength": 1],
                "additionalProperties": element.schema, "maxProperties": .int(count),
            ],
            form: .map,
            read: { input throws(SettingMistake) in
                guard case .map(let members) = input.content else {
                    throw SettingMistake(expected: expected, found: input)
                }
                guard members.count <= count else {
                    throw SettingMistake("expected \(expected), found \(members.count)", at: input.origin)
                }
                var values: [String: Element] = [:]
                for member in members {
                    guard (1...100).contains(member.name.unicodeScalars.count) else {
                        throw SettingMistake("a name must have 1 to 100 characters", at: member.origin)
                    }
                    guard values.updateValue(try element.read(member.value), forKey: member.name) == nil else {
                        throw SettingMistake("\(SettingInput.shown(member.name)) is there twice", at: member.origin)
                    }
                }
                return values
            },
            write: { values in
                .object(values.sorted { $0.key < $1.key }.map { SettingValue.Member($0.key, element.write($0.value)) })
            }
        )
    }
}
