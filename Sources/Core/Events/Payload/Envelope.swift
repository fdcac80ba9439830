public import NIOCore

/// The shape of every message from the server: `type`, `data`, `timestamp`, `connection_id`, `target_connections`.
public enum Envelope {
    /// Encodes a message once for all its recipients.
    public static func encode(type: String, data: ByteBuffer, timestamp: Timestamp) -> EncodedEnvelope {
        encode(type: type, data: data, timestamp: timestamp, extra: 0) { _ in }
    }

    /// Encodes a publication for subscribers that recover: the keys `topic`, `offset` and `epoch` follow the usual
    /// five, and for a change of the keyed state `state_key`, with `"remove":true` when the entry goes.
    public static func encode(_ publication: Publication, topic: TopicName, epoch: String) -> EncodedEnvelope {
        let extra = topic.text.utf8.count + epoch.utf8.count + (publication.stateKey?.utf8.count ?? 0) + 96
        return encode(
            type: publication.type,
            data: publication.data,
            timestamp: publication.timestamp,
            extra: extra
        ) { buffer in
            buffer.writeStaticString(",\"topic\":")
            buffer.writeJSONString(topic.text)
            buffer.writeStaticString(",\"offset\":")
            buffer.writeString(String(publication.offset))
            buffer.writeStaticString(",\"epoch\":")
            buffer.writeJSONString(epoch)
            if let key = publication.stateKey {
                buffer.writeStaticString(",\"state_key\":")
                buffer.writeJSONString(key)
                if publication.isRemoval { buffer.writeStaticString(",\"remove\":true") }
            }
        }
    }

    private static func encode(
        type: String,
        data: ByteBuffer,
        timestamp: Timestamp,
        extra: Int,
        writeExtra: (inout ByteBuffer) -> Void
    ) -> EncodedEnvelope {
        let capacity = fixedLength + type.utf8.count + data.readableBytes + extra
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        buffer.writeStaticString("{\"type\":")
        buffer.writeJSONString(type)
        buffer.writeStaticString(",\"data\":")
        buffer.writeImmutableBuffer(data)
        buffer.writeStaticString(",\"timestamp\":\"")
        timestamp.write(to: &buffer)
        buffer.writeStaticString("\",\"connection_id\":\"")
        let idOffset = buffer.readableBytes
        buffer.writeStaticString("00000000-0000-0000-0000-000000000000\",\"target_connections\":null")
        writeExtra(&buffer)
        buffer.writeInteger(UInt8(ascii: "}"))
        return EncodedEnvelope(bytes: buffer, idOffset: idOffset)
    }

    /// At least the bytes of everything but type, data and what follows the five keys.
    private static let fixedLength = 160
}
