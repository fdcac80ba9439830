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
    /// - Parameters:
    ///   - numbers: the numbers of the messages that are meant.
    ///   - prefersNewest: whether the newest of them are returned when there are too many, not the oldest.
    ///   - maximumCount: the most messages.
    ///   - maximumBytes: so many bytes of payload are enough: the message that reaches them is the last.
    public func publications(
        of topic: String,
        epoch: String,
        numbers: ClosedRange<Int64> = 1 ... .max,
        prefersNewest: Bool = false,
        maximumCount: Int = .max,
        maximumBytes: Int = .max
    ) async throws -> [StoredPublication] {
        try await connection.read { database in
            let sql = """
                SELECT number, type, data, timestamp, state_key, is_removal, idempotency_key FROM publications
                WHERE topic = ? AND epoch = ? AND number BETWEEN ? AND ?
                ORDER BY number \(prefersNewest ? "DESC" : "ASC")
                """
            let rows = try Row.fetchCursor(
                database,
                sql: sql,
                arguments: [topic, epoch, numbers.lowerBound, numbers.upperBound]
            )
            var publications: [StoredPublication] = []
            var bytes = 0
            while publications.count < maximumCount, bytes < maximumBytes, let row = try rows.next() {
                let publication = StoredPublication(
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
                bytes += publication.data.count
                publications.append(publication)
            }
            return prefersNewest ? publications.reversed() : publications
        }
    }

    /// What is not needed of a topic any more: everything of other epochs, and messages up to a number.
    public struct Release: Sendable {
        /// The topic's name.
        public var topic: String
        /// Its epoch.
        public var epoch: String
        /// The number of the last message that is not needed.
        public var offset: Int64
        /// Whether messages that are the last word on an entry of the state stay.
        public var keepsState: Bool
        /// How many messages with an idempotency key stay at most, the newest ones.
        public var keys: Int
        /// From which time on these stay, in microseconds since 1970.
        public var keysSince: Int64
        /// Whether the topic itself goes, with all its messages of this epoch.
        public var isRemoved: Bool

        /// A release.
        public init(
            topic: String,
            epoch: String,
            offset: Int64,
            keepsState: Bool = true,
            keys: Int = 0,
            keysSince: Int64 = 0,
            isRemoved: Bool = false
        ) {
            self.topic = topic
            self.epoch = epoch
            self.offset = offset
            self.keepsState = keepsState
            self.keys = keys
            self.keysSince = keysSince
            self.isRemoved = isRemoved
        }
    }

    /// Forgets what is not needed any more.
    public func trim(_ releases: [Release]) async throws {
        guard !releases.isEmpty else { return }
        try await connection.write { database in
            for release in releases {
                if release.isRemoved {
                    try Self.remove(release, from: database)
                } else {
                    try Self.trim(release, in: database)
                }
            }
        }
    }

    private static func remove(_ release: Release, from database: Database) throws {
        // Somebody may have published to it again, which began another epoch.
        for table in ["publications WHERE topic", "topics WHERE name"] {
            try database.cachedStatement(sql: "DELETE FROM \(table) = ? AND epoch = ?")
                .execute(arguments: [release.topic, release.epoch])
        }
    }

    private static func trim(_ release: Release, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                DELETE FROM publications WHERE topic = ?1 AND (
                    epoch <> ?2 OR (
                        number <= ?3
                        AND (
                            idempotency_key IS NULL OR timestamp < ?4 OR number <= (
                                SELECT number FROM publications
                                WHERE topic = ?1 AND epoch = ?2 AND idempotency_key IS NOT NULL
                                ORDER BY number DESC LIMIT 1 OFFSET ?5
                            )
                        )
                        AND (
                            NOT ?6 OR state_key IS NULL OR EXISTS (
                                SELECT 1 FROM publications AS later
                                WHERE later.topic = ?1 AND later.epoch = ?2
                                    AND later.state_key = publications.state_key
                                    AND later.number > publications.number
                            )
                            -- A removal stays as long as there is something that it removes.
                            OR is_removal AND NOT EXISTS (
                                SELECT 1 FROM publications AS earlier
                                WHERE earlier.topic = ?1 AND earlier.epoch = ?2
                                    AND earlier.state_key = publications.state_key
                                    AND earlier.number < publications.number
                            )
                        )
                    )
                )
                """
        ).execute(
            arguments: [
                release.topic, release.epoch, release.offset, release.keysSince, release.keys, release.keepsState,
            ]
        )
    }
}
