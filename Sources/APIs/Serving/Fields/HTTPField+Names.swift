public import HTTPTypes

extension HTTPField.Name {
    /// `X-API-Key`
    static let apiKey = constant("x-api-key")
    /// `Idempotency-Key`: a request with the same key as an earlier one is not carried out again.
    public static let idempotencyKey = constant("idempotency-key")
    /// `Referrer-Policy`: how much a page tells other sites of itself.
    static let referrerPolicy = constant("referrer-policy")
    /// `X-Engine`: the speech engine that speaks in the answer.
    public static let xEngine = constant("x-engine")
    /// `X-Ignored-Fields`: the fields of the request that had no effect.
    public static let xIgnoredFields = constant("x-ignored-fields")
    /// `X-Voice`: the voice that speaks in the answer.
    public static let xVoice = constant("x-voice")
    /// `X-Request-ID`
    static let requestID = constant("x-request-id")

    /// A name that is written in the program; it must be a token.
    public static func constant(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("a constant that is a token") }
        return name
    }
}
