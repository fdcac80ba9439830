internal import Foundation

/// What is known of a conversation when it begins.
public struct NewSession: Sendable, Equatable {
    /// A name of 1 to 128 letters, digits, `-`, `_`, `.` and `:`.
    public var id: String
    /// The API through which it is opened, at most 256 bytes.
    public var api: String
    /// What the user is called, at most 256 bytes.
    public var userName: String?
    /// The language spoken, a BCP 47 tag of at most 256 bytes.
    public var language: String
    /// A JSON object of at most 16 KiB.
    public var metadata: String

    /// A conversation that begins; without `id` under a name that cannot be guessed.
    public init(
        id: String? = nil,
        api: String,
        userName: String? = nil,
        language: String = "en",
        metadata: String = "{}"
    ) {
        self.id = id ?? RandomToken.identifier()
        self.api = api
        self.userName = userName
        self.language = language
        self.metadata = metadata
    }

    func validate() throws {
        try Self.validate(id: id)
        try Limits.require(api, "name of the API", within: Limits.name)
        try Limits.require(userName ?? "", "user's name", within: Limits.name)
        try Limits.require(language, "language", within: Limits.name)
        try Limits.require(metadata, "session's metadata", within: Limits.metadata)
        guard (try? JSONSerialization.jsonObject(with: Data(metadata.utf8))) is [String: Any] else {
            throw StorageError.invalid(what: "session's metadata", reason: "it is not a JSON object")
        }
    }

    private static func validate(id: String) throws {
        let isFit = id.utf8.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ":": true
            default: false
            }
        }
        guard isFit, 1...128 ~= id.utf8.count else {
            throw StorageError.invalid(
                what: "session id “\(id.forMessage)”",
                reason: "it must be 1 to 128 letters, digits, hyphens, underscores, dots and colons"
            )
        }
    }
}
