import Dialogue
import HTTPTypes
import NIOCore
import Speech
import Testing

@testable import Serving

/// What the log says of failures.
@Suite struct LogTextTests {
    private struct Foreign: Error, CustomStringConvertible { let description = "the user said swordfish" }

    @Test func `of an error of an unknown kind only the kind is logged`() {
        #expect(APIFailure(Foreign()).logText == "an error of the kind Foreign")
    }

    @Test func `errors of ours are logged as they are`() {
        let failed = SpeechError.failed(engine: "piper", reason: "it is out of memory.")
        #expect(APIFailure(failed).logText == failed.description)
        let refused = ResponderError(responder: "model", code: .emptyAnswer)
        #expect(APIFailure(refused).logText == refused.description)
        #expect(APIFailure(IOError(errnoCode: 24, reason: "accept")).logText.contains("accept"))
    }

    @Test(arguments: [
        (ResponderError.Code.timedOut(.answer, after: .seconds(1)), 504), (.unreachable(reason: "x"), 502),
        (.refused(status: 401, word: nil), 502), (.unavailable(retryAfter: .seconds(3)), 503),
    ])
    func `failures of responders have a status`(code: ResponderError.Code, status: Int) {
        #expect(APIFailure(ResponderError(responder: "model", code: code)).status.code == status)
    }
}
