import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// The channel of an HTTP connection that may become a WebSocket.
///
/// As Hummingbird's own, but for the decoder, which passes on what a client has sent behind a request for an upgrade, and
/// for the handlers that watch over heads, bodies, answers and upgrades.
struct ServerChannel: ServerChildChannel, HTTPChannelHandler {
    /// The limits of a connection.
    struct Configuration: Sendable {
        var decoder: NIOHTTPDecoderLimitConfiguration
        var headLimit: Duration
        var idleTimeout: Duration
    }

    let responder: HTTPChannelHandler.Responder
    let configuration: Configuration

    func setup(
        channel: any Channel,
        logger: Logger
    ) -> EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(
                HTTPResponseEncoder(),
                ByteToMessageHandler(
                    HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: configuration.decoder)
                ),
                OldClientHandler(),
                ContinueHandler(),
                HTTP1ToHTTPServerCodec(secure: false),
                WriteDeadline(limit: configuration.idleTimeout),
                HeadDeadline(limit: configuration.headLimit),
                BodyDeadline(limit: configuration.headLimit),
                UpgradeHandler(),
                HTTPConnectionStateHandler(idleTimeout: configuration.idleTimeout, logger: logger)
            )
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }

    func handle(value channel: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, logger: Logger) async {
        await handleHTTP(asyncChannel: channel, logger: logger)
    }
}
