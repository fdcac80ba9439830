extension TopicName {
    /// The names above this one from the top down: `session` and `session/01ab` for `session/01ab/turns`.
    public var prefixes: Prefixes { Prefixes(text: text) }

    /// The names above a topic, made one at a time.
    public struct Prefixes: Sequence, IteratorProtocol, Sendable {
        private let text: String
        private var end: String.Index

        init(text: String) {
            self.text = text
            end = text.startIndex
        }

        /// The next longer prefix, nil when only the name itself is left.
        public mutating func next() -> TopicName? {
            let rest = text.utf8[end...]
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            end = text.utf8.index(after: slash)
            return TopicName(unchecked: String(text[..<slash]))
        }
    }
}
