import NIOCore
import Testing

@testable import Events

@Suite struct EnvelopeTests {
    let moment = Timestamp(microseconds: 1_763_737_200_000_001)
    let nobody = "00000000-0000-0000-0000-000000000000"

    @Test func `a message has five keys in order`() throws {
        let envelope = Envelope.encode(type: "ping", data: ByteBuffer(string: #"{"b":1,"a":2}"#), timestamp: moment)
        #expect(
            envelope.bytes.text
                == #"{"type":"ping","data":{"b":1,"a":2},"timestamp":"2025-11-21T15:00:00.000001","#
                + #""connection_id":"00000000-0000-0000-0000-000000000000","target_connections":null}"#
        )
        #expect(envelope.bytes.getString(at: envelope.idOffset, length: ConnectionID.length) == nobody)
        #expect(envelope.bytes.readerIndex == 0)
    }

    @Test func `naming one recipient leaves the others alone`() {
        let envelope = Envelope.encode(type: "ping", data: ByteBuffer(string: "{}"), timestamp: moment)
        let before = envelope.bytes.text
        let (one, other) = (ConnectionID(), ConnectionID())
        #expect(envelope.text(for: one).text == before.replacing(nobody, with: one.description))
        #expect(envelope.text(for: other).text == before.replacing(nobody, with: other.description))
        #expect(envelope.bytes.text == before)
    }

    @Test func `a publication says where it stands`() {
        let publication = Publication(
            offset: 17,
            type: "model_updated",
            data: ByteBuffer(string: #"{"x":"é"}"#),
            timestamp: moment
        )
        let envelope = Envelope.encode(publication, topic: #"a"b/c"#, epoch: "abcdefgh")
        #expect(
            envelope.bytes.text
                == #"{"type":"model_updated","data":{"x":"é"},"timestamp":"2025-11-21T15:00:00.000001","#
                + #""connection_id":"00000000-0000-0000-0000-000000000000","target_connections":null,"#
                + #""topic":"a\"b/c","offset":17,"epoch":"abcdefgh"}"#
        )
    }

    @Test func `a change of the state names its entry`() {
        func text(removes: Bool) -> String {
            let publication = Publication(
                offset: 1,
                type: "custom",
                data: ByteBuffer(string: "{}"),
                timestamp: moment,
                stateKey: "k",
                isRemoval: removes
            )
            return Envelope.encode(publication, topic: "t", epoch: "e").bytes.text
        }
        let end = #"null,"topic":"t","offset":1,"epoch":"e","state_key":"k""#
        #expect(text(removes: false).hasSuffix(end + "}"))
        #expect(text(removes: true).hasSuffix(end + #","remove":true}"#))
    }

    @Test func `every message is one JSON object`() throws {
        let nasty = "\"\\\n\u{1}é"
        let publication = Publication(
            offset: .max,
            type: nasty,
            data: ByteBuffer(string: "{}"),
            timestamp: moment,
            stateKey: nasty
        )
        let envelope = Envelope.encode(publication, topic: "t", epoch: nasty)
        let reader = try JSONObjectReader(envelope.bytes)
        #expect(
            reader.string("type") == nasty && reader.string("epoch") == nasty && reader.string("state_key") == nasty
        )
        #expect(reader.string("connection_id") == nobody && reader.unsigned("offset") == .max)
    }

    @Test func `there are 18 types`() {
        #expect(EventType.known.count == 18)
        #expect(EventType.known.contains(EventType(rawValue: "p2p_peer_update")))
        #expect(!EventType.known.contains(EventType(rawValue: "subscribe")))
    }
}
