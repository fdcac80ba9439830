public import Foundation

/// What a recording says of itself, in `recording.json`.
public struct RecordingHeader: Codable, Sendable, Equatable {
    /// The version of the form in which recordings are written.
    public static let currentVersion = 1

    /// The version of the form.
    public var version = RecordingHeader.currentVersion
    /// The session that was recorded.
    public var session: String
    /// The API that it came through.
    public var api: String
    /// When it began.
    public var startedAt: Date
    /// Whether the user said that it may be recorded.
    public var consent: Bool
    /// The rate of `user.flac`, in Hz.
    public var userRate: Int
    /// The rate of `answer.flac`, in Hz.
    public var answerRate: Int
    /// The BCP 47 tag of the language that was asked for; nil if none was.
    public var language: String?

    /// The header of a recording that begins.
    public init(
        session: String,
        api: String,
        startedAt: Date = Date(),
        consent: Bool,
        userRate: Int = 16_000,
        answerRate: Int = 24_000,
        language: String? = nil
    ) {
        self.session = session
        self.api = api
        self.startedAt = startedAt
        self.consent = consent
        self.userRate = userRate
        self.answerRate = answerRate
        self.language = language
    }

    enum CodingKeys: String, CodingKey {
        case version, session, api, consent, language
        case startedAt = "started_at"
        case userRate = "user_rate"
        case answerRate = "answer_rate"
    }
}

/// The names of a recording's files within its folder.
enum RecordingFile {
    static let header = "recording.json"
    static let events = "events.jsonl"
    static let user = "user.flac"
    static let answer = "answer.flac"
}

/// Why a recording cannot be made or read.
public enum RecordingError: Error, Equatable, CustomStringConvertible {
    /// The identifier of a session that cannot name a folder.
    case badName(String)
    /// A file cannot be written.
    case unwritable(path: String, reason: String)
    /// A file cannot be read, or is not of this form.
    case unreadable(path: String, reason: String)
    /// Nothing was recorded under that name.
    case missing(path: String)

    /// One sentence with the remedy.
    public var description: String {
        switch self {
        case .badName(let name):
            "\(name.prefix(80)) cannot name a recording; use letters, digits, hyphens and underscores."
        case .unwritable(let path, let reason):
            "The recording cannot be written to \(path): \(reason). Check recording.folder and the space on its disk."
        case .unreadable(let path, let reason): "\(path) cannot be read as part of a recording: \(reason)."
        case .missing(let path): "There is no recording in \(path); name a folder that has a \(RecordingFile.header)."
        }
    }
}
