internal import GRDB

/// The tables, as the migrations that lead to them. A migration that was released never changes; new ones are appended.
///
/// Times are milliseconds since 1970, durations milliseconds. Tables are STRICT, so a column holds the type it says.
enum Schema {
    /// Marks the file as Antiphon's: “Anti”.
    static let applicationID: Int32 = 0x416E_7469

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 conversations") { try $0.execute(sql: conversations) }
        migrator.registerMigration("2 idempotency") { try $0.execute(sql: idempotency) }
        migrator.registerMigration("3 API keys") { try $0.execute(sql: apiKeys) }
        migrator.registerMigration("4 API key expiry") { try $0.execute(sql: apiKeyExpiry) }
        migrator.registerMigration("5 secrets") { try $0.execute(sql: secrets) }
        migrator.registerMigration("6 topics") { try $0.execute(sql: topics) }
        migrator.registerMigration("7 ends of turns") { try $0.execute(sql: endsOfTurns) }
        return migrator
    }()

    /// Throws if the database is another program's or has migrations that this version does not know.
    static func requireKnown(_ database: Database, path: String) throws {
        let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        // The migrator's own table may be there alone: the first start can be killed before the first migration.
        let foreign = "SELECT count(*) FROM sqlite_master WHERE tbl_name NOT LIKE 'grdb%'"
        let isEmpty = try Int.fetchOne(database, sql: foreign) == 0
        guard id == applicationID || (id == 0 && isEmpty) else {
            throw StorageError.notADatabase(path: path, reason: "another program made it")
        }
        let known = Set(migrator.migrations)
        let applied = try migrator.appliedIdentifiers(database)
        if let unknown = applied.subtracting(known).max() {
            throw StorageError.newerVersion(path: path, found: unknown)
        }
    }

    private static let conversations = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE sessions (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            api TEXT NOT NULL,
            user_name TEXT,
            language TEXT NOT NULL,
            metadata TEXT NOT NULL,
            outcome TEXT
        ) STRICT;
        CREATE INDEX sessions_by_time ON sessions (created_at);
        CREATE INDEX sessions_by_age ON sessions (coalesce(ended_at, created_at));

        CREATE TABLE messages (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            sequence INTEGER NOT NULL,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            generated_text TEXT,
            turn INTEGER,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (session_id, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE turns (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            turn INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            transcript TEXT NOT NULL,
            answer TEXT NOT NULL,
            heard TEXT NOT NULL,
            responder TEXT,
            handovers TEXT NOT NULL,
            endpointing_ms INTEGER,
            transcription_ms INTEGER,
            first_token_ms INTEGER,
            first_sentence_ms INTEGER,
            synthesis_ms INTEGER,
            first_audio_ms INTEGER,
            total_ms INTEGER,
            generated_ms INTEGER NOT NULL,
            sent_ms INTEGER NOT NULL,
            heard_ms INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (session_id, turn)
        ) STRICT, WITHOUT ROWID;
        """

    private static let idempotency = """
        CREATE TABLE idempotency (
            row INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            response BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
        """

    private static let apiKeys = """
        CREATE TABLE api_keys (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            hash BLOB NOT NULL,
            salt BLOB NOT NULL,
            prefix TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER,
            revoked_at INTEGER,
            scopes TEXT NOT NULL
        ) STRICT;
        CREATE INDEX api_keys_by_prefix ON api_keys (prefix);
        """

    private static let apiKeyExpiry = "ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;"

    private static let secrets = """
        CREATE TABLE secrets (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        """

    private static let topics = """
        CREATE TABLE topics (
            name TEXT NOT NULL PRIMARY KEY,
            epoch TEXT NOT NULL,
            last_offset INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE publications (
            topic TEXT NOT NULL,
            epoch TEXT NOT NULL,
            number INTEGER NOT NULL,
            type TEXT NOT NULL,
            data BLOB NOT NULL,
            timestamp INTEGER NOT NULL,
            state_key TEXT,
            is_removal INTEGER NOT NULL,
            idempotency_key TEXT,
            PRIMARY KEY (topic, epoch, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX publications_by_state ON publications (topic, epoch, state_key, number)
            WHERE state_key IS NOT NULL;
        """

    private static let endsOfTurns = """
        ALTER TABLE turns ADD COLUMN failed_stage TEXT;
        ALTER TABLE turns ADD COLUMN failed_reason TEXT;
        ALTER TABLE turns ADD COLUMN language TEXT;
        ALTER TABLE turns ADD COLUMN leaked_ms INTEGER NOT NULL DEFAULT 0;
        """
}
