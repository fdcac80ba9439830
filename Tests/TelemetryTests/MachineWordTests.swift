import Foundation
import Telemetry
import Testing

@Suite struct MachineWordTests {
    @Test(arguments: ["rate_limit_exceeded", "a", "context-length.v2", String(repeating: "a", count: 60)])
    func `a short identifier is a word`(text: String) {
        #expect(MachineWord(text)?.description == text)
    }

    @Test(arguments: [
        "", "two words", "Upper", "9lives", "127.0.0.1", "_x", "schlüssel", "a\nb", "http://a", "a:b",
        String(repeating: "a", count: 61),
    ])
    func `anything else is none`(text: String) {
        #expect(MachineWord(text) == nil)
    }

    @Test(arguments: [
        ("sk-secret-key", "sk-secret-key"), ("bad.secret", "sk-secret-key"), ("abc", "ABC"), ("xabcx", "abc"),
    ])
    func `a word that shows a part of a secret is none`(text: String, secret: String) {
        #expect(MachineWord(text) != nil)
        #expect(MachineWord(text, hiding: secret) == nil)
    }

    @Test func `a word that has nothing of a secret stays`() {
        #expect(MachineWord("invalid_api_key", hiding: "sk-very-secret") != nil)
        #expect(MachineWord("invalid_api_key", hiding: "") != nil)
    }

    @Test(arguments: [
        (#"{"error":{"message":"You said hello.","code":"bad_key","type":"auth"}}"#, "bad_key"),
        (#"{"error":{"code":401,"type":"invalid_request_error"}}"#, "invalid_request_error"),
        (#"{"error":{"code":"Incorrect key sk-1","type":"auth"}}"#, "auth"),
        (#"{"object":"error","type":"overloaded","code":503}"#, "overloaded"),
    ])
    func `the word is found in a refusal`(body: String, word: String) {
        #expect(MachineWord(ofRefusal: Data(body.utf8))?.description == word)
    }

    @Test(arguments: [
        "", "[]", "no such model", #"{"error":"no_key"}"#, #"{"error":{"message":"m"}}"#, #"{"error":null}"#,
        #"{"error":{"code":{"a":1}}}"#, "\u{1}",
    ])
    func `a refusal without a word has none`(body: String) {
        #expect(MachineWord(ofRefusal: Data(body.utf8)) == nil)
    }
}
