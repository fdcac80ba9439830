/// A group of subscribers that takes what is published in the order in which it was numbered.
protocol Outlet: AnyObject, Sendable {
    /// Takes an item. Called while the hub is locked: puts it away and returns.
    func enqueue(_ item: OutletItem)
}

/// Something for the subscribers of an outlet.
enum OutletItem: Sendable {
    /// A publication for the rooms it names.
    case delivery(Delivery)
    /// A message for those in a room who want to know who is there.
    case presence(room: Int, serial: UInt64, EncodedEnvelope)

    var serial: UInt64 {
        switch self {
        case .delivery(let delivery): delivery.serial
        case .presence(_, let serial, _): serial
        }
    }
}
