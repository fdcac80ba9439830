import Events
import NIOCore
import Testing

@testable import EventsAPI

@Suite struct ClientCommandTests {
    private func mistake(_ text: String) -> ClientMistake? {
        do {
            _ = try ClientCommand(ByteBuffer(string: text))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("not json", nil), ("", nil), ("{\"type\":\"ping\"} x", nil), ("[1]", "not_an_object"),
            ("null", "not_an_object"), ("\"x\"", "not_an_object"), ("{\"type\":\"nothing\"}", "unknown_type"),
            ("{\"type\":5}", "unknown_type"), ("{\"type\":null}", "unknown_type"),
            ("{\"type\":\"subscribe\"}", "missing_topic"), ("{\"type\":\"subscribe\",\"topic\":\"\"}", "missing_topic"),
            ("{\"type\":\"subscribe\",\"topic\":\"a//b\"}", "invalid_topic"),
            ("{\"type\":\"publish\",\"topic\":\"a/*\"}", "invalid_topic"),
            ("{\"type\":\"publish\",\"topic\":\"a\",\"message_type\":\"x\"}", "unknown_type"),
            ("{\"type\":\"publish\",\"topic\":\"a\",\"data\":[]}", "invalid_data"),
            ("{\"type\":\"publish\",\"topic\":\"a\",\"key\":1}", "invalid_data"),
            ("{\"type\":\"subscribe\",\"topic\":\"a\",\"since\":{\"epoch\":\"e\"}}", "invalid_data"),
            ("{\"type\":\"subscribe\",\"topic\":\"a\",\"filter\":{\"data\":{\"x\":[]}}}", "invalid_data"),
            ("{\"type\":\"subscribe\",\"topic\":\"a\",\"filter\":{\"types\":[\"eror\"]}}", "invalid_data"),
            ("{\"type\":\"publish\",\"topic\":\"a\",\"ack\":\"no\"}", "invalid_data"),
            ("{\"type\":\"publish\",\"topic\":\"a\",\"remove\":1}", "invalid_data"),
            ("{\"type\":\"history\",\"topic\":\"a\",\"limit\":-1}", "invalid_data"),
            ("{\"type\":\"history\",\"topic\":\"a\",\"limit\":\"9\"}", "invalid_data"),
            (String(repeating: "{\"a\":", count: 40), "invalid_data"),
        ] as [(String, String?)]
    ) func `a message that cannot be understood is refused with its reason`(text: String, code: String?) throws {
        let mistake = try #require(self.mistake(text))
        #expect(mistake.code == code)
        #expect(!mistake.message.isEmpty)
    }

    @Test func `broken JSON is answered as the old service did`() throws {
        #expect(try #require(mistake("{")).message == "Invalid JSON")
    }

    @Test func `a topic may be called channel`() throws {
        guard
            case .subscribe(let request, "training", true, false) =
                try ClientCommand(ByteBuffer(string: "{\"type\":\"subscribe\",\"channel\":\"training\"}"))
        else {
            Issue.record("another command")
            return
        }
        #expect(request.pattern == .exact(try TopicName("training")))
    }

    @Test func `an object without a type is for the handlers of custom messages`() throws {
        guard case .other(.custom) = try ClientCommand(ByteBuffer(string: "{}")) else {
            Issue.record("another command")
            return
        }
    }

    @Test func `what is published keeps the order of its keys and loses its spaces`() throws {
        let text = #"{"type": "publish", "topic": "a", "data": {"z": 1, "a": [ 1, 2 ]}, "ack": false}"#
        guard case .publish(let draft, _, false) = try ClientCommand(ByteBuffer(string: text)) else {
            Issue.record("another command")
            return
        }
        #expect(String(buffer: draft.data) == #"{"z":1,"a":[1,2]}"#)
    }
}
