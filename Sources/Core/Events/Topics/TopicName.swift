/// A hierarchical name such as `session/01ab/turns`.
///
/// 1 to 255 bytes of UTF-8 in at most 16 segments separated by `/`, none of them empty, without control characters and
/// without `*`. Two names are equal when their bytes are.
public struct TopicName: Hashable, Sendable {
    /// The longest name in bytes.
    public static let maximumBytes = 255
    /// The most segments of a name.
    public static let maximumSegments = 16

    private let exact: ExactText

    /// The name as given.
    public var text: String { exact.text }

    /// A name; throws when `text` breaks a rule of names.
    public init(_ text: String) throws(TopicError) {
        try Self.check(text)
        exact = ExactText(text: text)
    }

    /// A name known to be good, such as the beginning of another one.
    init(unchecked text: String) {
        exact = ExactText(text: text)
    }

    /// Whether this name lies below `parent`, at any depth.
    public func isBelow(_ parent: TopicName) -> Bool {
        let bytes = text.utf8
        let parentBytes = parent.text.utf8
        let slash = UInt8(ascii: "/")
        return bytes.count > parentBytes.count && bytes.starts(with: parentBytes)
            && bytes[bytes.index(bytes.startIndex, offsetBy: parentBytes.count)] == slash
    }

    private static func check(_ text: String) throws(TopicError) {
        let bytes = text.utf8
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= maximumBytes else { throw .tooLong(bytes: bytes.count) }
        var segments = 1
        var previous = UInt8(ascii: "/")
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "*"):
                throw .misplacedWildcard(text)
            case 0..<0x20, 0x7F:
                throw .controlCharacter
            case 0x80...0x9F where previous == 0xC2:
                // U+0080 to U+009F, the control characters beyond ASCII.
                throw .controlCharacter
            case UInt8(ascii: "/"):
                guard previous != byte else { throw .emptySegment(text) }
                segments += 1
            default:
                break
            }
            previous = byte
        }
        guard previous != UInt8(ascii: "/") else { throw .emptySegment(text) }
        guard segments <= maximumSegments else { throw .tooManySegments(segments) }
    }
}

extension TopicName: CustomStringConvertible {
    /// The name itself.
    public var description: String { text }
}
