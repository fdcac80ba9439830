internal import Foundation
internal import GRDB

/// The histories of topics that outlive the process.
public struct TopicStore: Sendable {
    /// Where a topic stands.
    public struct Position: Sendable, Equatable {
        /// The topic's name.
        public let topic: String
        /// The life of its numbering.
        public let epoch: String
        /// The number of its last message.
        public let offset: Int64
    }

    let connection: StoreConnection

    /// Keeps messages, all or none, each the next of its topic; returns after the commit.
    public func append(_ publications: [StoredPublication]) async throws {
        guard !publications.isEmpty else { return }
        try await connection.write { database in
            let position = try database.cachedStatement(
                sql: """
                    INSERT INTO topics (name, epoch, last_offset) VALUES (?1, ?2, ?3)
                    ON CONFLICT (name) DO UPDATE SET epoch = ?2, last_offset = ?3
                    """
            )
            let message = try database.cachedStatement(
                sql: """
                    INSERT INTO publications
                        (topic, epoch, number, type, data, timestamp, state_key, is_removal, idempotency_key)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            )
            for publication in publications {
                try position.execute(arguments: [publication.topic, publication.epoch, publication.offset])
                try message.execute(arguments: [
                    publication.topic, publication.epoch, publication.offset, publication.type, publication.data,
                    publication.timestamp, publication.stateKey, publication.isRemoval, publication.idempotencyKey,
                ])
            }
        }
    }

    /// Where the topics stand that were ever written to.
    public func positions() async throws -> [Position] {
        try await connection.read { database in
            try Row.fetchAll(database, sql: "SELECT name, epoch, last_offset FROM topics ORDER BY name").map { row in
                Position(topic: row["name"], epoch: row["epoch"], offset: row["last_offset"])
            }
        }
    }

    /// What is kept of a topic in one epoch, by number.
    public func publications(of topic: String, epoch: String) async throws -> [StoredPublication] {
        try await connection.read { database in
            let sql = """
                SELECT number, type, data, timestamp, state_key, is_removal, idempotency_key FROM publications
                WHERE topic = ? AND epoch = ? ORDER BY number
                """
            return try Row.fetchAll(database, sql: sql, arguments: [topic, epoch]).map { row in
                StoredPublication(
                    topic: topic,
                    epoch: epoch,
                    offset: row["number"],
                    type: row["type"],
                    data: row["data"],
                    timestamp: row["timestamp"],
                    stateKey: row["state_key"],
                    isRemoval: row["is_removal"],
                    idempotencyKey: row["idempotency_key"]
                )
            }
        }
    }

    /// Forgets a topic's messages up to a number, but for those that are the last word on an entry of its state.
    public func trim(_ topic: String, through offset: Int64) async throws {
        try await connection.write { database in
            try database.cachedStatement(
                sql: """
                    DELETE FROM publications WHERE topic = ?1 AND number <= ?2 AND (
                        state_key IS NULL OR is_removal OR EXISTS (
                            SELECT 1 FROM publications AS later
                            WHERE later.topic = ?1 AND later.epoch = publications.epoch
                                AND later.state_key = publications.state_key AND later.number > publications.number
                        )
                    )
                    """
            ).execute(arguments: [topic, offset])
        }
    }
}
