import HTTPTypes
import Hummingbird
import Speech
import Testing

@testable import Serving
import Telemetry

@Suite struct ErrorShapeTests {
    @Test(arguments: [
        (Duration.seconds(3), "3"), (.milliseconds(2001), "3"), (.milliseconds(999), "1"), (.zero, "1"),
        (.seconds(60), "60"), (.nanoseconds(1), "1"),
    ])
    func `seconds until the next attempt are whole, and begun ones count in full`(wait: Duration, seconds: String) {
        var failure = APIFailure(.serviceUnavailable, .overloaded, "Later.")
        failure.retryAfter = wait
        for shape in [ErrorShape.speech, .openAI] {
            #expect(shape.response(for: failure, requestID: RequestID()).headers[.retryAfter] == seconds)
        }
    }

    @Test func `a voice whose engine fails for the first time may be tried again soon`() {
        let failure = APIFailure(
            SpeechError.voiceUnusable(
                Speaker(engine: "piper", voice: "joe"),
                cause: .failed(engine: "piper", reason: "it broke."),
                retryAfter: nil
            )
        )
        #expect(failure.status == .serviceUnavailable)
        #expect(ErrorShape.speech.response(for: failure, requestID: RequestID()).headers[.retryAfter] == "1")
    }
}
