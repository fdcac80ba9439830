import Foundation
import NIOCore
import Serving

/// Passes a stream of events on byte for byte, but not what the model server says in one that tells of a failure.
///
/// A status cannot refuse any more once a stream has begun, so servers do it in an event: with a member `error` in its
/// data, or of the type `error`.
struct EventScreen: Sendable {
    /// An event is longer than any is.
    struct TooLong: Error {}

    /// A part of the stream.
    enum Piece: Sendable, Equatable {
        /// Bytes to pass on.
        case bytes([UInt8])
        /// The data of an event that tells of a failure, which is not passed on.
        case refusal([UInt8])
    }

    /// The most bytes of one event.
    static let longest = 1_000_000

    private var event: [UInt8] = []
    private var lineStart = 0
    private var data: [UInt8] = []
    private var isErrorEvent = false
    private var endsInCarriageReturn = false

    /// Takes bytes of the stream; returns what of it is complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Piece] {
        var pieces: [Piece] = []
        for byte in bytes {
            event.append(byte)
            guard event.count <= Self.longest else { throw TooLong() }
            defer { endsInCarriageReturn = byte == UInt8(ascii: "\r") }
            if byte == UInt8(ascii: "\n"), endsInCarriageReturn {
                // The second half of a line's end. If that ended an event, clients wait for it.
                if event.count == 1 {
                    pieces.append(.bytes(event))
                    event = []
                }
                lineStart = event.count
                continue
            }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
            let line = event[lineStart..<(event.count - 1)]
            lineStart = event.count
            if line.isEmpty { pieces.append(finishEvent()) } else { take(line) }
        }
        return pieces
    }

    /// The stream has ended: what was not complete.
    mutating func finish() -> Piece? {
        guard !event.isEmpty else { return nil }
        if lineStart < event.count { take(event[lineStart...]) }
        return finishEvent()
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data": data += (data.isEmpty ? [] : [UInt8(ascii: "\n")]) + value
        case "event": isErrorEvent = String(decoding: value, as: UTF8.self) == "error"
        default: break
        }
    }

    private mutating func finishEvent() -> Piece {
        defer {
            event = []
            lineStart = 0
            data = []
            isErrorEvent = false
        }
        return isErrorEvent || Self.tellsOfFailure(data) ? .refusal(data) : .bytes(event)
    }

    /// Whether `json` is an object with a member `error` that is not null, or looks like one and cannot be read.
    static func tellsOfFailure(_ json: [UInt8]) -> Bool {
        // Nearly all events have no such word in them, and are not parsed.
        guard json.firstRange(of: Array(#""error""#.utf8)) != nil else { return false }
        guard let value = try? JSONValue(parsing: json) else { return true }
        return ![nil, .null].contains(value.members?["error"])
    }
}
