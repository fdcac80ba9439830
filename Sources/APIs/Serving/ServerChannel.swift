import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// The channel of an HTTP connection that may become a WebSocket.
///
/// As Hummingbird's own, but for its place among the server's connections, the decoder, which passes on what a client has
/// sent behind a request for an upgrade, and the handlers that watch over heads, bodies, answers and upgrades.
struct ServerChannel: ServerChildChannel, HTTPChannelHandler {
    /// The limits of a connection.
    struct Configuration: Sendable {
        var decoder: NIOHTTPDecoderLimitConfiguration
        var headLimit: Duration
        var idleTimeout: Duration

        /// Places in reserve are few, so none is held for long.
        fileprivate func limits(for role: ConnectionTable.Role) -> Configuration {
            guard role == .reserve else { return self }
            var limits = self
            limits.headLimit = min(headLimit, .seconds(5))
            limits.idleTimeout = min(idleTimeout, .seconds(5))
            return limits
        }
    }

    /// A connection that is admitted.
    struct Value: ServerChildChannelValue {
        /// The requests and answers: of the connection, or of the channel within a TLS connection.
        let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let place: ConnectionPlace

        var channel: any Channel { parts.channel }
    }

    let responder: HTTPChannelHandler.Responder
    let configuration: Configuration
    let connections: ConnectionRegister
    /// With it the connections are encrypted.
    var certificate: CertificateHolder?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let placed = connections.admit(channel).flatMapThrowing { place in
            let limits = configuration.limits(for: place.role)
            guard let certificate else { return try makeValue(on: channel, place, limits, logger) }
            let requests = DecryptedChannel(in: channel)
            let value = try makeValue(on: requests, place, limits, logger)
            let gate = HandshakeGate()
            try channel.pipeline.syncOperations.addHandlers(
                gate,
                NIOSSLServerHandler(context: certificate.current.context),
                DecryptedChannelLink(to: requests, gate: gate, limit: limits.headLimit, logger: logger)
            )
            return value
        }
        // Nobody else closes a connection that cannot be served.
        placed.whenFailure { _ in channel.close(promise: nil) }
        return placed
    }

    func handle(value: Value, logger: Logger) async {
        await ConnectionPlace.$current.withValue(value.place) {
            await handleHTTP(asyncChannel: value.parts, logger: logger)
        }
        // A TLS connection may go on as a WebSocket, which is counted elsewhere.
        if certificate != nil { value.place.left() }
    }

    private func makeValue(
        on channel: any Channel,
        _ place: ConnectionPlace,
        _ limits: Configuration,
        _ logger: Logger
    ) throws -> Value {
        try channel.pipeline.syncOperations.addHandlers(
            LingeringClose(),
            HTTPResponseEncoder(),
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits.decoder)
            ),
            OldClientHandler(),
            ContinueHandler(),
            HTTP1ToHTTPServerCodec(secure: certificate != nil),
            WriteDeadline(limit: limits.idleTimeout),
            AnswerEnding(limit: limits.idleTimeout),
            HeadDeadline(limit: limits.headLimit, place: place),
            BodyDeadline(limit: limits.headLimit),
            UpgradeHandler(),
            HTTPConnectionStateHandler(idleTimeout: limits.idleTimeout, logger: logger)
        )
        let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
        return Value(parts: parts, place: place)
    }
}
