/// Splits the bytes of a `text/event-stream` into events, however the bytes are cut.
struct ServerSentEvents: Sendable {
    /// One event.
    struct Event: Sendable, Equatable {
        /// The event's type; `message` if the stream does not say.
        var type = "message"
        /// The data lines, joined by line feeds.
        var data: String
    }

    /// A line or an event was larger than allowed.
    struct TooLong: Error, Equatable {
        var limit: Int
    }

    /// The most bytes a line, or the data of an event, may have.
    let limit: Int
    private var line: [UInt8] = []
    private var lastWasCarriageReturn = false
    private var isFirstLine = true
    private var type = ""
    private var data: [UInt8]?

    init(limit: Int = 1_000_000) {
        self.limit = limit
    }

    /// Takes more bytes; returns the events that they complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where lastWasCarriageReturn:
                lastWasCarriageReturn = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                lastWasCarriageReturn = byte == UInt8(ascii: "\r")
                if let event = try endLine() { events.append(event) }
            default:
                lastWasCarriageReturn = false
                guard line.count < limit else { throw TooLong(limit: limit) }
                line.append(byte)
            }
        }
        return events
    }

    /// The stream has ended: the event whose lines are complete, though its empty line is missing. A line that is cut
    /// off is dropped.
    mutating func finish() -> Event? {
        line = []
        return dispatch()
    }

    private mutating func endLine() throws(TooLong) -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        var content = line[...]
        if isFirstLine {
            isFirstLine = false
            let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
            if content.starts(with: byteOrderMark) { content = content.dropFirst(3) }
        }
        guard !content.isEmpty else { return dispatch() }
        let colon = content.firstIndex(of: UInt8(ascii: ":")) ?? content.endIndex
        var value = content[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: content[..<colon], as: UTF8.self) {
        case "data":
            guard (data?.count ?? 0) + value.count < limit else { throw TooLong(limit: limit) }
            data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
        case "event":
            type = String(decoding: value, as: UTF8.self)
        default:
            // A comment begins with the colon and so has no name; other fields are of no use here.
            break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            type = ""
            data = nil
        }
        return data.map {
            Event(type: type.isEmpty ? "message" : type, data: String(decoding: $0, as: UTF8.self))
        }
    }
}
