public import Hummingbird
public import NIOCore
import Settings
public import struct Telemetry.RequestID

/// What travels with a request through middleware to its handler.
public struct ServingContext: RequestContext {
    /// Hummingbird's own part.
    public var coreContext: CoreRequestContextStorage
    /// The request's identifier: the client's, if it sent a well-formed one.
    public var requestID = RequestID()
    /// Who is asking, as `AccessCheck` found.
    public var identity = Identity.unidentified
    /// When the request arrived.
    public let arrival = ContinuousClock.now
    /// The IP address of the client, as `ClientOrigin` found it; empty where there is none.
    public var clientAddress: String
    /// Whether the client needs no key because of where it is.
    var trust = NetworkTrust.none
    /// What is known at the end of the request.
    let facts = RequestFacts()
    /// The connection the request came on.
    public let channel: any Channel
    /// The connection's place among those of the server; nil where they are not counted.
    let place = ConnectionPlace.current

    /// The context of a request on a connection.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        clientAddress = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }?.description ?? ""
    }

    /// Whether the request came over TLS to this server itself.
    var isSecure: Bool { channel is DecryptedChannel }

    /// Seconds since the request arrived.
    public var elapsed: Double {
        let components = (ContinuousClock.now - arrival).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
