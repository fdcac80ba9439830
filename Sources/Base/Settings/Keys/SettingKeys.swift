// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// All keys. A key is written down here or in one of the sections, and nowhere else.
public struct SettingKeys: SettingGroup {
    public static let title = "Listeners"
    public static let summary = "Where the server can be reached."

    /// The only table there is.
    public static let table = SettingKeys()

    public let listeners = SettingKey(
        "listeners",
        .listeners,
        default: [
            Listener(port: 8004, apis: [.speech, .openai]), Listener(port: 8080, apis: [.openai]),
            Listener(port: 8083, apis: [.events]),
        ],
        .restart,
        "The ports and the APIs on each of them. Port 0 lets the system choose. `bind` of a listener overrides the general one, and `tls` says whether it speaks TLS; without it, it does when `tls.certificate` is set."
    )
    public let bind = SettingKey(
        "bind",
        .host,
        default: "localhost",
        .restart,
        "The address to listen on: an IP address, a host name, or `localhost` for 127.0.0.1 and ::1."
    )

    public let auth = AuthKeys()
    public let tls = TLSKeys()
    public let http = HTTPKeys()
    public let websocket = WebSocketKeys()
    public let events = EventsKeys()
    public let cluster = ClusterKeys()
    public let drain = DrainKeys()
    public let storage = StorageKeys()
    public let models = ModelsKeys()
    public let audio = AudioKeys()
    public let speech = SpeechKeys()
    public let conversation = ConversationKeys()
    public let recording = RecordingKeys()
    public let model = ModelKeys()
    public let logging = LoggingKeys()
    public let telemetry = TelemetryKeys()

    init() {}
}

extension SettingKeys {
    /// All keys in the order of the documentation.
    public static var all: [any AnySettingKey] { storable }

    static let storable: [any StorableKey] = table.wholeTree.flatMap(\.keys)

    static let byPath = Dictionary(uniqueKeysWithValues: storable.map { ($0.path, $0) })

    static let paths = storable.map(\.path)

    /// The paths that lead to keys without being one, such as `speech` and `speech.openai`.
    static let sections: Set<String> = Set(
        paths.flatMap { path in
            let names = path.split(separator: ".")
            return (1..<max(1, names.count)).map { names.prefix($0).joined(separator: ".") }
        }
    )
}
