import Foundation

/// A word that another server uses for programs, such as `rate_limit_exceeded`: all that is kept of why it refused.
///
/// Its sentences may quote what a user said, its address or our key, so they reach neither a log nor a client.
public struct MachineWord: Sendable, Equatable, CustomStringConvertible {
    /// The most bytes of a word.
    public static let longest = 60

    /// The word: a small letter, followed by small letters, digits, `_`, `.` and `-`.
    public let description: String

    /// `text` if it is such a word and no part of `secret` can be read in it.
    public init?(_ text: String, hiding secret: String? = nil) {
        guard (1...Self.longest).contains(text.utf8.count), let first = text.utf8.first, Self.isLetter(first),
            text.utf8.allSatisfy(Self.isAllowed), !Self.shows(secret ?? "", in: text)
        else { return nil }
        description = text
    }

    /// The word in the body of a refusal: `{"error": {"code": …, "type": …}}`, or both without `error` around them. The
    /// code says more than the type, so it is looked at first.
    public init?(ofRefusal body: some Sequence<UInt8>, hiding secret: String? = nil) {
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body)) else { return nil }
        let words = refusal.words.lazy.compactMap { MachineWord($0, hiding: secret) }
        guard let word = words.first else { return nil }
        self = word
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_.-".utf8.contains(byte)
    }

    /// Whether six characters in a row of `secret`, or all of a shorter one, are in `word`, whatever their case.
    private static func shows(_ secret: String, in word: String) -> Bool {
        let secret = Array(secret.lowercased().utf8)
        let word = Array(word.utf8)
        let length = min(6, secret.count)
        guard length > 0, word.count >= length else { return false }
        return (0...(word.count - length)).contains { start in
            let piece = word[start..<(start + length)]
            return (0...(secret.count - length)).contains { secret[$0..<($0 + length)].elementsEqual(piece) }
        }
    }
}

/// What servers answer when they refuse, as far as it is for programs. Codes may be numbers, which say no more than the
/// status does.
private struct Refusal: Decodable {
    var words: [String] = []

    private enum CodingKeys: String, CodingKey {
        case error, code, type
    }

    init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: CodingKeys.self)
        let inner = try? outer.nestedContainer(keyedBy: CodingKeys.self, forKey: .error)
        for container in [inner, outer].compactMap(\.self) {
            words += [CodingKeys.code, .type].compactMap { try? container.decode(String.self, forKey: $0) }
        }
    }
}
