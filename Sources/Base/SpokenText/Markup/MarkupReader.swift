/// Turns Markdown and HTML that arrive in pieces into text to be cut into sentences and spoken.
///
/// Marks of headings, lists, tables, quotes and code blocks, tags, comments, character references, escapes and the
/// addresses of links are resolved, and addresses in the text are cut down to the host. What ends for good, such as a
/// heading or a list item, ends with a full stop and a blank line; what wraps, with a space. Marks within a line, such as
/// those of emphasis, are left to ``SpeakableText/withoutInlineMarks(_:)``.
///
/// How the text was cut into pieces makes no difference, and the cost per scalar is constant.
public struct MarkupReader: Sendable {
    private enum State {
        case text
        /// After a backslash.
        case escape
        /// After `<`.
        case tag(HTMLTagScanner)
        /// After `<!`, `<?` or `<|`.
        case declaration
        /// In `<!-- -->`, `<! >`, `<? >` or `<| |>`, until these scalars.
        case markup(end: [Unicode.Scalar], matched: Int)
        /// In an element that is not shown, until its closing tag.
        case hidden(end: [Unicode.Scalar], matched: Int)
        /// After `&`.
        case entity
        /// In the brackets of a link, so many deep.
        case link(depth: Int)
        /// In an address that is too long to be looked at as a whole.
        case longAddress
    }

    /// The most that is held back until its meaning is clear, in scalars.
    private static let longestHeld = 1000

    private var lines = LineReader()
    private var state = State.text
    private var held: [Unicode.Scalar] = []
    /// The word being read, as long as it is plain ASCII.
    private var word: [Unicode.Scalar] = []
    private var openBrackets = 0
    private var isCode = false
    /// The last scalar put out that is neither white space nor closes something.
    private var last: Unicode.Scalar?
    /// Whether something was put out since the last pause, and whether it can be heard.
    private var hasText = false
    private var isAudible = false
    /// White space that was not put out yet.
    private var hasSpace = false
    private var endsWithSpace = true
    /// A cell of a table has ended.
    private var hasCell = false
    private var output = String.UnicodeScalarView()

    /// A reader at the beginning of a text.
    public init() {}

    /// Takes more text and returns what is certain now.
    public mutating func feed(_ text: String) -> String {
        for scalar in text.unicodeScalars {
            for event in lines.push(scalar) { take(event) }
        }
        return takeOutput()
    }

    /// The text has ended: returns what was held back.
    public mutating func finish() -> String {
        for event in lines.finish() { take(event) }
        release()
        flushWord()
        return takeOutput()
    }

    private mutating func takeOutput() -> String {
        defer { output = String.UnicodeScalarView() }
        return String(output)
    }

    private mutating func take(_ event: LineReader.Event) {
        switch event {
        case .text(let scalar): push(scalar)
        case .code(let scalar): put(scalar)
        // A comment or a script goes on over the ends of lines.
        case .pause where isHidden, .cell where isHidden: break
        case .pause: pause()
        case .cell: cell()
        }
    }

    private var isHidden: Bool {
        switch state {
        case .markup, .hidden: true
        default: false
        }
    }

    // MARK: Text

    private mutating func push(_ scalar: Unicode.Scalar) {
        switch state {
        case .text:
            pushText(scalar)
        case .escape:
            state = .text
            if scalar.isASCII, !scalar.isLetterOrDigit, !scalar.isSpace, scalar.value > 0x20, scalar.value < 0x7F {
                return append(scalar)
            }
            append("\\")
            pushText(scalar)
        case .tag(var scanner):
            held.append(scalar)
            switch scanner.push(scalar) {
            case .open where held.count < Self.longestHeld: state = .tag(scanner)
            case .tag: end(scanner)
            case .open, .text: endOfNoTag(scalar)
            }
        case .declaration:
            pushDeclaration(scalar)
        case .markup(let end, let matched):
            let now = Self.matching(end, matched, scalar)
            state = now == end.count ? .text : .markup(end: end, matched: now)
        case .hidden(let end, let matched):
            let now = Self.matching(end, matched, scalar.lowercasedASCII)
            state = now == end.count ? .text : .hidden(end: end, matched: now)
        case .entity:
            pushEntity(scalar)
        case .link(let depth):
            pushLink(scalar, depth)
        case .longAddress:
            if scalar.isSpace || !scalar.isASCII {
                state = .text
                pushText(scalar)
            }
        }
    }

    /// How much of `end` is matched after one more scalar; no beginning of one of these is repeated in it but "-".
    private static func matching(_ end: [Unicode.Scalar], _ matched: Int, _ scalar: Unicode.Scalar) -> Int {
        if scalar == end[matched] { return matched + 1 }
        // "--->" ends a comment too.
        if scalar == "-", matched == 2, end[0] == "-" { return 2 }
        return scalar == end[0] ? 1 : 0
    }

    private mutating func pushText(_ scalar: Unicode.Scalar) {
        if scalar.isSpace {
            flushWord()
            return put(scalar)
        }
        guard scalar.isASCII else {
            flushWord()
            return put(scalar)
        }
        if scalar == "`" { isCode.toggle() }
        guard !isCode else { return append(scalar) }
        switch scalar {
        case "\\":
            state = .escape
        case "<":
            state = .tag(HTMLTagScanner())
            held = ["<"]
        case "&":
            state = .entity
            held = ["&"]
        case "(" where openBrackets > 0 && word.last == "]":
            openBrackets -= 1
            // The text of a link may be an address too.
            word.removeLast()
            flushWord()
            put("]")
            state = .link(depth: 1)
            held = ["("]
        case "[":
            openBrackets += 1
            append(scalar)
        default:
            append(scalar)
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        word.append(scalar)
        guard word.count > Addresses.longest else { return }
        if Addresses.isAddress(word) { state = .longAddress }
        flushWord()
    }

    private mutating func flushWord() {
        guard !word.isEmpty else { return }
        for scalar in Addresses.shortened(word) { put(scalar) }
        word.removeAll(keepingCapacity: true)
    }

    /// Puts out a scalar. White space waits until it is clear that no full stop belongs before it.
    private mutating func put(_ scalar: Unicode.Scalar) {
        if scalar.isSpace {
            hasSpace = hasSpace || !endsWithSpace
            if let last, Self.pauses.contains(last) { putSpace() }
            return
        }
        if hasCell, let last {
            if !Self.pauses.contains(last) { output.append(",") }
            hasSpace = !endsWithSpace
        }
        hasCell = false
        putSpace()
        output.append(scalar)
        endsWithSpace = false
        hasText = true
        if !scalar.isCloser { last = scalar }
        if scalar.isLetterOrDigit { isAudible = true }
    }

    private mutating func putSpace() {
        guard hasSpace else { return }
        output.append(" ")
        hasSpace = false
        endsWithSpace = true
    }

    // MARK: What was held back

    /// Puts out what is held as it is.
    private mutating func release() {
        let scalars = held
        let wasEscape = if case .escape = state { true } else { false }
        held = []
        state = .text
        if wasEscape { append("\\") }
        for scalar in scalars {
            if scalar.isASCII, !scalar.isSpace {
                append(scalar)
            } else {
                flushWord()
                put(scalar)
            }
        }
    }

    /// `scalar` shows that what is held is no tag.
    private mutating func endOfNoTag(_ scalar: Unicode.Scalar) {
        if held.count == 2, scalar == "!" || scalar == "?" || scalar == "|" {
            state = .declaration
            return
        }
        held.removeLast()
        release()
        push(scalar)
    }

    private mutating func pushDeclaration(_ scalar: Unicode.Scalar) {
        let isComment = held.count == 3
        if held == ["<", "!"], scalar == "-" {
            held.append(scalar)
        } else if isComment, scalar == "-" {
            held = []
            state = .markup(end: ["-", "-", ">"], matched: 0)
        } else if !isComment, scalar.isLetterOrDigit || scalar == "[" {
            state = .markup(end: held[1] == "|" ? ["|", ">"] : [">"], matched: 0)
            held = []
        } else {
            release()
            push(scalar)
        }
    }

    private mutating func end(_ tag: HTMLTagScanner) {
        held = []
        state = .text
        if HTMLElements.hidden.contains(tag.name), !tag.isClosing {
            state = .hidden(end: Array("</\(tag.name)>".unicodeScalars), matched: 0)
        } else if HTMLElements.blocks.contains(tag.name) {
            pause()
        } else if HTMLElements.cells.contains(tag.name), tag.isClosing {
            cell()
        }
    }

    private mutating func pushEntity(_ scalar: Unicode.Scalar) {
        if scalar == ";", let text = HTMLEntities.text(for: String(String.UnicodeScalarView(held.dropFirst()))) {
            // A character that is written so is never a mark.
            held = Array(text.unicodeScalars)
            return release()
        }
        let isPart = scalar.isASCII && scalar.isLetterOrDigit || scalar == "#"
        guard isPart, held.count <= HTMLEntities.longest else {
            release()
            return push(scalar)
        }
        held.append(scalar)
    }

    private mutating func pushLink(_ scalar: Unicode.Scalar, _ depth: Int) {
        let depth = depth + (scalar == "(" ? 1 : scalar == ")" ? -1 : 0)
        guard depth > 0 else {
            held = []
            state = .text
            // The brackets go with the marks within the line.
            put("(")
            put(")")
            return
        }
        state = .link(depth: depth)
        // A longer address is still one: only its end counts.
        if held.count < Self.longestHeld { held.append(scalar) }
    }

    // MARK: Pauses

    private mutating func pause() {
        release()
        flushWord()
        openBrackets = 0
        isCode = false
        guard hasText else { return }
        if isAudible, let last, !Self.pauses.contains(last) {
            output.append(last.isWordByItself ? "。" : ".")
        }
        output.append(contentsOf: "\n\n".unicodeScalars)
        endsWithSpace = true
        hasSpace = false
        hasText = false
        hasCell = false
        isAudible = false
        last = nil
    }

    private mutating func cell() {
        release()
        flushWord()
        // It is said only if another one follows.
        hasCell = hasText
    }

    private static let pauses: Set<Unicode.Scalar> = [
        ".", ",", ";", ":", "!", "?", "…", "—", "–", "。", "！", "？", "，", "、", "；", "：", "؟", "۔", "।", "‽",
    ]
}
