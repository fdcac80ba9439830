/// How a change of a setting takes effect.
public enum SettingEffect: String, Sendable {
    /// At once, or with the next request or session.
    case live
    /// When the server is started again.
    case restart
}
