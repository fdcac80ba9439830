extension Envelope {
    /// A message of the server itself, dated now.
    public static func message(_ type: EventType, _ body: (inout JSONWriter) -> Void) -> EncodedEnvelope {
        encode(type: type.rawValue, data: JSONWriter.object(body), timestamp: .now)
    }

    /// A message of type `custom`, as the server's replies are.
    public static func custom(_ body: (inout JSONWriter) -> Void) -> EncodedEnvelope {
        message(.custom, body)
    }
}
