/// Takes a `multipart/form-data` body apart as it arrives (RFC 7578, RFC 2046): a state machine that holds one part's
/// header or a boundary's length of data, and no more.
struct MultipartParser {
    /// What was found in the body.
    enum Event: Equatable {
        /// A part begins.
        case part(name: String, filename: String?, contentType: String?)
        /// More of the part's contents.
        case data([UInt8])
        /// The form is complete.
        case end
    }

    /// Why a body is no form.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    /// The most white space after a boundary.
    static let paddingLimit = 256
    /// The most bytes of one part's header.
    static let headerLimit = 8192

    private enum State {
        case preamble
        case afterBoundary
        case header
        case data
        case end
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    // The body is treated as if a line break came before it, so that the first boundary looks like the others.
    private var buffer: [UInt8] = Array("\r\n".utf8)
    private var hasLineBreakOfHeader = false

    /// A parser for bodies with this boundary; nil unless it has 1 to 70 characters.
    init?(boundary: String) {
        guard (1...70).contains(boundary.utf8.count) else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Whether the whole form has been seen.
    var isComplete: Bool { state == .end }

    /// Takes more of the body.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [Event] {
        guard state != .end else { return [] }  // What follows the form has no meaning.
        buffer.append(contentsOf: bytes)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// Does one step; false when more of the body is needed.
    private mutating func step(_ events: inout [Event]) throws(Malformed) -> Bool {
        switch state {
        case .preamble, .data:
            if let found = firstRange(of: delimiter) {
                emit(upTo: found, &events)
                hasLineBreakOfHeader = false
                buffer.removeFirst(found + delimiter.count)
                state = .afterBoundary
                return true
            }
            // The end of the buffer may be the beginning of a boundary.
            var safe = max(0, buffer.count - delimiter.count + 1)
            // The line break of the header is passed over as a whole.
            if hasLineBreakOfHeader, safe < 2 { safe = 0 }
            emit(upTo: safe, &events)
            buffer.removeFirst(safe)
            return false
        case .afterBoundary:
            guard buffer.count >= 2 else { return false }
            if buffer.starts(with: "--".utf8) {
                state = .end
                buffer = []
                events.append(.end)
                return false
            }
            // White space may stand between a boundary and its line break; nobody sends much of it.
            let space = buffer.prefix { $0 == 0x20 || $0 == 0x09 }.count
            guard space <= Self.paddingLimit else { throw Malformed(reason: "a boundary is followed by white space") }
            guard buffer.count >= space + 2 else { return false }
            buffer.removeFirst(space)
            guard buffer.starts(with: "\r\n".utf8) else { throw Malformed(reason: "text stands after a boundary") }
            state = .header
            return true
        case .header:
            // The line break of the boundary is still there, so that an empty header ends like any other.
            guard let end = firstRange(of: Array("\r\n\r\n".utf8)) else {
                guard buffer.count <= Self.headerLimit else { throw Malformed(reason: "a part's header is too long") }
                return false
            }
            guard end <= Self.headerLimit else { throw Malformed(reason: "a part's header is too long") }
            events.append(try Self.part(String(decoding: buffer[..<end], as: UTF8.self)))
            // One line break stays in front of the data: it belongs to the boundary of an empty part.
            buffer.removeFirst(end + 2)
            hasLineBreakOfHeader = true
            state = .data
            return true
        case .end:
            return false
        }
    }

    /// Reports what lies in the buffer before `end` as contents of the part.
    private mutating func emit(upTo end: Int, _ events: inout [Event]) {
        guard state == .data, end > 0 else { return }
        let start = hasLineBreakOfHeader ? 2 : 0
        hasLineBreakOfHeader = false
        if start < end { events.append(.data(Array(buffer[start..<end]))) }
    }

    private static func part(_ header: String) throws(Malformed) -> Event {
        var name: String?
        var filename: String?
        var contentType: String?
        for line in header.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(reason: "a part's header has no colon") }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition":
                name = parameter("name", of: value) ?? extendedParameter("name", of: value)
                filename = parameter("filename", of: value) ?? extendedParameter("filename", of: value)
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let name else { throw Malformed(reason: "a part has no name") }
        return .part(name: name, filename: filename, contentType: contentType)
    }

    /// The value of a parameter such as `filename*=UTF-8''na%C3%AFve.wav` (RFC 8187), which some clients send in place of
    /// the plain one.
    private static func extendedParameter(_ wanted: String, of value: Substring) -> String? {
        guard let text = parameter(wanted + "*", of: value) else { return nil }
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return text.percentDecoded(latin1: false) }
        return String(parts[2]).percentDecoded(latin1: parts[0].lowercased() == "iso-8859-1")
    }

    /// The value of a parameter such as `name="file"`; quotes may be escaped as `%22` or `\"`.
    private static func parameter(_ wanted: String, of value: Substring) -> String? {
        var rest = value
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            var text = ""
            if rest.first == "\"" {
                rest.removeFirst()
                var isEscaped = false
                while let character = rest.popFirst() {
                    if isEscaped || (character != "\"" && character != "\\") {
                        text.append(character)
                        isEscaped = false
                    } else if character == "\\" {
                        isEscaped = true
                    } else {
                        break
                    }
                }
            } else {
                text = String(rest.prefix { $0 != ";" && $0 != " " })
                rest = rest.dropFirst(text.count)
            }
            if key == wanted { return text.replacing("%22", with: "\"") }
        }
        return nil
    }

    /// Where `pattern` first stands in the buffer.
    private func firstRange(of pattern: [UInt8]) -> Int? {
        guard buffer.count >= pattern.count, let first = pattern.first else { return nil }
        return buffer.withUnsafeBufferPointer { buffer in
            var start = 0
            let last = buffer.count - pattern.count
            while start <= last {
                guard let candidate = buffer[start...last].firstIndex(of: first) else { return nil }
                if buffer[candidate..<candidate + pattern.count].elementsEqual(pattern) { return candidate }
                start = candidate + 1
            }
            return nil
        }
    }
}

extension String {
    /// The text whose bytes are written as `%C3`; in UTF-8, where those that are none become U+FFFD, or in ISO 8859-1.
    fileprivate func percentDecoded(latin1: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard latin1 else { return String(decoding: bytes, as: UTF8.self) }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
