/// Whether clients must show an API key.
public enum AuthRequirement: String, Sendable, CaseIterable {
    /// Only when the server listens on more than this machine.
    case auto
    /// Always.
    case always = "true"
    /// Never.
    case never = "false"
}
