import Foundation
import Serving

extension ServerSentEvent {
    /// More encoded sound.
    static func speech(delta bytes: [UInt8]) -> ServerSentEvent {
        ServerSentEvent(data: [
            "type": "speech.audio.delta", "audio": .string(Data(bytes).base64EncodedString()),
        ])
    }

    /// The end of the sound, which is the last event.
    static func speechDone(text: String, duration: Duration) -> ServerSentEvent {
        let input = TokenEstimate.text(text)
        let output = TokenEstimate.spoken(duration)
        return ServerSentEvent(data: [
            "type": "speech.audio.done",
            "usage": [
                "input_tokens": .number(Double(input)), "output_tokens": .number(Double(output)),
                "total_tokens": .number(Double(input + output)),
            ],
        ])
    }
}
