public import Events
import NIOCore

extension ByteBuffer {
    var text: String { String(buffer: self) }
}

extension TopicName: ExpressibleByStringLiteral {
    /// For tests: the name must be good.
    public init(stringLiteral text: String) {
        do { try self.init(text) } catch { preconditionFailure("\(error)") }
    }
}

extension Draft {
    /// A draft with a small payload at a fixed time.
    static func sample(
        _ number: Int = 0,
        key: String? = nil,
        stateKey: String? = nil,
        removes: Bool = false,
        at timestamp: Timestamp? = nil
    ) -> Draft {
        Draft(
            type: "custom",
            data: ByteBuffer(string: "{\"n\":\(number)}"),
            timestamp: timestamp ?? Timestamp(microseconds: Int64(number)),
            idempotencyKey: key,
            stateKey: stateKey,
            isRemoval: removes
        )
    }
}

extension PublishResult {
    var publication: Publication? {
        if case .published(let publication) = self { publication } else { nil }
    }
}
