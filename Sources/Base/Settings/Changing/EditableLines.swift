/// The lines of a YAML text with the edits that the editor needs. An edit may miss; the editor proves each of them.
struct EditableLines {
    private var lines: [[Unicode.Scalar]]

    init(_ text: String) {
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    }

    var text: String {
        var scalars = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { scalars.append("\n") }
            scalars.append(contentsOf: line)
        }
        return String(scalars)
    }

    /// Sets the value at `path` below `input`, which is what stands behind the name of `parent`.
    mutating func set(
        _ path: ArraySlice<String>,
        to value: SettingValue,
        in input: SettingInput,
        parent: SettingInput.Member?
    ) {
        guard let name = path.first else {
            if let parent { replace(parent, with: value.yaml) }
            return
        }
        if case .map(let members) = input.content {
            if let member = members.first(where: { $0.name == name }) {
                set(path.dropFirst(), to: value, in: member.value, parent: member)
            } else {
                insert(path, value, into: members, of: input, parent: parent)
            }
        } else if let parent {
            // A section without keys: they go below its name.
            guard let place = Place(parent.origin) else { return }
            insert(block(path, value, indentation: place.column + 2), below: place)
        } else {
            append(block(path, value, indentation: 0))
        }
    }

    /// A place in the lines, counted from 0.
    private struct Place {
        var line: Int
        var column: Int

        init?(_ origin: SettingOrigin) {
            guard case .file(_, let line, let column) = origin else { return nil }
            self.line = line - 1
            self.column = column - 1
        }
    }

    private mutating func insert(
        _ path: ArraySlice<String>,
        _ value: SettingValue,
        into members: [SettingInput.Member],
        of map: SettingInput,
        parent: SettingInput.Member?
    ) {
        guard let start = Place(map.origin), lines.indices.contains(start.line) else { return }
        let line = lines[start.line]
        if line.indices.contains(start.column), line[start.column] == "{" {
            let nested = path.dropLast().reversed().reduce(
                SettingValue.object([SettingValue.Member(path.last ?? "", value)])
            ) { inner, name in .object([SettingValue.Member(name, inner)]) }
            let member = nested.yaml.dropFirst(2).dropLast(2)
            let text = members.isEmpty ? " \(member) " : " \(member),"
            lines[start.line].insert(contentsOf: text.unicodeScalars, at: start.column + 1)
        } else if let parent, let place = Place(parent.origin) {
            insert(block(path, value, indentation: start.column), below: place)
        } else {
            append(block(path, value, indentation: start.column))
        }
    }

    private mutating func insert(_ block: [[Unicode.Scalar]], below place: Place) {
        // The parser knows more kinds of line ends; the place may then be beyond these lines.
        guard lines.indices.contains(place.line) else { return }
        lines.insert(contentsOf: block, at: place.line + 1)
    }

    private mutating func append(_ block: [[Unicode.Scalar]]) {
        let isEnded = lines.last?.isEmpty ?? true
        lines.insert(contentsOf: block, at: isEnded ? max(0, lines.count - 1) : lines.count)
        if !isEnded { lines.append([]) }
    }

    /// A line for each section on the way and one for the value.
    private func block(_ path: ArraySlice<String>, _ value: SettingValue, indentation: Int) -> [[Unicode.Scalar]] {
        path.enumerated().map { depth, name in
            let text = depth == path.count - 1 ? "\(name): \(value.yaml)" : "\(name):"
            return Array((String(repeating: " ", count: indentation + 2 * depth) + text).unicodeScalars)
        }
    }

    /// Writes `text` where the value of `member` stands.
    private mutating func replace(_ member: SettingInput.Member, with text: String) {
        guard let name = Place(member.origin), let value = Place(member.value.origin),
            lines.indices.contains(value.line)
        else { return }
        if value.line == name.line, let end = end(of: member.value, at: value) {
            var new = Array(text.unicodeScalars)
            if value.column > 0, lines[value.line][value.column - 1] == ":" { new.insert(" ", at: 0) }
            lines[value.line].replaceSubrange(value.column..<end, with: new)
        } else {
            replaceBlock(of: member, named: name, with: text)
        }
    }

    /// The column behind the value that begins at `place`; nil when it goes on in the next line.
    private func end(of value: SettingInput, at place: Place) -> Int? {
        let line = lines[place.line]
        guard place.column <= line.count else { return nil }
        switch place.column < line.count ? line[place.column] : nil {
        case "\"", "'", "[", "{": return bracketEnd(in: line, from: place.column)
        case "|", ">": return nil
        default: break
        }
        let written: [Unicode.Scalar]
        switch value.content {
        case .scalar(let text): written = Array(text.unicodeScalars)
        case .null:
            written =
                ["null", "Null", "NULL", "~"].map { Array($0.unicodeScalars) }.first {
                    line[place.column...].starts(with: $0)
                } ?? []
        case .list, .map: return nil
        }
        return line[place.column...].starts(with: written) ? place.column + written.count : nil
    }

    /// The column behind the closing quote or bracket of what opens at `start`; nil when that is in another line.
    private func bracketEnd(in line: [Unicode.Scalar], from start: Int) -> Int? {
        var depth = 0
        var column = start
        while column < line.count {
            switch line[column] {
            case "[", "{": depth += 1
            case "]", "}": depth -= 1
            case "\"", "'":
                guard let end = quoteEnd(in: line, from: column) else { return nil }
                column = end - 1
            default: break
            }
            column += 1
            if depth == 0 { return column }
        }
        return nil
    }

    /// The column behind the quote that closes the one at `start`; nil when that is in another line.
    private func quoteEnd(in line: [Unicode.Scalar], from start: Int) -> Int? {
        let quote = line[start]
        var column = start + 1
        while column < line.count {
            if quote == "\"", line[column] == "\\" {
                column += 2
            } else if line[column] != quote {
                column += 1
            } else if quote == "'", column + 1 < line.count, line[column + 1] == "'" {
                column += 2
            } else {
                return column + 1
            }
        }
        return nil
    }

    /// Writes `text` in place of a value of several lines: those below the name that are indented more, or are items.
    private mutating func replaceBlock(of member: SettingInput.Member, named name: Place, with text: String) {
        guard lines.indices.contains(name.line) else { return }
        var last = name.line
        for index in lines.indices.dropFirst(name.line + 1) {
            let line = lines[index]
            guard let first = line.firstIndex(where: { $0 != " " && $0 != "\r" }) else { continue }
            let isItem = first == name.column && line[first] == "-"
            if first > name.column || isItem {
                last = index
            } else if line[first] != "#" {
                break
            }
        }
        let head = lines[name.line].prefix(name.column) + member.name.unicodeScalars + Array(": \(text)".unicodeScalars)
        lines.replaceSubrange(name.line...last, with: [Array(head)])
    }
}
