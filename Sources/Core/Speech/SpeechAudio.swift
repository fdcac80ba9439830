public import Audio

/// Speech as it is made: pieces of sound, produced only when asked for.
public struct SpeechAudio: AsyncSequence, Sendable {
    /// A piece of sound. All pieces of one segment have the same sample rate.
    public typealias Element = PCM

    private let pull: @Sendable () async throws -> PCM?

    /// Speech whose pieces `pull` makes one by one until it returns nil.
    public init(_ pull: @escaping @Sendable () async throws -> PCM?) {
        self.pull = pull
    }

    /// Speech that is made as a whole by `make`.
    public init(whole make: @escaping @Sendable () async throws -> PCM) {
        let once = Once(make)
        pull = { try await once.next() }
    }

    /// Starts the work. Speech is read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pull: pull)
    }

    /// Reads the pieces.
    public struct Iterator: AsyncIteratorProtocol {
        private var pull: (@Sendable () async throws -> PCM?)?

        fileprivate init(pull: @escaping @Sendable () async throws -> PCM?) {
            self.pull = pull
        }

        /// The next piece, nil at the end. Throws what the maker throws, or `CancellationError` when the reading task
        /// is cancelled, so that speech that was cut off never looks complete; after that there is nothing more.
        public mutating func next() async throws -> PCM? {
            guard let pull else { return nil }
            self.pull = nil
            try Task.checkCancellation()
            let piece = try await pull()
            try Task.checkCancellation()
            guard let piece else { return nil }
            self.pull = pull
            return piece
        }
    }
}

/// Makes one piece.
private actor Once {
    private var make: (@Sendable () async throws -> PCM)?

    init(_ make: @escaping @Sendable () async throws -> PCM) {
        self.make = make
    }

    func next() async throws -> PCM? {
        let make = self.make
        self.make = nil
        return try await make?()
    }
}
