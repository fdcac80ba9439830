public import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client that model responders share unless they are given another; it lives as long as the process.
    ///
    /// Unlike `HTTPClient.shared` it reports a failed connection at once instead of trying again by itself, follows no
    /// redirects, since these could carry the API key elsewhere, and lets many conversations talk at the same time.
    public static let forModels: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Responders have their own timeouts; this one only frees what they gave up.
        configuration.timeout.connect = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        configuration.tellKeptConnections()
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
