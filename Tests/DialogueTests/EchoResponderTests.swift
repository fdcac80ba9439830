import Dialogue
import Testing

@Suite struct EchoResponderTests {
    @Test func `the cleaned text comes back verbatim`() async throws {
        #expect(try await text(of: EchoResponder().respond(to: Prompt(" Um,  Hello   World! "))) == "Hello World!")
    }

    @Test func `a prefix stands before it`() async throws {
        let echo = EchoResponder(prefix: "You said: ")
        #expect(try await text(of: echo.respond(to: Prompt("yes"))) == "You said: yes")
    }

    @Test func `silence is answered with silence`() async throws {
        #expect(try await pieces(of: EchoResponder(prefix: "You said: ").respond(to: Prompt(" um "))) == [])
    }
}
