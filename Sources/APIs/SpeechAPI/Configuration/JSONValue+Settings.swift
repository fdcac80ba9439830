import Serving
import Settings

extension JSONValue {
    /// A value of the settings.
    init(_ value: SettingValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .int(let int): .number(Double(int))
            case .double(let double): .number(double)
            case .string(let string): .string(string)
            case .array(let elements): .array(elements.map { JSONValue($0) })
            case .object(let members): .object(JSONValue.members(members))
            }
    }

    private static func members(_ members: [SettingValue.Member]) -> [String: JSONValue] {
        Dictionary(members.map { ($0.name, JSONValue($0.value)) }) { _, last in last }
    }
}
