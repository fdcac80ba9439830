/// The first 2 to 14 bytes of a frame, checked against the rules of the connection.
struct FrameHeader: Equatable {
    /// What the connection allows at this point.
    struct Rules {
        var role: Role
        /// Whether a fragmented message has begun and waits for its continuation.
        var isInsideMessage: Bool
        /// Whether that message is compressed.
        var isMessageCompressed: Bool
        /// Whether permessage-deflate was agreed on.
        var allowsCompression: Bool
        var maxFrameBytes: Int
        /// What is left of the message limit.
        var maxMoreBytes: Int
    }

    var opcode: Opcode
    /// Whether this is the message's last frame.
    var isFinal: Bool
    /// The bit that tells, in a message's first frame, that the message is compressed.
    var isCompressed: Bool
    /// Zero for unmasked frames.
    var maskKey: UInt32
    /// Bytes of the header itself.
    var size: Int
    /// Bytes of the payload.
    var length: Int

    /// Reads the header at the beginning of `bytes`; nil while it is incomplete. Every byte is judged when it comes,
    /// so that the verdict is the same however the bytes are cut.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        under rules: Rules
    ) -> Result<FrameHeader?, ProtocolViolation> {
        guard let first = bytes.first else { return .success(nil) }
        guard first & 0x30 == 0 else { return .failure(.broken("reserved bits are set")) }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return .failure(.broken("reserved opcode")) }
        let isFinal = first & 0x80 != 0
        let isCompressed = first & 0x40 != 0
        if let violation = violation(of: rules, by: opcode, isFinal: isFinal, isCompressed: isCompressed) {
            return .failure(violation)
        }

        guard bytes.count >= 2 else { return .success(nil) }
        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == (rules.role == .server) else {
            return .failure(.broken(isMasked ? "server frames must not be masked" : "client frames must be masked"))
        }
        let short = bytes[1] & 0x7F
        guard !opcode.isControl || short <= 125 else { return .failure(.broken("control frame above 125 bytes")) }

        let length: UInt64
        var size = 2
        switch short {
        case 126:
            guard bytes.count >= 4 else { return .success(nil) }
            length = UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { return .failure(.broken("length is not in its shortest form")) }
            size = 4
        case 127:
            guard bytes.count >= 10 else { return .success(nil) }
            length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard length >> 63 == 0 else { return .failure(.broken("length has its top bit set")) }
            guard length > UInt64(UInt16.max) else { return .failure(.broken("length is not in its shortest form")) }
            size = 10
        default:
            length = UInt64(short)
        }
        if !opcode.isControl {
            guard length <= UInt64(rules.maxFrameBytes) else { return .failure(.tooBig("frame is too big")) }
            let isInflated = isCompressed || rules.isMessageCompressed
            guard isInflated || length <= UInt64(rules.maxMoreBytes) else {
                return .failure(.tooBig("message is too big"))
            }
        }

        var maskKey: UInt32 = 0
        if isMasked {
            guard bytes.count >= size + 4 else { return .success(nil) }
            maskKey = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self))
            size += 4
        }
        return .success(
            FrameHeader(
                opcode: opcode,
                isFinal: isFinal,
                isCompressed: isCompressed,
                maskKey: maskKey,
                size: size,
                length: Int(length)
            )
        )
    }

    private static func violation(
        of rules: Rules,
        by opcode: Opcode,
        isFinal: Bool,
        isCompressed: Bool
    ) -> ProtocolViolation? {
        switch opcode {
        case .close, .ping, .pong:
            if isCompressed { return .broken("reserved bits are set") }
            if !isFinal { return .broken("control frame is fragmented") }
        case .continuation:
            if isCompressed { return .broken("reserved bits are set") }
            if !rules.isInsideMessage { return .broken("nothing to continue") }
        case .text, .binary:
            if isCompressed, !rules.allowsCompression { return .broken("reserved bits are set") }
            if rules.isInsideMessage { return .broken("message begins inside another") }
        }
        return nil
    }
}
