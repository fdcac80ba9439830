import WebSocket

/// A subscriber's place in a room, with what it wants to get there. Loop-bound.
final class Seat {
    let subscriber: Subscriber
    let room: Int
    /// Whether messages carry topic, offset and epoch.
    let isPositioned: Bool
    /// Which messages are wanted; nil means all.
    let filter: Filter?
    /// Whether changes of presence are wanted.
    let wantsPresence: Bool
    /// Whether it sits among those who get every message as it is. Its room decides.
    var isPlain = false
    /// Its index among them or the others; negative when it has left.
    var place = -1

    init(_ subscriber: Subscriber, room: Int, request: SubscriptionRequest) {
        self.subscriber = subscriber
        self.room = room
        isPositioned = request.isPositioned
        filter = request.filter
        wantsPresence = request.wantsPresence
    }

    /// Whether it may sit among those who get every message as it is, if no other seat of the subscriber gets them too.
    var isUndemanding: Bool {
        !isPositioned && filter == nil && !wantsPresence && subscriber.connection.takesPlainFrames
    }
}
