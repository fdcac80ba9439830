import Foundation
import Hummingbird
import Serving
import Speech

/// A finished transcript, to be written down in any of OpenAI's formats.
struct TranscriptOutput: Sendable {
    var transcript: Transcript
    /// How long the recording is.
    var duration: Duration
    var request: TranscriptionRequest
    /// How subtitles are written.
    var subtitles = Subtitles()

    /// The transcript as the client asked for it.
    var response: Response {
        switch request.format {
        case .json: Response(json: ["text": .string(transcript.text), "usage": usage])
        case .verboseJSON: Response(json: verbose)
        case .text: plain(transcript.text + "\n")
        case .srt: plain(subtitles.render(transcript.segments, as: .srt))
        case .vtt: plain(subtitles.render(transcript.segments, as: .vtt))
        }
    }

    private func plain(_ text: String) -> Response {
        Response(text: text, contentType: "text/plain; charset=utf-8")
    }

    /// Seconds, begun ones in full.
    private var usage: JSONValue {
        ["type": "duration", "seconds": .number(duration.inSeconds.rounded(.up))]
    }

    private var verbose: JSONValue {
        var members: [String: JSONValue] = [
            "task": .string(request.task.rawValue), "language": languageName.map { .string($0) } ?? .null,
            "duration": .number(duration.inSeconds.inMilliseconds), "text": .string(transcript.text), "usage": usage,
        ]
        if request.granularities.isEmpty || request.granularities.contains(.segment) {
            members["segments"] = .array(transcript.segments.enumerated().map(segment))
        }
        if request.granularities.contains(.word) {
            members["words"] = .array(
                transcript.segments.flatMap(\.estimatedWords).map { word in
                    ["word": .string(word.word), "start": .number(word.start), "end": .number(word.end)]
                }
            )
        }
        return .object(members)
    }

    /// A segment as Whisper has it. What the recognisers here do not tell is null: the fields are there because clients read
    /// them.
    private func segment(_ index: Int, _ segment: Transcript.Segment) -> JSONValue {
        [
            "id": .number(Double(index)), "seek": .null, "start": .number(segment.start.inMilliseconds),
            "end": .number(segment.end.inMilliseconds), "text": .string(segment.text), "tokens": .null,
            "temperature": .null, "avg_logprob": .null, "compression_ratio": .null, "no_speech_prob": .null,
        ]
    }

    /// The language in English and lower case, as Whisper writes it; nil when nobody says which it is.
    private var languageName: String? {
        guard let tag = transcript.language ?? request.languages.first else { return nil }
        let code = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        return Locale(identifier: "en_US").localizedString(forLanguageCode: code)?.lowercased() ?? tag
    }
}

extension Duration {
    /// This time in seconds.
    var inSeconds: Double { self / .seconds(1) }
}
