import Serving
import Speech

/// The events of a transcript that is sent while it is made.
struct TranscriptEvents: Sendable {
    /// Whether segments are sent with their speaker too.
    let isDiarized: Bool
    private var count = 0

    init(isDiarized: Bool) {
        self.isDiarized = isDiarized
    }

    /// The events for the next segment. The deltas together are the text of the transcript.
    mutating func events(for segment: Transcript.Segment) -> [ServerSentEvent] {
        var delta: [String: JSONValue] = [
            "type": "transcript.text.delta", "delta": .string(count == 0 ? segment.text : " " + segment.text),
        ]
        var events: [ServerSentEvent] = []
        if isDiarized {
            delta["segment_id"] = .string(TranscriptOutput.segmentID(count))
            events = [ServerSentEvent(data: TranscriptOutput.diarized(segment, number: count))]
        }
        count += 1
        return [ServerSentEvent(data: .object(delta))] + events
    }

    /// The events at the end.
    static func end(_ transcript: Transcript, duration: Duration) -> [ServerSentEvent] {
        let input = TokenEstimate.heard(duration)
        let output = TokenEstimate.text(transcript.text)
        return [
            ServerSentEvent(data: [
                "type": "transcript.text.done", "text": .string(transcript.text),
                "usage": [
                    "type": "tokens", "input_tokens": .number(Double(input)),
                    "output_tokens": .number(Double(output)), "total_tokens": .number(Double(input + output)),
                    "input_token_details": ["audio_tokens": .number(Double(input)), "text_tokens": 0],
                ],
            ]),
            .done,
        ]
    }
}
