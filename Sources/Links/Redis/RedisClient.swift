public import Logging
public import NIOCore
import NIOPosix
import Resilience
import Synchronization

/// A long-lived client of one Redis server: a connection for commands and one for subscriptions.
///
/// ``run()`` keeps both connections; when one is lost both are made anew, with growing pauses, and the subscriptions are
/// renewed before ``RedisClientState/connected`` is reported. Commands fail at once while there is no connection.
public final class RedisClient: Sendable {
    private struct Links {
        let id: Int
        let commands: RedisConnection
        let subscriber: RedisConnection
    }

    private struct State {
        var links: Links?
        var isReady = false
        var connections = 0
        var channels: Set<String> = []
        var digests: [RedisScript: String] = [:]
    }

    /// Where the server is.
    public let configuration: RedisConfiguration
    private let loop: any EventLoop
    private let logger: Logger
    private let onMessage: @Sendable (String, ByteBuffer) -> Void
    private let onStateChange: @Sendable (RedisClientState) -> Void
    private let state = Mutex(State())

    /// A client, which connects when ``run()`` is called.
    /// - Parameters:
    ///   - onMessage: gets each published message, in order, on the event loop of the client: it must not block.
    ///   - onStateChange: gets each change between connected and disconnected, in order.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        onMessage: @escaping @Sendable (_ channel: String, _ payload: ByteBuffer) -> Void = { _, _ in },
        onStateChange: @escaping @Sendable (RedisClientState) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.loop = eventLoopGroup.next()
        self.logger = logger
        self.onMessage = onMessage
        self.onStateChange = onStateChange
    }

    // MARK: Running

    /// Keeps the connections until the task is cancelled.
    public func run() async {
        let policy = RetryPolicy(
            attempts: 100,
            baseDelay: .milliseconds(100),
            maximumDelay: configuration.maximumReconnectDelay
        )
        var random = SystemRandomNumberGenerator()
        let clock = ContinuousClock()
        var attempt = 1
        var lastReason: RedisError?
        while !Task.isCancelled {
            let reason: RedisError
            do throws(RedisError) {
                let links = try await connect()
                logger.info("connected to Redis", metadata: ["address": "\(configuration)"])
                lastReason = nil
                onStateChange(.connected)
                let begin = clock.now
                reason = await end(of: links)
                // A connection that ends soon is no reason to try faster.
                if clock.now - begin > .seconds(10) { attempt = 1 }
            } catch {
                reason = error
            }
            state.withLock { ($0.links, $0.isReady) = (nil, false) }
            if reason != lastReason, !Task.isCancelled {
                logger.warning("no connection to Redis", metadata: ["reason": "\(reason)"])
                onStateChange(.disconnected(reason))
            }
            lastReason = reason
            attempt = min(attempt + 1, 100)
            let delay = policy.delay(beforeAttempt: attempt, using: &random) ?? configuration.maximumReconnectDelay
            try? await Task.sleep(for: max(delay, .milliseconds(10)))
        }
        onStateChange(.disconnected(.cancelled))
    }

    private func connect() async throws(RedisError) -> Links {
        let commands = try await RedisConnection.connect(to: configuration, isSubscriber: false, on: loop) { _, _ in }
        let subscriber: RedisConnection
        do {
            subscriber = try await .connect(to: configuration, isSubscriber: true, on: loop, onMessage: onMessage)
        } catch {
            commands.close(error)
            throw error
        }
        // From here on new subscriptions are made by who asks for them; the known ones are renewed below.
        let (links, channels) = state.withLock { state in
            state.connections += 1
            let links = Links(id: state.connections, commands: commands, subscriber: subscriber)
            state.links = links
            return (links, Array(state.channels))
        }
        do {
            for start in stride(from: 0, to: channels.count, by: 500) {
                try await subscribe(channels[start..<min(start + 500, channels.count)], through: links)
            }
        } catch {
            commands.close(error)
            subscriber.close(error)
            throw error
        }
        // Who unsubscribed meanwhile may have been overtaken by the renewal.
        let unwanted = state.withLock { state in
            state.isReady = true
            return channels.filter { !state.channels.contains($0) }
        }
        for channel in unwanted { try? await unsubscribe(channel, from: links) }
        return links
    }

    /// Waits until one connection has ended, ends the other, and tells why.
    private func end(of links: Links) async -> RedisError {
        links.commands.ended.whenSuccess { links.subscriber.close($0) }
        links.subscriber.ended.whenSuccess { links.commands.close($0) }
        return await withTaskCancellationHandler {
            let reason = try? await links.commands.ended.get()
            _ = try? await links.subscriber.ended.get()
            return reason ?? .cancelled
        } onCancel: {
            links.commands.close(.cancelled)
        }
    }

    // MARK: Commands

    /// Whether commands are carried out at the moment.
    public var isConnected: Bool { state.withLock(\.isReady) }

    /// The present connection; nil when there is none.
    public var session: RedisSession? {
        state.withLock { state in
            guard state.isReady, let links = state.links else { return nil }
            return RedisSession(id: links.id, connection: links.commands, subscriber: links.subscriber)
        }
    }

    private func connectedSession() throws(RedisError) -> RedisSession {
        guard let session else { throw .notConnected }
        return session
    }

    /// Sends a command and waits for its reply.
    /// - Throws: ``RedisError``; an error reply of the server as ``RedisError/server(_:)``.
    @discardableResult
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await connectedSession().send(command)
    }

    /// Sends commands together and waits for all replies, in the order of the commands; error replies are among them
    /// as ``RESPValue/error(_:)``.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        return try await connectedSession().pipeline(commands)
    }

    /// Carries out a script, which is handed to the server when it does not know it yet.
    @discardableResult
    public func eval(
        script: RedisScript,
        keys: [String] = [],
        arguments: [RedisCommand.Argument] = []
    ) async throws(RedisError) -> RESPValue {
        let rest = [.number(keys.count)] + keys.map(RedisCommand.Argument.text) + arguments
        let digest = try await digest(of: script)
        do {
            return try await send(RedisCommand("EVALSHA", [.text(digest)] + rest))
        } catch {
            // The server was restarted or told to forget its scripts; EVAL teaches it again.
            guard error.code == "NOSCRIPT" else { throw error }
            return try await send(RedisCommand("EVAL", [.text(script.source)] + rest))
        }
    }

    private func digest(of script: RedisScript) async throws(RedisError) -> String {
        if let known = state.withLock({ $0.digests[script] }) { return known }
        let digest = try await connectedSession().load(script)
        state.withLock { $0.digests[script] = digest }
        return digest
    }

    // MARK: Subscriptions

    /// Subscribes to a channel, now and on every later connection, until ``unsubscribe(_:)``.
    /// - Returns: true when the subscription is in force; false when there is no connection and it will be in force
    ///   when ``RedisClientState/connected`` is reported next.
    /// - Throws: ``RedisError/server(_:)`` when the server refuses; the channel is then given up. After any other error
    ///   it is still wanted, and will be in force on the next connection.
    @discardableResult
    public func subscribe(_ channel: String) async throws(RedisError) -> Bool {
        let links = state.withLock { state in
            state.channels.insert(channel)
            return state.links
        }
        guard let links else { return false }
        do {
            try await subscribe([channel], through: links)
            return true
        } catch {
            switch error {
            case .notConnected, .connectionClosed: return false
            case .server: state.withLock { _ = $0.channels.remove(channel) }
            default: break
            }
            throw error
        }
    }

    /// Ends the subscription to a channel. Messages that are already on their way may still arrive before it returns.
    public func unsubscribe(_ channel: String) async throws(RedisError) {
        let links = state.withLock { state in
            state.channels.remove(channel)
            return state.links
        }
        guard let links else { return }
        try await unsubscribe(channel, from: links)
    }

    private func unsubscribe(_ channel: String, from links: Links) async throws(RedisError) {
        do {
            _ = try await links.subscriber.send([RedisCommand("UNSUBSCRIBE", .text(channel))], replies: 1)
        } catch {
            // Nothing is subscribed without a connection, and the next one does not renew the channel.
            switch error {
            case .notConnected, .connectionClosed: return
            default: throw error
            }
        }
    }

    private func subscribe(_ channels: ArraySlice<String>, through links: Links) async throws(RedisError) {
        let command = RedisCommand("SUBSCRIBE", channels.map(RedisCommand.Argument.text))
        let replies = try await links.subscriber.send([command], replies: channels.count)
        for case .error(let message) in replies { throw .server(message) }
    }
}
