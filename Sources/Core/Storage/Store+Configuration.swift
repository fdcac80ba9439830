extension Store {
    /// How a database is opened.
    public struct Configuration: Sendable, Equatable {
        /// What a commit waits for.
        public enum Synchronous: String, Sendable, CaseIterable {
            /// Each commit waits for the disk: what was acknowledged survives a loss of power.
            case full = "FULL"
            /// Commits wait for the operating system only: what was acknowledged survives a crash of the process, but
            /// the last commits may be lost with the power.
            case normal = "NORMAL"
        }

        /// Where the database is; relative paths are taken from the working directory.
        public var path: String
        /// What a commit waits for.
        public var synchronous: Synchronous = .full
        /// How long to wait for another program that holds SQLite's own lock (a backup tool, say).
        public var busyTimeout: Duration = .seconds(5)
        /// How many writes may wait, at least 1; more are refused with `StorageError.busy`.
        public var waitingWriteLimit = 4096
        /// How many writes one transaction takes at most, at least 1.
        public var batchLimit = 512
        /// How many reads run at once, 1 to 64.
        public var readerLimit = 4
        /// The size in bytes to which the write-ahead log is cut back after it had to grow beyond it.
        public var journalSizeLimit = 64 << 20
        /// How long the check of a database that was not closed may take; a longer one is broken off with a warning.
        /// Zero leaves the check out.
        public var checkTimeLimit: Duration = .seconds(15)

        /// The default configuration for a database at `path`.
        public init(path: String) {
            self.path = path
        }
    }
}
