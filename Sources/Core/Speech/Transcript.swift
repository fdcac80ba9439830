/// What was said in a stretch of sound.
public struct Transcript: Sendable, Equatable, Codable {
    /// A part of a transcript with its place in the sound.
    public struct Segment: Sendable, Equatable, Codable {
        /// The text of the segment.
        public var text: String
        /// Where it starts, in seconds from the start of the sound.
        public var start: Double
        /// Where it ends, in seconds from the start of the sound.
        public var end: Double

        /// A segment.
        public init(text: String, start: Double, end: Double) {
            self.text = text
            self.start = start
            self.end = end
        }
    }

    /// The whole text, without surrounding white space; empty when nothing was said.
    public var text: String
    /// The text in pieces with times; empty when the engine knows no times.
    public var segments: [Segment]
    /// The BCP 47 tag of the language, when known.
    public var language: String?

    /// A transcript.
    public init(text: String, segments: [Segment] = [], language: String? = nil) {
        self.text = text
        self.segments = segments
        self.language = language
    }
}
