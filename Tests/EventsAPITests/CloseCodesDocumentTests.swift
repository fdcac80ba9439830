import Events
import Foundation
import NIOCore
import Testing
import WebSocket

@testable import EventsAPI

/// Compares docs/close-codes.md with what the code does.
@Suite struct CloseCodesDocumentTests {
    /// The document's lines.
    private let lines: [String]
    /// The cells of the tables' rows that begin with a number or a range of numbers.
    private let rows: [[String]]

    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/close-codes.md").standardizedFileURL
        lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        rows = lines.filter { $0.hasPrefix("| ") }
            .map { line in line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
            .filter { $0[0].first?.isNumber == true }
    }

    /// Whether one should connect again, as the cell of a row says; an issue if it says nothing.
    private func reconnects(_ row: [String], _ column: Int) throws -> Bool {
        try #require(row.count > column && ["final", "reconnect"].contains(row[column]), "\(row)")
        return row[column] == "reconnect"
    }

    /// What the tables of single codes say.
    private func codes() throws -> [UInt16: Bool] {
        var codes: [UInt16: Bool] = [:]
        for row in rows where row.count == 5 {
            let code = try #require(UInt16(row[0]), "\(row)")
            #expect(codes.updateValue(try reconnects(row, 3), forKey: code) == nil, "\(code) is there twice")
        }
        return codes
    }

    /// What the table of ranges says.
    private func ranges() throws -> [(ClosedRange<UInt16>, Bool)] {
        try rows.filter { $0[0].contains("–") }.map { row in
            let bounds = row[0].split(separator: "–").compactMap { UInt16($0) }
            try #require(bounds.count == 2 && bounds[0] <= bounds[1], "\(row)")
            return (bounds[0]...bounds[1], try reconnects(row, 2))
        }
    }

    @Test func `a client does after every code what the document says`() throws {
        let codes = try codes()
        let ranges = try ranges()
        #expect(codes.count >= 19)
        for number in UInt16(1000)...4999 {
            let matching = ranges.filter { $0.0.contains(number) }
            #expect(matching.count == 1, "\(number) is in \(matching.count) ranges")
            let expected = codes[number] ?? matching.first?.1
            #expect(CloseCode(rawValue: number).invitesReconnection == expected, "\(number)")
        }
    }

    @Test func `every code that has a name in the program is in the document`() throws {
        let codes = try codes()
        let named: [CloseCode] = [
            .normal, .goingAway, .protocolError, .unsupportedData, .noStatus, .abnormal, .invalidPayload,
            .policyViolation, .tooBig, .serverError, .restart, .tryAgainLater,
            .credentialsEnded, .silent, .replaced, .tooManyMessages,
        ]
        for code in named { #expect(codes[code.rawValue] != nil, "\(code)") }
    }

    @Test func `the goodbye in the document is the server's`() throws {
        let line = try #require(lines.first { $0.hasPrefix("{\"type\":\"connection_closed\"") })
        let told = try JSONObjectReader(ByteBuffer(string: line))
        let goodbye = EncodedEnvelope.goodbye(.credentialsEnded, "Credentials expired.")
        let said = try JSONObjectReader(goodbye.bytes)
        #expect(told.keys == said.keys)
        #expect(told.string("type") == said.string("type"))
        #expect(told.raw("data") == said.raw("data"))
        #expect(told.string("timestamp").flatMap { Timestamp($0) } != nil)
        #expect(told.string("connection_id")?.count == ConnectionID.length)
    }
}
