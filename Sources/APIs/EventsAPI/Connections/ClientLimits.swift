/// How much one client may ask for.
struct ClientLimits: Sendable {
    /// The most subscriptions of a connection.
    let subscriptions: Int
    /// The most connections with the same credentials.
    let connectionsPerCredential: Int
}
