// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `auth`.
public struct AuthKeys: SettingGroup {
    public static let title = "Authentication"
    public static let summary = "Who may use the server."

    public let required = SettingKey(
        "auth.required",
        .choice,
        default: AuthRequirement.auto,
        .restart,
        "Whether clients must show an API key. `auto` asks for one as soon as the server listens on more than this machine. `false` is for this machine only, unless `auth.trusted_networks` names who needs none."
    )
    public let trustedNetworks = SettingKey(
        "auth.trusted_networks",
        .networks,
        default: [],
        .restart,
        "The networks whose clients need no API key where others do; never all of them. The address of the client counts, as `http.trusted_proxies` tell it; a request that a proxy sends without saying for whom needs a key. Name every proxy inside these networks in `http.trusted_proxies`, for one that is not named looks like a client."
    )
    public let tokenTTL = SettingKey(
        "auth.token_ttl",
        .duration(.seconds(1)...(.seconds(86_400))),
        default: .seconds(3600),
        .live,
        "How long a connection token is valid when its request does not say; at most `auth.max_token_ttl`."
    )
    public let maxTokenTTL = SettingKey(
        "auth.max_token_ttl",
        .duration(.seconds(1)...(.seconds(86_400))),
        default: .seconds(86_400),
        .live,
        "The longest time that a connection token may be valid."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `http`.
public struct HTTPKeys: SettingGroup {
    public static let title = "HTTP"
    public static let summary = "The limits of requests and connections."

    public let maxHeaderBytes = SettingKey(
        "http.max_header_bytes",
        .bytes(1024...1_048_576),
        default: 16 * 1024,
        .restart,
        "The largest head of a request: its line and all header fields."
    )
    public let maxHeaders = SettingKey(
        "http.max_headers",
        .int(10...10_000),
        default: 100,
        .restart,
        "The most header fields of a request."
    )
    public let maxBodyBytes = SettingKey(
        "http.max_body_bytes",
        .bytes(1024...1_073_741_824),
        default: 25 * 1_048_576,
        .restart,
        "The largest body of a request, other than uploaded audio."
    )
    public let maxUploadBytes = SettingKey(
        "http.max_upload_bytes",
        .bytes(1024...4_294_967_296),
        default: 100 * 1_048_576,
        .restart,
        "The largest upload of audio."
    )
    public let requestTimeout = SettingKey(
        "http.request_timeout",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(60),
        .restart,
        "How long the server waits for the head of a request to arrive in full, and then for its body."
    )
    public let idleTimeout = SettingKey(
        "http.idle_timeout",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(75),
        .restart,
        "How long a connection without a request stays open, and one whose client takes nothing of its answer."
    )
    public let maxConnections = SettingKey(
        "http.max_connections",
        .int(1...100_000),
        default: 1024,
        .restart,
        "The most connections at one time, over all listeners; a further one takes the place of the one that has been idle for longest. The default is lowered to what the limit of open files leaves."
    )
    public let maxConnectionsPerAddress = SettingKey(
        "http.max_connections_per_address",
        .int(1...100_000),
        default: 512,
        .restart,
        "The most connections from one IP address at one time. For clients behind a proxy of `http.trusted_proxies` it is the most requests."
    )
    public let trustedProxies = SettingKey(
        "http.trusted_proxies",
        .list(of: .addressRange, count: 0...100),
        default: [],
        .restart,
        "The proxies whose `Forwarded` or `X-Forwarded-For` says where a request comes from. From others these fields count for nothing, and a server that asks for no key refuses them."
    )
    public let corsOrigins = SettingKey(
        "http.cors_origins",
        .list(of: .origin, count: 0...100),
        default: [],
        .restart,
        "The origins whose web pages may call the server, such as `https://example.org`; `*` stands for all."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `drain`.
public struct DrainKeys: SettingGroup {
    public static let title = "Shutdown"
    public static let summary = "How the server stops."

    public let timeout = SettingKey(
        "drain.timeout",
        .duration(.zero...(.seconds(3600))),
        default: .seconds(30),
        .restart,
        "How long running requests and conversations may go on when the server is told to stop."
    )
}
