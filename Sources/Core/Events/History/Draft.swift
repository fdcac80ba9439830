public import NIOCore

/// What a publisher gives: a publication without its number.
public struct Draft: Sendable, Equatable {
    /// The longest idempotency key and the longest state key in bytes.
    public static let maximumKeyBytes = 255

    /// What kind of message it is; normally the raw value of an `EventType`.
    public var type: String
    /// The payload: a JSON object without spaces.
    public var data: ByteBuffer
    /// When it was published.
    public var timestamp: Timestamp
    /// A key under which a repeated draft is recognised and not published again.
    public var idempotencyKey: String?
    /// The entry of the topic's keyed state that it replaces or removes.
    public var stateKey: String?
    /// Whether it removes the entry of its state key.
    public var isRemoval: Bool
    /// For whom what the topic holds counts, such as the identifier of an API key; nil for the program itself.
    public var publisher: String?

    /// A draft, dated now unless told.
    public init(
        type: String,
        data: ByteBuffer,
        timestamp: Timestamp = .now,
        idempotencyKey: String? = nil,
        stateKey: String? = nil,
        isRemoval: Bool = false,
        publisher: String? = nil
    ) {
        self.type = type
        self.data = data
        self.timestamp = timestamp
        self.idempotencyKey = idempotencyKey
        self.stateKey = stateKey
        self.isRemoval = isRemoval
        self.publisher = publisher
    }

    /// Checks the keys of a draft from outside; throws when one is empty or too long, or when a removal names no entry.
    public func check() throws(DraftError) {
        if let idempotencyKey, !(1...Self.maximumKeyBytes).contains(idempotencyKey.utf8.count) {
            throw .idempotencyKeyLength(idempotencyKey.utf8.count)
        }
        if let stateKey, !(1...Self.maximumKeyBytes).contains(stateKey.utf8.count) {
            throw .stateKeyLength(stateKey.utf8.count)
        }
        for key in [idempotencyKey, stateKey] {
            if let key, key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { throw .controlCharacter }
        }
        if isRemoval, stateKey == nil { throw .removalWithoutKey }
    }
}
