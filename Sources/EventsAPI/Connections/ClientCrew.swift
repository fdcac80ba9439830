import Events
import Serving

/// What all clients of the API share.
final class ClientCrew: Sendable {
    let hub: EventHub
    let limits: ClientLimits
    let credentials: CredentialWatch
    let connections: CredentialConnections

    init(hub: EventHub, limits: ClientLimits, credentials: CredentialWatch) {
        self.hub = hub
        self.limits = limits
        self.credentials = credentials
        connections = CredentialConnections(limit: limits.connectionsPerCredential)
    }
}
