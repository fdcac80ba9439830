import NIOCore

/// Something for the subscribers of a loop.
enum OutletItem: Sendable {
    /// A publication for the rooms it names.
    case delivery(Delivery)
    /// A message for those in a room who want to know who is there.
    case presence(room: Int, serial: UInt64, EncodedEnvelope)

    /// Its number among the items of the hub.
    var serial: UInt64 {
        switch self {
        case .delivery(let delivery): delivery.serial
        case .presence(_, let serial, _): serial
        }
    }

    /// About how many bytes it takes while it waits.
    var size: Int {
        switch self {
        case .delivery(let delivery): delivery.envelope.bytes.readableBytes + 256
        case .presence(_, _, let envelope): envelope.bytes.readableBytes + 128
        }
    }
}
