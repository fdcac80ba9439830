import Audio

/// Why speech could not be recognised or made.
public enum SpeechError: Error, Sendable, Equatable {
    /// The engine cannot be used; the reason says what is missing and how to get it.
    case unavailable(engine: String, reason: String)
    /// The engine has as much waiting as it may have.
    case busy(engine: String, retryAfter: Duration)
    /// The engine was asked and failed.
    case failed(engine: String, reason: String)
    /// The engine does not do what it was asked for, and would not do it the next time either.
    case refused(engine: String, reason: String)
    /// The engine reported success but produced nothing.
    case producedNothing(engine: String)
    /// Every engine that could have done it failed.
    case allFailed(role: EngineDescription.Role, reasons: [String])
    /// The engine of a voice that was asked for by name cannot be used now; `cause` says why, and no other engine is to
    /// speak in its place. `retryAfter` says when it may be worth to try again, where that is known.
    indirect case voiceUnusable(Speaker, cause: SpeechError, retryAfter: Duration?)
    /// No engine has this name.
    case unknownEngine(String, known: [String])
    /// No voice has this name.
    case unknownVoice(String, suggestions: [String])
    /// The speed is not one that engines can do.
    case speedOutOfRange(Double)
    /// No recogniser in use understands this language.
    case languageNotUnderstood(String, known: [String])
    /// There is nothing in the text that can be spoken.
    case nothingToSay
    /// The text is longer than allowed; both counts are in characters.
    case textTooLong(count: Int, limit: Int)
}

extension SpeechError: CustomStringConvertible {
    /// One sentence that names what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .unavailable(let engine, let reason):
            return "The engine \(engine) is not available: \(reason)"
        case .busy(let engine, let retryAfter):
            let seconds = max(1, Int(retryAfter.seconds.rounded(.up)))
            return "The engine \(engine) has no room for more work; try again in \(seconds) s."
        case .failed(let engine, let reason):
            return "The engine \(engine) failed: \(reason)"
        case .refused(let engine, let reason):
            return "The engine \(engine) refuses this request: \(reason)"
        case .producedNothing(let engine):
            return "The engine \(engine) reported success but produced nothing."
        case .allFailed(let role, let reasons):
            let what = role == .recognizer ? "recogniser" : role == .synthesizer ? "synthesiser" : "voice detector"
            return "No \(what) could do it. " + reasons.joined(separator: " ")
        case .voiceUnusable(let speaker, let cause, _):
            return "The voice \(speaker.id.forMessage) cannot be used now. \(cause) Or choose another voice."
        case .unknownEngine(let name, let known):
            return "There is no engine named “\(name.forMessage)”; known are \(known.joined(separator: ", "))."
        case .unknownVoice(let name, let suggestions):
            let hint = suggestions.isEmpty ? "" : " Try \(suggestions.joined(separator: ", "))."
            return "There is no voice named “\(name.forMessage)”.\(hint)"
        case .speedOutOfRange(let speed):
            let range = SynthesisOptions.speeds
            return "The speed \(speed) is out of range; use \(range.lowerBound) to \(range.upperBound)."
        case .languageNotUnderstood(let language, let known):
            return "The recogniser does not understand “\(language.forMessage)”, only \(known.joined(separator: ", "))."
        case .nothingToSay:
            return "The text has nothing in it that can be spoken; give at least one letter or digit."
        case .textTooLong(let count, let limit):
            return "The text has \(count) characters, more than the \(limit) allowed; split it."
        }
    }
}

extension String {
    /// The text made fit for one line of a message: control characters removed, at most 80 characters.
    var forMessage: String {
        let clean = String(unicodeScalars.filter { $0.properties.generalCategory != .control })
        return clean.count > 80 ? clean.prefix(80) + "…" : clean
    }
}
