/// One connection of a ``RedisClient``, for an owner whose commands must not go to the next one.
///
/// All commands fail when the connection has ended, even when the client has a new one.
public struct RedisSession: Sendable, Identifiable {
    /// The number of the connection, 1 for the first of its client.
    public let id: Int
    let connection: RedisConnection
    let subscriber: RedisConnection

    /// Sends commands together, see ``RedisClient/pipeline(_:)``.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        return try await connection.send(commands, replies: commands.count)
    }

    /// Sends a command and waits for its reply, see ``RedisClient/send(_:)``.
    @discardableResult
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let reply = try await pipeline([command])[0]
        if case .error(let message) = reply { throw .server(message) }
        return reply
    }

    /// Hands a script to the server and returns its digest, for `EVALSHA` in a pipeline.
    public func load(_ script: RedisScript) async throws(RedisError) -> String {
        let reply = try await send(RedisCommand("SCRIPT", "LOAD", .text(script.source)))
        guard let digest = reply.string else {
            throw .badReply("Redis gave no digest for the script \(script.name): is it a Redis server?")
        }
        return digest
    }

    /// Returns when every message has been handed over that was published, on a channel of the client, before a reply which
    /// the caller has already: replies and messages come by two connections, and either may overtake the other.
    public func catchUp() async throws(RedisError) {
        _ = try await subscriber.send([RedisCommand("PING")], replies: 1)
    }

    /// Gives up the connection, so that the client makes a new one; for an owner who finds that the server is of no use
    /// although it answers.
    public func close() {
        connection.close(.connectionClosed(reason: "the client gave it up."))
    }
}
