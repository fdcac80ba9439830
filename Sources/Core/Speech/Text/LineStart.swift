import SpokenText

/// Recognises the marker of a list item at the start of a line: optional spaces, then `-`, `•`, `*` or a number with
/// a full stop, then white space.
struct LineStart {
    /// What a scalar completed.
    enum Event {
        /// Nothing.
        case none
        /// The full stop of what may be the number of a list item. It ends no sentence.
        case numberStop
        /// The white space after a marker.
        case marker
    }

    private enum State {
        case indent, bullet, number, numberStop, text
    }

    private var state: State

    /// At the start of a line, or in the middle of one.
    init(inText: Bool = false) {
        state = inText ? .text : .indent
    }

    /// Whether only white space has been seen on this line.
    var isBlank: Bool { state == .indent }
    /// Whether the line has begun with something other than a marker or the marker is complete.
    var isPast: Bool { state == .text }

    /// Takes the next scalar of the line. A line break needs a new `LineStart` after it.
    mutating func push(_ scalar: Unicode.Scalar) -> Event {
        switch state {
        case .text:
            return .none
        case .indent:
            if scalar.isSpace { return .none }
            let isBullet = scalar == "-" || scalar == "•" || scalar == "*"
            state = isBullet ? .bullet : scalar.isASCIIDigit ? .number : .text
            return .none
        case .number where scalar.isASCIIDigit:
            return .none
        case .number where scalar == ".":
            state = .numberStop
            return .numberStop
        case .bullet, .numberStop:
            state = .text
            return scalar.isSpace ? .marker : .none
        case .number:
            state = .text
            return .none
        }
    }
}
