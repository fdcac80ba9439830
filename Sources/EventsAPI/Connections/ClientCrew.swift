import Events
import Serving

/// What all clients of the API share.
final class ClientCrew: Sendable {
    let hub: EventHub
    let limits: ClientLimits
    let credentials: CredentialWatch
    let connections: CredentialConnections
    let metrics: EventsMetrics?

    init(hub: EventHub, limits: ClientLimits, credentials: CredentialWatch, metrics: EventsMetrics?) {
        self.hub = hub
        self.limits = limits
        self.credentials = credentials
        self.metrics = metrics
        connections = CredentialConnections(limit: limits.connectionsPerCredential)
    }
}
