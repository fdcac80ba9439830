/// Names as Prometheus allows them.
enum MetricName {
    /// The longest name in bytes; the rest of a longer one is cut off.
    static let maximumLength = 200

    /// A metric's name: letters, digits, `_` and `:`; everything else becomes `_`.
    static func sanitised(_ name: String) -> String {
        sanitised(name, allowsColon: true)
    }

    /// A label's name: letters, digits and `_`. Names that begin with `__` are reserved, and so is `le`, which a
    /// histogram's buckets have.
    static func label(_ name: String) -> String {
        var label = sanitised(name, allowsColon: false)
        while label.hasPrefix("__") { label.removeFirst() }
        return label == "le" ? "exported_le" : label
    }

    private static func sanitised(_ name: String, allowsColon: Bool) -> String {
        var result = String(
            String.UnicodeScalarView(
                name.cut(toUTF8: maximumLength).unicodeScalars.map { scalar in
                    switch scalar {
                    case "a"..."z", "A"..."Z", "0"..."9", "_": scalar
                    case ":" where allowsColon: scalar
                    default: "_"
                    }
                }
            )
        )
        if result.first.map(\.isNumber) ?? true { result = "_" + result }
        return result
    }
}
