import NIOCore

/// Which node published something, and the number of that publication on the node, by which a repeated one is recognised.
struct Origin: Hashable, Sendable {
    let node: String
    let sequence: UInt64
}

/// A publication of the cluster with who published it.
struct ClusterPublication: Sendable, Equatable {
    let origin: Origin
    let publication: Publication
}

/// How publications are written in Redis: `offset LF node SP sequence LF` set by the script, then this body.
enum ClusterCoding {
    private static let version: UInt8 = 1

    /// The part of a publication that the publisher knows.
    static func body(of draft: Draft) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(
            draft.data.readableBytes + draft.type.utf8.count + (draft.stateKey?.utf8.count ?? 0) + 16
        )
        buffer.writeInteger(version)
        buffer.writeInteger(UInt8((draft.isRemoval ? 1 : 0) | (draft.stateKey == nil ? 0 : 2)))
        buffer.writeInteger(draft.timestamp.microseconds)
        for text in [draft.type, draft.stateKey ?? ""] {
            buffer.writeInteger(UInt16(clamping: text.utf8.count))
            buffer.writeBytes(text.utf8.prefix(Int(UInt16.max)))
        }
        buffer.writeImmutableBuffer(draft.data)
        return buffer
    }

    /// Reads an entry of a history or state; nil when it is not one.
    static func entry(_ bytes: ByteBuffer) -> ClusterPublication? {
        var bytes = bytes
        guard let offset = bytes.readField().flatMap(UInt64.init), (1...Position.maximumOffset).contains(offset),
            let origin = bytes.readField()?.split(separator: " "), origin.count == 2, let sequence = UInt64(origin[1]),
            bytes.readInteger(as: UInt8.self) == version, let flags: UInt8 = bytes.readInteger(),
            let microseconds: Int64 = bytes.readInteger(), let type = bytes.readText(), let stateKey = bytes.readText()
        else { return nil }
        return ClusterPublication(
            origin: Origin(node: String(origin[0]), sequence: sequence),
            publication: Publication(
                offset: offset,
                type: type,
                data: bytes,
                timestamp: Timestamp(microseconds: microseconds),
                stateKey: flags & 2 == 0 ? nil : stateKey,
                isRemoval: flags & 1 != 0
            )
        )
    }
}

extension ByteBuffer {
    /// Reads text up to a line feed.
    mutating func readField() -> String? {
        guard let end = readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let text = readString(length: end - readerIndex)
        moveReaderIndex(forwardBy: 1)
        return text
    }

    /// Reads text after its length in two bytes.
    fileprivate mutating func readText() -> String? {
        guard let length: UInt16 = readInteger() else { return nil }
        return readString(length: Int(length))
    }
}
