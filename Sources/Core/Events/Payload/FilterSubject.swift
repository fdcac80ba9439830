import NIOCore

/// A message as filters look at it: the members of its data are found once for all of them, and only if one asks.
struct FilterSubject: Sendable {
    let type: String
    let data: ByteBuffer
    private var members: [ExactText: JSONScanner.Member]?

    /// A message with this type and data.
    init(type: String, data: ByteBuffer) {
        self.type = type
        self.data = data
    }

    /// The member with a key; the last one when there are several. Data that is no JSON object has none.
    mutating func member(_ key: ExactText) -> JSONScanner.Member? {
        if let members { return members[key] }
        let found = Self.members(of: data)
        members = found
        return found[key]
    }

    private static func members(of data: ByteBuffer) -> [ExactText: JSONScanner.Member] {
        let bytes = data.readableBytesUInt8Span
        var members: [ExactText: JSONScanner.Member] = [:]
        var position = 0
        JSONScanner.skipSpace(bytes, &position)
        do {
            try JSONScanner.object(bytes, &position, depth: 1) { member throws(JSONTextError) in
                let key = JSONScanner.unescaped(data.readableBytesUInt8Span, member.key)
                members[ExactText(text: key)] = member
            }
        } catch { return [:] }
        return members
    }
}
