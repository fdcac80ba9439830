import Foundation
import Serving
import Testing

@Suite struct HeaderTextTests {
    @Test func `plain English stays as it is`() {
        #expect(HeaderText.encode("Hello, \"there\": it's 5 o'clock!") == "Hello, \"there\": it's 5 o'clock!")
    }

    @Test(arguments: ["Größe", "100 % sure", "日本語", "line\r\nbreak", "👩‍👩‍👧", "\u{0}\u{7F}", ""])
    func `anything else is percent-encoded and can be read back`(text: String) {
        let encoded = HeaderText.encode(text)
        #expect(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(encoded.removingPercentEncoding == text)
    }

    @Test func `the length is bounded, and no character is cut`() {
        let long = HeaderText.encode(String(repeating: "ü", count: 10_000))
        #expect(long.utf8.count <= HeaderText.limit)
        #expect(long.utf8.count > HeaderText.limit - 6)
        #expect(long.removingPercentEncoding?.allSatisfy { $0 == "ü" } == true)
    }
}
