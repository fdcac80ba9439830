import Serving
import Speech

/// The events of a transcript that is sent while it is made.
struct TranscriptEvents: Sendable {
    private var count = 0

    /// The events for the next segment. The deltas together are the text of the transcript.
    mutating func events(for segment: Transcript.Segment) -> [ServerSentEvent] {
        defer { count += 1 }
        return [
            ServerSentEvent(data: [
                "type": "transcript.text.delta", "delta": .string(count == 0 ? segment.text : " " + segment.text),
            ])
        ]
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
