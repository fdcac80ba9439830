import Conversation
import HTTPTypes
import Hummingbird
import Serving
import Settings

/// How the client of a conversation's socket wants it, from the query of its address.
struct SocketManner: Sendable {
    /// Who answers.
    enum Mode: String, Sendable, CaseIterable {
        /// What was said comes back.
        case echo
        /// Canned replies, by what was said.
        case template
        /// The responders of the settings.
        case responder
    }

    var voice: VoiceWish
    var mode: Mode
    var aggressiveness: Int
    var turnTaking: TurnTaking
    /// Whether transcripts are sent while the user speaks.
    var sendsPartials: Bool
    /// Whether the client tells what it has heard.
    var acknowledges: Bool
    var sampleRate: Int
    /// Whether the user agrees to be recorded.
    var consents: Bool

    /// Reads the query. Throws `APIFailure` (403, as a refused handshake of the STTS server) with everything that is wrong.
    init(_ request: Request, settings: Settings, standard: Mode) throws(APIFailure) {
        var fields = FieldReader(form: UploadedForm())
        fields.addQuery(of: request)
        voice = VoiceWish(from: &fields)
        mode = fields.choice("response_mode", expected: Mode.allCases.map(\.rawValue), Mode.init) ?? standard
        aggressiveness = fields.integer("pause_aggressiveness", in: 0...3) ?? 2
        turnTaking = TurnTaking(settings) { .segments(ahead: $0) }
        turnTaking.change(by: &fields)
        sendsPartials = fields.bool("partials") ?? false
        acknowledges = fields.bool("heard") ?? false
        sampleRate = fields.integer("sample_rate", in: SocketSound.rates) ?? 16_000
        consents = fields.bool("record") ?? false
        fields.know("enable_analytics", "log_level", "token", "access_token")
        fields.lookAtOthers(meaning: ["voice": "predefined_voice_id", "mode": "response_mode", "lang": "language"])
        try fields.checkHandshake()
    }
}

extension FieldReader {
    /// Throws the faults found so far as a refused handshake (403).
    func checkHandshake() throws(APIFailure) {
        do throws(APIFailure) {
            try check()
        } catch {
            var failure = APIFailure(.forbidden, error.code, error.message)
            failure.headers = error.headers
            throw failure
        }
    }
}

extension TurnTaking {
    /// Takes what a client says about turns, in a query or a message.
    mutating func change(by fields: inout FieldReader) {
        if let policy = fields.choice("turn_policy", expected: Endpointing.allCases.map(\.rawValue), Endpointing.init) {
            if policy == .fixed, endpointing != .fixed { silence = TurnTaking.serverVAD.silence }
            endpointing = policy
        }
        interruption =
            fields.choice("interruption", expected: Interruption.allCases.map(\.rawValue), Interruption.init)
            ?? interruption
        let lengths = 100...10_000
        func duration(_ milliseconds: Int?) -> Duration? { milliseconds.map { .milliseconds($0) } }
        minimumSilence = duration(fields.integer("min_silence_ms", in: lengths)) ?? minimumSilence
        silence = duration(fields.integer("silence_ms", in: lengths)) ?? silence
        maximumSilence = duration(fields.integer("max_silence_ms", in: lengths)) ?? maximumSilence
        if let answers = fields.bool("answer_ahead") { answersAhead = answers }
    }
}
