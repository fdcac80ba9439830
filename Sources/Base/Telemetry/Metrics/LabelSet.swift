/// Labels in the text that the exposition has for them, `a="1",b="2"`: sorted by name, each name once.
struct LabelSet: Sendable, Hashable {
    /// The most labels a series has; further ones are left out.
    static let maximumCount = 16
    /// The longest value in bytes; the rest of a longer one is cut off.
    static let maximumValue = 256

    static let none = LabelSet(text: "")
    /// Stands for all label sets that a full family has no room for.
    static let overflow = LabelSet(text: "overflow=\"true\"")

    let text: String

    private init(text: String) {
        self.text = text
    }

    init(_ dimensions: [(String, String)]) {
        guard !dimensions.isEmpty else {
            self = .none
            return
        }
        var values: [String: String] = [:]
        for (name, value) in dimensions.prefix(Self.maximumCount) {
            values[MetricName.label(name)] = value
        }
        text = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value.cut(toUTF8: Self.maximumValue)))\"" }
            .joined(separator: ",")
    }

    /// The labels of a histogram's bucket.
    func adding(bound: String) -> LabelSet {
        LabelSet(text: text.isEmpty ? "le=\"\(bound)\"" : "\(text),le=\"\(bound)\"")
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
