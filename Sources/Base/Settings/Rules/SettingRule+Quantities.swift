/// A unit of a quantity and how many of the smallest unit it holds.
private struct QuantityUnit {
    var name: String
    var size: Int
}

/// Reads and writes whole quantities with a unit, such as `250ms` or `16KiB`.
private struct Quantity {
    /// From the smallest to the largest; the first that divides a quantity from behind writes it.
    var units: [QuantityUnit]
    /// The size of the unit of a bare number.
    var bare: Int

    static let duration = Quantity(
        units: [
            QuantityUnit(name: "ms", size: 1), QuantityUnit(name: "s", size: 1000),
            QuantityUnit(name: "m", size: 60_000), QuantityUnit(name: "h", size: 3_600_000),
            QuantityUnit(name: "d", size: 86_400_000),
        ],
        bare: 1000
    )

    static let bytes = Quantity(
        units: [
            QuantityUnit(name: "B", size: 1), QuantityUnit(name: "KB", size: 1000),
            QuantityUnit(name: "MB", size: 1_000_000), QuantityUnit(name: "GB", size: 1_000_000_000),
            QuantityUnit(name: "KiB", size: 1 << 10), QuantityUnit(name: "MiB", size: 1 << 20),
            QuantityUnit(name: "GiB", size: 1 << 30),
        ],
        bare: 1
    )

    /// The quantity in the smallest unit, rounded; nil for anything else.
    func parse(_ text: String) -> Int? {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let name = text.dropFirst(number.count).drop { $0 == " " }
        guard !number.isEmpty, number.utf8.count <= 20, let amount = Double(number) else { return nil }
        guard let size = name.isEmpty ? bare : units.first(where: { $0.name.lowercased() == name.lowercased() })?.size
        else { return nil }
        return Int(exactly: (amount * Double(size)).rounded())
    }

    func text(of quantity: Int) -> String {
        guard quantity > 0, let unit = units.last(where: { quantity.isMultiple(of: $0.size) }) else {
            return "0\(units[0].name)"
        }
        return "\(quantity / unit.size)\(unit.name)"
    }

    /// What text with a unit looks like, for the schema.
    var pattern: String {
        "^[0-9]+(\\.[0-9]+)? ?(" + units.map(\.name).joined(separator: "|") + ")?$"
    }
}

extension SettingRule where Value == Duration {
    /// A duration in `range`, to the millisecond: `250ms`, `30s`, `5m`, `2h`, `1d`, or a number of seconds.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        quantity(
            .duration,
            type: "duration",
            lower: range.lowerBound.milliseconds,
            upper: range.upperBound.milliseconds,
            make: { .milliseconds($0) },
            amount: { $0.milliseconds }
        )
    }
}

extension SettingRule where Value == Int {
    /// A number of bytes in `range`: `16KiB`, `25MB`, or a number of bytes.
    static func bytes(_ range: ClosedRange<Int>) -> Self {
        quantity(
            .bytes,
            type: "size",
            lower: range.lowerBound,
            upper: range.upperBound,
            make: { $0 },
            amount: { $0 }
        )
    }
}

extension SettingRule {
    private static func quantity(
        _ quantity: Quantity,
        type: String,
        lower: Int,
        upper: Int,
        make: @escaping @Sendable (Int) -> Value,
        amount: @escaping @Sendable (Value) -> Int
    ) -> Self {
        let range = "\(quantity.text(of: lower)) to \(quantity.text(of: upper))"
        let expected = "a \(type) from " + range
        let bare = Double(quantity.bare)
        return SettingRule(
            type: type,
            range: range,
            schema: [
                "anyOf": [
                    ["type": "string", "pattern": .string(quantity.pattern)],
                    [
                        "type": "number", "minimum": .double(Double(lower) / bare),
                        "maximum": .double(Double(upper) / bare),
                    ],
                ]
            ],
            read: { input throws(SettingMistake) in
                guard let number = quantity.parse(try input.text(expected: expected)), (lower...upper).contains(number)
                else { throw SettingMistake(expected: expected, found: input) }
                return make(number)
            },
            write: { .string(quantity.text(of: amount($0))) }
        )
    }
}

extension Duration {
    /// Whole milliseconds; anything beyond the range of `Int` is not expected here.
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
