import Audio
import Foundation
import HTTPTypes
import HummingbirdTesting
import Serving
import Testing

@testable import OpenAIAPI

/// Sound in chats, as far as it is read and remembered.
@Suite
struct ChatSoundTests {
    private static func recording(_ data: String = "AAAA", _ format: JSONValue = "wav") -> JSONValue {
        ["type": "input_audio", "input_audio": ["data": .string(data), "format": format]]
    }

    private static func request(_ messages: JSONValue, _ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        ["model": "any", "messages": messages].merging(more) { $1 }
    }

    @Test func `a chat without sound is none of its business`() throws {
        let request = Self.request([["role": "user", "content": "What is input_audio?"]], ["modalities": ["text"]])
        #expect(try ChatSound(in: request, earlier: SpokenAnswers()) == nil)
    }

    @Test func `transcripts take the places of the recordings`() throws {
        let parts: JSONValue = [Self.recording(), ["type": "text", "text": "And?"], Self.recording("AAAAAA==", "MP3")]
        let request = Self.request(
            [["role": "system", "content": "Be brief."], ["role": "user", "content": parts]],
            ["modalities": ["text", "audio"], "audio": ["voice": "alloy", "format": "pcm16"], "stream": true]
        )
        let sound = try #require(try ChatSound(in: request, earlier: SpokenAnswers()))
        #expect(sound.answer == .init(voice: "alloy", format: .pcm))
        #expect(sound.recordings.map(\.bytes.count) == [3, 4])
        let text = sound.request(saying: ["One", "Two"])
        #expect(
            text["messages"]
                == [
                    ["role": "system", "content": "Be brief."],
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "One"], ["type": "text", "text": "And?"],
                            ["type": "text", "text": "Two"],
                        ],
                    ],
                ]
        )
        #expect(text["modalities"] == nil && text["audio"] == nil && text["stream"] == true)
    }

    @Test func `a message may refer to an earlier spoken answer`() throws {
        let earlier = SpokenAnswers()
        _ = earlier.keep("It is noon.", as: "audio_1")
        func request(_ id: JSONValue) -> [String: JSONValue] {
            Self.request([["role": "assistant", "audio": ["id": id]], ["role": "user", "content": "Thanks."]])
        }
        let sound = try #require(try ChatSound(in: request("audio_1"), earlier: earlier))
        let texts = sound.request(saying: [])["messages"]
        #expect(texts == [["role": "assistant", "content": "It is noon."], ["role": "user", "content": "Thanks."]])
        for id in ["audio_2", 7] as [JSONValue] {
            let failure = #expect(throws: APIFailure.self) { try ChatSound(in: request(id), earlier: earlier) }
            #expect(failure?.issues.first?.location == ["body", "messages.0.audio.id"])
        }
    }

    private static let wrong: [(String, [String: JSONValue])] = [
        ("messages.0.content.0.input_audio.data", request([["role": "user", "content": [recording("%%%")]]])),
        ("messages.0.content.0.input_audio.data", request([["role": "user", "content": [recording("")]]])),
        (
            "messages.0.content.0.input_audio.format",
            request([["role": "user", "content": [recording("AAAA", "doc")]]])
        ),
        ("messages.0.content.0.input_audio.format", request([["role": "user", "content": [recording("AAAA", 7)]]])),
        ("messages.0.content.0.input_audio", request([["role": "assistant", "content": [recording()]]])),
        (
            "messages.0.content.16.input_audio",
            request([["role": "user", "content": .array([JSONValue](repeating: recording(), count: 17))]])
        ),
        ("modalities", request([], ["modalities": ["smell"]])), ("modalities", request([], ["modalities": "audio"])),
        ("audio", request([], ["modalities": ["audio"]])),
        ("audio", request([], ["audio": ["voice": "alloy", "format": "wav"]])),
        ("audio.format", request([], ["modalities": ["audio"], "audio": ["voice": "alloy"]])),
        ("audio.voice", request([], ["modalities": ["audio"], "audio": ["voice": 7, "format": "wav"]])),
        (
            "audio.format",
            request([], ["modalities": ["audio"], "audio": ["voice": "alloy", "format": "wav"], "stream": true])
        ),
    ]

    @Test(arguments: wrong)
    func `what is wrong is named`(field: String, request: [String: JSONValue]) throws {
        let failure = #expect(throws: APIFailure.self) { try ChatSound(in: request, earlier: SpokenAnswers()) }
        #expect(failure?.status == .badRequest)
        #expect(failure?.issues.first?.location == ["body", field])
    }

    @Test func `answers are known for a limited time and in a limited room`() {
        var table = SpokenAnswerTable()
        table.keep("first", as: "1", until: 10, now: 0)
        #expect(table.text(of: "1", now: 9) == "first")
        #expect(table.text(of: "1", now: 10) == nil)
        table.keep("second", as: "2", until: 20, now: 10)
        let long = String(repeating: "a", count: SpokenAnswerTable.byteLimit / 2)
        table.keep(long, as: "3", until: 20, now: 11)
        #expect(table.text(of: "2", now: 12) == "second")
        table.keep(long, as: "4", until: 20, now: 12)
        #expect(table.text(of: "2", now: 12) == nil && table.text(of: "4", now: 12) == long)
        for number in 0..<SpokenAnswerTable.countLimit + 5 {
            table.keep("", as: "many \(number)", until: 20, now: 13)
        }
        #expect(table.text(of: "many 4", now: 13) == nil && table.text(of: "many 5", now: 13) == "")
    }
}
