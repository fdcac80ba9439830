/// A setting of any type.
public protocol AnySettingKey: Sendable {
    /// The dotted path, such as `http.max_headers`.
    var path: String { get }
    /// How a change takes effect.
    var effect: SettingEffect { get }
    /// What it means.
    var summary: String { get }
    /// The type, such as `duration`.
    var type: String { get }
    /// What is allowed, such as `1s to 1h`; empty when the type says it all.
    var range: String { get }
    /// Whether the value must never be shown.
    var isSecret: Bool { get }
    /// The value when no source has one, as it is written.
    var defaultSettingValue: SettingValue { get }
}

extension AnySettingKey {
    /// The variable of the environment that sets it, such as `ANTIPHON_HTTP_MAX_HEADERS`.
    public var environmentName: String {
        "ANTIPHON_" + path.uppercased().replacing(".", with: "_")
    }
}
