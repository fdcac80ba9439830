import NIOCore

/// Turns a stream of bytes into RESP values.
///
/// Bytes may come in any portions. What has been parsed of an unfinished reply is kept, so each byte is looked at once,
/// however large the reply is. After an error the parser must not be used again: the stream has lost its frame.
struct RESPParser {
    private enum Kind { case array, map, push, attribute }

    /// An aggregate that waits for its elements.
    private struct Aggregate {
        let kind: Kind
        let count: Int
        var items: [RESPValue]
    }

    /// Bytes that follow a header line.
    private struct Blob {
        let type: UInt8
        let length: Int
    }

    private let limits: RESPLimits
    private var buffer = ByteBuffer()
    private var open: [Aggregate] = []
    private var blob: Blob?
    /// Bytes of the current line that are known to hold no line end.
    private var scanned = 0
    private var elements = 0
    private var replyBytes = 0

    init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Takes the next bytes of the stream.
    mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            // A buffer that is never read to its end would keep all that it has ever held.
            if buffer.readerIndex > 65_536, buffer.readerIndex > buffer.readableBytes {
                buffer = ByteBuffer(buffer: buffer)
            }
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole reply, or nil when more bytes are needed.
    mutating func next() throws(RESPError) -> RESPValue? {
        while let value = try nextElement() {
            if let reply = close(with: value) {
                elements = 0
                replyBytes = 0
                return reply
            }
        }
        return nil
    }

    /// Puts a finished value into the aggregate it belongs to; returns it when it is a whole reply.
    private mutating func close(with value: RESPValue) -> RESPValue? {
        var value = value
        while let last = open.indices.last {
            open[last].items.append(value)
            guard open[last].items.count == open[last].count else { return nil }
            let done = open.removeLast()
            // An attribute only describes the value after it and is not an element itself.
            guard let finished = Self.value(of: done.kind, done.items) else { return nil }
            value = finished
        }
        return value
    }

    private static func value(of kind: Kind, _ items: [RESPValue]) -> RESPValue? {
        switch kind {
        case .array: .array(items)
        case .push: .push(items)
        case .map: .map(stride(from: 0, to: items.count, by: 2).map { .init(key: items[$0], value: items[$0 + 1]) })
        case .attribute: nil
        }
    }

    /// The next value without elements (an aggregate with elements is opened on the way), or nil without enough bytes.
    private mutating func nextElement() throws(RESPError) -> RESPValue? {
        while true {
            if let blob { return try finish(blob) }
            guard let line = try nextLine() else { return nil }
            if let value = try begin(line) { return value }
        }
    }

    /// Reads a line with its type mark; nil when it opens something that still has to come.
    private mutating func begin(_ line: ByteBuffer) throws(RESPError) -> RESPValue? {
        var line = line
        guard let type: UInt8 = line.readInteger() else { throw .malformed("line") }
        switch type {
        case UInt8(ascii: "+"), UInt8(ascii: "("): return .simple(String(buffer: line))
        case UInt8(ascii: "-"): return .error(String(buffer: line))
        case UInt8(ascii: ":"): return .integer(try Self.number(line))
        case UInt8(ascii: "_"):
            guard line.readableBytes == 0 else { throw .malformed("null") }
            return .null
        case UInt8(ascii: ","):
            guard let number = Double(String(buffer: line)) else { throw .malformed("double") }
            return .double(number)
        case UInt8(ascii: "#"):
            switch String(buffer: line) {
            case "t": return .bool(true)
            case "f": return .bool(false)
            default: throw .malformed("boolean")
            }
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            let length = try Self.number(line)
            if length == -1, type == UInt8(ascii: "$") { return .null }
            guard length >= 0 else { throw .malformed("bulk length") }
            guard length <= limits.bulkBytes else { throw .limitPassed("bytes in a bulk", limits.bulkBytes) }
            try count(bytes: length)
            blob = Blob(type: type, length: length)
            return nil
        case UInt8(ascii: "*"), UInt8(ascii: "~"): return try begin(.array, count: Self.number(line))
        case UInt8(ascii: ">"): return try begin(.push, count: Self.number(line))
        case UInt8(ascii: "%"): return try begin(.map, count: Self.number(line))
        case UInt8(ascii: "|"): return try begin(.attribute, count: Self.number(line))
        default: throw .unknownType(type)
        }
    }

    private mutating func begin(_ kind: Kind, count: Int) throws(RESPError) -> RESPValue? {
        if count == -1, kind == .array { return .null }
        guard count >= 0 else { throw .malformed("element count") }
        guard count <= limits.elements else { throw .limitPassed("elements", limits.elements) }
        let items = kind == .map || kind == .attribute ? 2 * count : count
        elements += items
        guard elements <= limits.elements else { throw .limitPassed("elements", limits.elements) }
        guard items > 0 else { return Self.value(of: kind, []) }
        guard open.count < limits.depth else { throw .limitPassed("nested arrays", limits.depth) }
        var aggregate = Aggregate(kind: kind, count: items, items: [])
        // The announced count is not to be trusted with memory before elements arrive.
        aggregate.items.reserveCapacity(min(items, 1024))
        open.append(aggregate)
        return nil
    }

    private mutating func finish(_ blob: Blob) throws(RESPError) -> RESPValue? {
        guard buffer.readableBytes >= blob.length + 2, var bytes = buffer.readSlice(length: blob.length) else {
            return nil
        }
        guard buffer.readInteger(as: UInt16.self) == Self.lineEnd else { throw .malformed("bulk end") }
        self.blob = nil
        switch blob.type {
        case UInt8(ascii: "!"): return .error(String(buffer: bytes))
        case UInt8(ascii: "="):
            // Three letters of format and a colon precede the text.
            guard bytes.readableBytes >= 4 else { throw .malformed("verbatim text") }
            bytes.moveReaderIndex(forwardBy: 4)
            return .bulk(bytes)
        default: return .bulk(bytes)
        }
    }

    private mutating func nextLine() throws(RESPError) -> ByteBuffer? {
        let unread = buffer.readableBytesView.dropFirst(scanned)
        let end = unread.firstIndex(of: UInt8(ascii: "\r"))
        let length = (end ?? unread.endIndex) - buffer.readerIndex
        guard length <= limits.lineBytes else { throw .limitPassed("bytes in a line", limits.lineBytes) }
        guard end != nil, buffer.readableBytes >= length + 2 else {
            scanned = length
            return nil
        }
        scanned = 0
        guard let line = buffer.readSlice(length: length), buffer.readInteger(as: UInt16.self) == Self.lineEnd else {
            throw .malformed("line end")
        }
        try count(bytes: length)
        return line
    }

    private mutating func count(bytes: Int) throws(RESPError) {
        replyBytes += bytes + 2
        guard replyBytes <= limits.replyBytes else { throw .limitPassed("bytes in a reply", limits.replyBytes) }
    }

    private static let lineEnd = UInt16(0x0D0A)

    private static func number(_ line: ByteBuffer) throws(RESPError) -> Int {
        guard let number = Int(String(buffer: line)) else { throw .malformed("number") }
        return number
    }
}
