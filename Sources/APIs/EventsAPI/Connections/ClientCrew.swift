import Events
import Serving

/// What all clients of the API share.
final class ClientCrew: Sendable {
    let hub: EventHub
    let limits: ClientLimits
    let rates: ClientRates
    let credentials: CredentialWatch
    let connections: CredentialConnections
    let metrics: EventsMetrics?

    init(
        hub: EventHub,
        limits: ClientLimits,
        rates: ClientRates,
        credentials: CredentialWatch,
        metrics: EventsMetrics?
    ) {
        self.hub = hub
        self.limits = limits
        self.rates = rates
        self.credentials = credentials
        self.metrics = metrics
        connections = CredentialConnections(limit: limits.connectionsPerCredential)
    }
}
