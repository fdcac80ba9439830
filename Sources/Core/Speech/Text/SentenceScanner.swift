import SpokenText

/// Finds the ends of sentences and clauses in text that arrives scalar by scalar.
///
/// A sentence ends at `.`, `!`, `?` or `…`, with quotes or brackets that close after it, when white space or the end of
/// the text follows; at `。`, `！` or `？` whatever follows; at a blank line; and before a list item. A full stop does not
/// end one after an abbreviation (see `Abbreviations`), as part of a number, version, address or list marker, or beside
/// another full stop: an ellipsis of dots, like a comma, ends only a clause.
///
/// The scanner keeps a bounded state, so its cost is linear. Because a boundary may depend on what follows, it is
/// reported some scalars after its position. Positions never decrease.
public struct SentenceScanner: Sendable {
    /// A mark that ends something if what follows agrees.
    private enum Candidate {
        case none
        /// End if white space follows.
        case fullStop, ellipsis, exclamation, clause
        /// End unless more marks or closing quotes follow.
        case wideStop, wideClause

        var ignoresWhatFollows: Bool { self == .wideStop || self == .wideClause }
    }

    /// Scalars taken so far.
    private var position = 0
    private var previous: Unicode.Scalar = "\n"
    private var candidate = Candidate.none
    /// Closing quotes or brackets stand between the candidate and here.
    private var isClosed = false
    /// The word being read, with its full stops; cut off when it is longer than any abbreviation.
    private var word: [Unicode.Scalar] = []
    private var line: LineStart
    private var linePosition = 0
    /// A full stop after an abbreviation, until the next word tells what it meant.
    private var question: (position: Int, next: NextWord)?

    /// A scanner at the start of a text, or `inLine`: in the middle of a line, where no list item can begin.
    public init(inLine: Bool = false) {
        line = LineStart(inText: inLine)
    }

    /// Takes the next scalar and returns the boundary that it makes certain, if any.
    public mutating func push(_ scalar: Unicode.Scalar) -> TextBoundary? {
        let answered = answer(with: scalar)
        let found = scalar.isSpace ? pushSpace(scalar) : pushMark(scalar)
        previous = scalar
        position += 1
        return answered ?? found
    }

    /// The text has ended; returns a boundary before its end that only now is certain, if any.
    public mutating func finish() -> TextBoundary? {
        guard let (position, next) = question else { return nil }
        question = nil
        return next.finish() == .ends ? TextBoundary(.sentence, at: position) : nil
    }

    private mutating func answer(with scalar: Unicode.Scalar) -> TextBoundary? {
        switch question?.next.push(scalar) {
        case .none, .open:
            return nil
        case .goesOn:
            question = nil
            return nil
        case .ends:
            defer { question = nil }
            return question.map { TextBoundary(.sentence, at: $0.position) }
        }
    }

    private mutating func pushSpace(_ scalar: Unicode.Scalar) -> TextBoundary? {
        var found = endOfCandidate()
        setCandidate(.none)
        word.removeAll(keepingCapacity: true)
        if line.push(scalar) == .marker {
            found = TextBoundary(.listItem, at: linePosition)
        }
        // CR LF is one line break.
        if scalar.isLineBreak, !(scalar == "\n" && previous == "\r") {
            if line.isBlank, position > 0 {
                question = nil
                found = TextBoundary(.sentence, at: position)
            }
            line = LineStart()
        }
        if scalar.isLineBreak { linePosition = position + 1 }
        return found
    }

    /// The boundary before white space.
    private mutating func endOfCandidate() -> TextBoundary? {
        switch candidate {
        case .none:
            return nil
        case .clause, .wideClause, .ellipsis:
            return TextBoundary(.clause, at: position)
        case .exclamation, .wideStop:
            return TextBoundary(.sentence, at: position)
        case .fullStop:
            switch Abbreviations.reading(of: word) {
            case .end: return TextBoundary(.sentence, at: position)
            case .goesOn: return nil
            case let reading:
                question = (position, NextWord(after: reading))
                return nil
            }
        }
    }

    private mutating func pushMark(_ scalar: Unicode.Scalar) -> TextBoundary? {
        let isListNumber = line.push(scalar) == .numberStop
        let before = candidate
        switch scalar {
        case "." where isListNumber:
            return nil
        case ".":
            pushFullStop()
            return nil
        case "!", "?", "…", "؟", "۔", "।", "‽":
            setCandidate(before == .wideStop ? .wideStop : .exclamation)
            return nil
        case "。", "！", "？", "｡":
            setCandidate(.wideStop)
            return nil
        case _ where scalar.isCloser && before != .none:
            isClosed = true
            return nil
        case "—", "，", "、", "；", "：":
            setCandidate(.wideClause)
        case ",", ";", ":", "،", "؛":
            setCandidate(.clause)
        case "-", "–":
            // A dash between spaces; elsewhere it is a hyphen or a range.
            setCandidate(line.isPast && previous.isSpace ? .clause : .none)
        default:
            setCandidate(.none)
            pushWord(scalar)
            return before.ignoresWhatFollows ? boundary(after: before) : nil
        }
        word.removeAll(keepingCapacity: true)
        let goesOn = before == .wideClause && candidate == .wideClause
        return before.ignoresWhatFollows && !goesOn ? boundary(after: before) : nil
    }

    private func boundary(after candidate: Candidate) -> TextBoundary {
        TextBoundary(candidate == .wideStop ? .sentence : .clause, at: position)
    }

    private mutating func setCandidate(_ new: Candidate) {
        candidate = new
        isClosed = false
    }

    private mutating func pushFullStop() {
        switch candidate {
        case .exclamation, .wideStop:
            return
        case .fullStop where !isClosed, .ellipsis where !isClosed:
            setCandidate(.ellipsis)
        case .none, .clause, .wideClause, .fullStop, .ellipsis:
            if isClosed { word.removeAll(keepingCapacity: true) }
            setCandidate(.fullStop)
        }
        extendWord(with: ".")
    }

    private mutating func pushWord(_ scalar: Unicode.Scalar) {
        guard scalar.isLetterOrDigit || !scalar.isASCII && !scalar.isOpener else {
            return word.removeAll(keepingCapacity: true)
        }
        // "5p.m.": the abbreviation begins after the number.
        let isNumber = word.allSatisfy { $0.isASCIIDigit || $0 == "." }
        if isNumber, !scalar.isASCIIDigit { word.removeAll(keepingCapacity: true) }
        extendWord(with: scalar)
    }

    private mutating func extendWord(with scalar: Unicode.Scalar) {
        // An acronym may be longer than any listed abbreviation.
        if word.count <= 2 * Abbreviations.longest { word.append(scalar) }
    }
}
