/// Says what it heard, without hesitations: for trying out microphones, recognisers and voices.
public struct EchoResponder: Responder {
    /// `echo`.
    public let name = "echo"
    private let prefix: String

    /// An echo that begins with `prefix`, such as `You said: `.
    public init(prefix: String = "") {
        self.prefix = prefix
    }

    /// Answers with the cleaned text; with nothing if no words are left.
    public func respond(to prompt: Prompt) -> Response {
        let text = HeardText.clean(prompt.text)
        return Response(text: text.isEmpty ? "" : prefix + text)
    }
}
