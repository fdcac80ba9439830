/// Where settings come from. What comes later wins: the defaults, the file, the file of the profile, the `.env` file, the
/// environment, the command line.
public struct SettingsSources: Sendable {
    /// What holds where nothing else says anything, such as a folder that was found; the option's name says why.
    public var fallbacks: [Option] = []
    /// The settings file; nil for none.
    public var file: String? = "antiphon.yaml"
    /// Whether it is an error when there is no such file: set it when the user named the file.
    public var fileIsRequired = false
    /// The profile: `antiphon-<profile>.yaml` beside the settings file is laid over it. Letters, digits, `-` and `_`.
    public var profile: String?
    /// The `.env` file, which may be missing; nil for none.
    public var dotEnv: String? = ".env"
    /// The environment: variables such as `ANTIPHON_BIND`. Empty ones count as not set.
    public var environment: [String: String] = [:]
    /// Options `--set key=value` in the order of the command line.
    public var assignments: [String] = []
    /// What other options set: key, value and the option's name.
    public var options: [Option] = []
    /// Options `--port api=port`: the listener of the API moves to the port.
    public var ports: [(api: APIName, port: Int)] = []

    /// A key that an option of the command line sets.
    public struct Option: Sendable, Hashable {
        /// The option, such as `--host`.
        public var name: String
        /// The key, such as `bind`.
        public var key: String
        /// The value as it is written on the command line.
        public var value: String

        /// An option.
        public init(_ name: String, sets key: String, to value: String) {
            self.name = name
            self.key = key
            self.value = value
        }
    }

    /// The files of the working directory; neither environment nor command line.
    public init() {}
}
