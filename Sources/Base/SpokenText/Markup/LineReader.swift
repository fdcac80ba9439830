/// Reads the lines of Markdown that arrives scalar by scalar: leaves out the marks of headings, lists, quotes, rules,
/// tables and code fences, and tells where a line ends for good from where it merely wraps.
struct LineReader {
    /// What a scalar brought.
    enum Event: Equatable {
        /// Text in which inline marks have a meaning.
        case text(Unicode.Scalar)
        /// Text of a code block.
        case code(Unicode.Scalar)
        /// The end of a heading, a list item, a row, a paragraph: the voice pauses.
        case pause
        /// The end of a cell of a table.
        case cell
    }

    private enum State {
        /// At the start of a line; only white space and marks of quotes so far.
        case start
        /// `>` at the start of a line.
        case quote
        /// The same mark again and again at the start of a line.
        case run(Unicode.Scalar, Int)
        /// Digits at the start of a line, and the mark after them.
        case number([Unicode.Scalar]), numberStop([Unicode.Scalar], Unicode.Scalar)
        /// What may be the box of a task.
        case box([Unicode.Scalar])
        /// `|`, `-`, `:` and spaces, of what may be the line under the head of a table.
        case delimiter([Unicode.Scalar])
        /// After the mark of a heading, rule or fence, until the line ends.
        case info(Unicode.Scalar, Int, [Unicode.Scalar])
        case text
    }

    private enum Kind {
        case paragraph, heading, item, row, block
    }

    /// Sees whether all of a line is bold, as people write headings.
    private struct Boldness {
        /// Runs of asterisks so far, if the line began with one.
        var runs = 0
        private var asterisks = 0

        mutating func push(_ scalar: Unicode.Scalar) {
            guard runs > 0 else { return }
            if scalar == "*" {
                asterisks += 1
                if asterisks == 2 { runs += 1 }
            } else if !scalar.isSpace {
                // Text behind the second run: not all of the line is bold.
                if runs >= 2 { runs = 0 }
                asterisks = 0
            }
        }

        var isWhole: Bool { runs == 2 }
    }

    /// A fence that is open.
    private struct Fence {
        var mark: Unicode.Scalar
        var count: Int
    }

    private static let bullets: Set<Unicode.Scalar> = ["-", "*", "+", "•", "◦", "▪", "‣", "●", "·", "–", "—"]
    private static let longestHeld = 200

    private var state = State.start
    /// What the line is, and what the one before was.
    private var kind = Kind.paragraph
    private var previousKind = Kind.paragraph
    /// A line has ended, and what follows decides whether that is a pause.
    private var hasOpenBreak = false
    private var isInItem = false
    private var indent = 0
    private var fence: Fence?
    private var boldness = Boldness()
    private var previous: Unicode.Scalar = "\n"
    private var events: [Event] = []

    /// Takes the next scalar and returns what is certain now.
    mutating func push(_ scalar: Unicode.Scalar) -> [Event] {
        events.removeAll(keepingCapacity: true)
        // CR LF is one line break.
        if !(scalar == "\n" && previous == "\r") { take(scalar) }
        previous = scalar
        return events
    }

    /// The text has ended: what was held back.
    mutating func finish() -> [Event] {
        events.removeAll()
        switch state {
        case .start, .quote, .text:
            break
        case .run(let mark, let count) where isRule(mark, count) || isFence(mark, count):
            break
        case .run(let mark, _) where Self.bullets.contains(mark) || mark == "#":
            break
        case .info:
            break
        case .delimiter(let held):
            if !held.contains("-") { emit(held) }
        default:
            releaseHeld()
        }
        return events
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        if fence != nil, case .text = state {
            return scalar.isLineBreak ? endCodeLine() : events.append(.code(scalar))
        }
        switch state {
        case .start:
            takeAtStart(scalar)
        case .quote:
            // "> text" is a quote, ">5" is not.
            if scalar.isASCIIDigit {
                beginText()
                emit([">"])
                return take(scalar)
            }
            state = .start
            indent = 0
            takeAtStart(scalar)
        case .run(let mark, let count):
            takeInRun(scalar, mark, count)
        case .number(let digits):
            if scalar.isASCIIDigit, digits.count < 9 {
                state = .number(digits + [scalar])
            } else if scalar == "." || scalar == ")" {
                state = .numberStop(digits, scalar)
            } else {
                release(then: scalar)
            }
        case .numberStop(let digits, _):
            // "in\n1999. Then": only a list that begins with 1 may begin in a paragraph.
            let isInParagraph = hasOpenBreak && previousKind == .paragraph
            guard scalar.isSpace, !isInParagraph || digits == ["1"] else { return release(then: scalar) }
            beginItem()
            state = .text
            // The number is said, and its full stop is a pause.
            emit(digits + ["."])
            take(scalar)
        case .box(let held):
            takeInBox(scalar, held)
        case .delimiter(let held):
            takeInDelimiter(scalar, held)
        case .info(let mark, let count, let info):
            takeInInfo(scalar, mark, count, info)
        case .text:
            takeText(scalar)
        }
    }

    // MARK: The start of a line

    private mutating func takeAtStart(_ scalar: Unicode.Scalar) {
        if scalar.isLineBreak {
            if fence == nil { endParagraph() }
            indent = 0
            return
        }
        if scalar.isSpace {
            indent += scalar == "\t" ? 4 : 1
            return
        }
        if let fence {
            guard scalar == fence.mark else {
                beginText()
                return take(scalar)
            }
            state = .run(scalar, 1)
            return
        }
        switch scalar {
        case ">":
            state = .quote
        case "[" where isInItem && kind == .item:
            state = .box(["["])
        case "#", "=", "_", "~", "`", "|":
            state = .run(scalar, 1)
        case _ where Self.bullets.contains(scalar):
            state = .run(scalar, 1)
        case _ where scalar.isASCIIDigit:
            state = .number([scalar])
        default:
            beginText(with: scalar)
            take(scalar)
        }
    }

    private mutating func takeInRun(_ scalar: Unicode.Scalar, _ mark: Unicode.Scalar, _ count: Int) {
        if scalar == mark, mark != "|" {
            state = .run(mark, count + 1)
            return
        }
        if let open = fence {
            guard count >= open.count, scalar.isSpace else { return release(then: scalar) }
            fence = nil
            kind = .block
            pause()
            state = .info(mark, 0, [])
            return take(scalar)
        }
        if mark == "|" || (mark == "-" && (scalar == "|" || scalar == ":")) {
            state = .delimiter(Array(repeating: mark, count: count))
            return take(scalar)
        }
        if isFence(mark, count) {
            state = .info(mark, count, [])
            return take(scalar)
        }
        guard scalar.isSpace || mark == "•" || mark == "◦" || mark == "▪" || mark == "‣" || mark == "●" else {
            return release(then: scalar)
        }
        if mark == "#", count <= 6 {
            pause()
            kind = .heading
            state = .text
            return take(scalar)
        }
        if isRule(mark, count) {
            pause()
            kind = .block
            state = scalar.isLineBreak ? .text : .info(mark, 0, [])
            return take(scalar)
        }
        if Self.bullets.contains(mark), count == 1 {
            beginItem()
            state = .start
            indent = 0
            return take(scalar)
        }
        release(then: scalar)
    }

    private func isRule(_ mark: Unicode.Scalar, _ count: Int) -> Bool {
        count >= 3 && (mark == "-" || mark == "*" || mark == "_" || mark == "=")
    }

    private func isFence(_ mark: Unicode.Scalar, _ count: Int) -> Bool {
        count >= 3 && (mark == "`" || mark == "~")
    }

    private mutating func takeInBox(_ scalar: Unicode.Scalar, _ held: [Unicode.Scalar]) {
        switch (held.count, scalar) {
        case (1, " "), (1, "x"), (1, "X"), (2, "]"):
            state = .box(held + [scalar])
        case (3, _) where scalar.isSpace:
            state = .text
            take(scalar)
        default:
            release(then: scalar)
        }
    }

    private mutating func takeInDelimiter(_ scalar: Unicode.Scalar, _ held: [Unicode.Scalar]) {
        let isPart = scalar == "-" || scalar == "|" || scalar == ":" || scalar.isSpace
        if scalar.isLineBreak, held.contains("-") {
            pause()
            kind = .row
            state = .text
            return take(scalar)
        }
        guard isPart, !scalar.isLineBreak, held.count < Self.longestHeld else { return release(then: scalar) }
        state = .delimiter(held + [scalar])
    }

    /// The rest of a line that begins or ends a code block, or follows a rule.
    private mutating func takeInInfo(
        _ scalar: Unicode.Scalar,
        _ mark: Unicode.Scalar,
        _ count: Int,
        _ info: [Unicode.Scalar]
    ) {
        if scalar.isLineBreak {
            guard count > 0 else {
                state = .text
                return take(scalar)
            }
            pause()
            fence = Fence(mark: mark, count: count)
            hasOpenBreak = false
            startLine(after: .block)
            return
        }
        guard count > 0 else {
            if scalar.isSpace { return }
            // "--- | ---"
            if mark == "-", scalar == "|" {
                state = .delimiter([mark, scalar])
                return
            }
            // "---- text ----"
            state = .text
            return take(scalar)
        }
        if scalar == "`" && mark == "`" || info.count >= Self.longestHeld {
            // Code within a line.
            beginText()
            emit(Array(repeating: mark, count: count) + info)
            return take(scalar)
        }
        state = .info(mark, count, info + [scalar])
    }

    /// What was held is text after all.
    private mutating func release(then scalar: Unicode.Scalar) {
        releaseHeld()
        take(scalar)
    }

    private mutating func releaseHeld() {
        let held: [Unicode.Scalar]
        switch state {
        case .run(let mark, let count):
            held = Array(repeating: mark, count: count)
            if mark == "*", count == 2 || count == 3, !isInItem { boldness.runs = 1 }
        case .number(let digits): held = digits
        case .numberStop(let digits, let stop): held = digits + [stop]
        case .box(let box), .delimiter(let box): held = box
        default: held = []
        }
        if held.first == "|", fence == nil {
            if hasOpenBreak { pause() }
            kind = .row
        }
        beginText(with: held.first)
        emit(held)
    }

    // MARK: Text

    private mutating func takeText(_ scalar: Unicode.Scalar) {
        if scalar.isLineBreak {
            events.append(.text(" "))
            if kind == .heading || kind == .row || boldness.isWhole { pause() } else { hasOpenBreak = true }
            startLine(after: kind)
            return
        }
        boldness.push(scalar)
        emit([scalar])
    }

    private mutating func emit(_ scalars: [Unicode.Scalar]) {
        for scalar in scalars {
            if fence != nil {
                events.append(.code(scalar))
            } else if scalar == "|", previous != "\\", kind == .row || previous.isSpace {
                kind = .row
                events.append(.cell)
            } else {
                events.append(.text(scalar))
            }
        }
    }

    private mutating func startLine(after kind: Kind) {
        previousKind = kind
        self.kind = .paragraph
        state = .start
        indent = 0
        isInItem = false
        boldness = Boldness()
    }

    /// A line of text begins here: settles what the end of the line before was.
    private mutating func beginText(with first: Unicode.Scalar? = nil) {
        state = .text
        guard hasOpenBreak else { return }
        let isContinued = indent >= 2 || first?.properties.isLowercase == true
        switch previousKind {
        case .item where isContinued:
            kind = .item
        case .paragraph:
            break
        case .item, .heading, .row, .block:
            pause()
        }
        hasOpenBreak = false
    }

    private mutating func beginItem() {
        pause()
        kind = .item
        isInItem = true
    }

    private mutating func endParagraph() {
        pause()
        startLine(after: .block)
    }

    private mutating func endCodeLine() {
        pause()
        startLine(after: .block)
    }

    private mutating func pause() {
        hasOpenBreak = false
        events.append(.pause)
    }
}
