import Events
import Foundation
import NIOCore
import Serving

/// A request to send many messages in a row, to measure the server.
///
/// Before each, `seq` (from 0) and `sent_ns` (nanoseconds of the monotonic clock) are set in its data.
struct BroadcastTrigger {
    /// The most messages of one request.
    private static let limit: UInt64 = 1_000_000

    let topic: TopicName
    let count: Int
    private let type: String
    private let interval: Duration
    private let data: ByteBuffer

    /// Reads a body. Throws `APIFailure`.
    init(_ body: ByteBuffer) throws {
        do {
            let message = try JSONObjectReader(body)
            type = try EventType("type", in: message).rawValue
            topic = try TopicName(message.string("topic") ?? "")
            guard let count = message.kind(of: "count") == nil ? 1 : message.unsigned("count"), count <= Self.limit
            else {
                throw APIFailure.invalid(
                    .init(["body", "count"], "value_error", "count must be a whole number from 0 to \(Self.limit).")
                )
            }
            self.count = Int(count)
            let interval = message.kind(of: "interval_ms") == nil ? 0 : message.double("interval_ms")
            guard let interval, (0...60_000).contains(interval) else {
                throw APIFailure.invalid(
                    .init(["body", "interval_ms"], "value_error", "interval_ms must be a number from 0 to 60000.")
                )
            }
            self.interval = .milliseconds(interval)
            data = try Self.withoutMarks(message)
        } catch let error as TopicError {
            throw APIFailure.invalid(.init(["body", "topic"], "value_error", error.description))
        } catch let error as JSONTextError {
            throw APIFailure.invalidJSON(error)
        } catch let error as ClientMistake {
            throw APIFailure.invalid(.init(["body"], "value_error", error.message))
        }
    }

    private static func withoutMarks(_ message: JSONObjectReader) throws -> ByteBuffer {
        guard let data = try message.reader("data") else { return ByteBuffer() }
        return JSONWriter.object { writer in
            for key in data.keys where key != "seq" && key != "sent_ns" {
                if let value = data.raw(key) { writer.member(key, raw: JSONText.compact(value)) }
            }
        }
    }

    /// Sends the messages, each when `permit` lets so many bytes pass; returns when the last one is on its way to all. Throws
    /// `PublishError`, or what `permit` throws.
    func run(on hub: EventHub, permit: (_ bytes: Int) async throws -> Void) async throws {
        for index in 0..<count {
            try Task.checkCancellation()
            if index > 0, interval > .zero { try await Task.sleep(for: interval) }
            try await permit(data.readableBytes)
            let draft = Draft(type: type, data: marked(index))
            _ = try await hub.publishReporting(draft, to: topic)
        }
    }

    private func marked(_ index: Int) -> ByteBuffer {
        var text = ByteBuffer(string: "{\"seq\":\(index),\"sent_ns\":\(Self.monotonicNanoseconds)")
        if data.readableBytes > 2, let members = data.getSlice(at: data.readerIndex + 1, length: data.readableBytes - 1)
        {
            text.writeString(",")
            text.writeImmutableBuffer(members)
        } else {
            text.writeString("}")
        }
        return text
    }

    /// The clock that processes on one machine have in common.
    private static var monotonicNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
