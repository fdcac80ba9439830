internal import Foundation
internal import Yams

/// A YAML document within limits: no anchors, no aliases, no tags, at most ten levels and a megabyte.
struct YAMLDocument {
    static let largest = 1_048_576
    static let deepest = 10
    /// Where aliases expand each other, so few of them stay harmless until the tree can be searched for them.
    private static let mostAliases = 10

    /// What the document says; nothing when it is empty.
    let root: SettingInput

    /// Parses `text`; throws a mistake with line and column where possible. `name` stands before them.
    init(_ text: String, named name: String) throws(SettingMistake) {
        guard text.utf8.count <= Self.largest else {
            throw SettingMistake("\(name) is larger than 1 MiB")
        }
        if let origin = Self.crowdOfAliases(in: text, named: name) { throw Self.anchors(at: origin) }
        let parser: Parser
        let tree: Node?
        do {
            // Without rules for tags, which are regular expressions and slow; every scalar stays text.
            parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            tree = try parser.singleRoot()
        } catch {
            throw Self.mistake(error, in: text, named: name)
        }
        // Nodes hold their anchors weakly; the parser owns them.
        root = try withExtendedLifetime(parser) { () throws(SettingMistake) in
            guard let tree else {
                return SettingInput(content: .null, origin: .file(path: name, line: 1, column: 1))
            }
            return try Self.input(tree, named: name, depth: 1)
        }
    }

    private static func input(_ node: Node, named name: String, depth: Int) throws(SettingMistake) -> SettingInput {
        let origin = SettingOrigin.file(path: name, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard depth <= deepest else {
            throw SettingMistake("nested more than \(deepest) levels deep", at: origin)
        }
        guard node.anchor == nil else { throw anchors(at: origin) }
        switch node {
        case .alias:
            throw anchors(at: origin)
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return SettingInput(content: isNull ? .null : .scalar(scalar.string), origin: origin)
        case .sequence(let sequence):
            let elements = try sequence.map { element throws(SettingMistake) in
                try input(element, named: name, depth: depth + 1)
            }
            return SettingInput(content: .list(elements), origin: origin)
        case .mapping(let mapping):
            let members = try mapping.map { key, value throws(SettingMistake) in
                let keyOrigin = SettingOrigin.file(
                    path: name,
                    line: key.mark?.line ?? 1,
                    column: key.mark?.column ?? 1
                )
                guard case .scalar(let scalar) = key else {
                    throw SettingMistake("a key must be a word", at: keyOrigin)
                }
                return SettingInput.Member(
                    name: scalar.string,
                    origin: keyOrigin,
                    value: try input(value, named: name, depth: depth + 1)
                )
            }
            return SettingInput(content: .map(members), origin: origin)
        }
    }

    private static func anchors(at origin: SettingOrigin) -> SettingMistake {
        SettingMistake(
            "anchors and aliases are not supported; write the value out, or put text between quotes",
            at: origin
        )
    }

    /// Where the first of too many aliases may stand.
    ///
    /// Aliases are expanded while parsing, and aliases of aliases grow without bounds, so they must be found before.
    /// Text that only looks like them is let through in small numbers, and in any number where nothing looks like an anchor.
    private static func crowdOfAliases(in text: String, named name: String) -> SettingOrigin? {
        var line = 1
        var column = 0
        var anchors = 0
        var aliases = 0
        var first: SettingOrigin?
        var previous: UInt8 = 0x0A
        var marker: UInt8?
        for byte in text.utf8 {
            column += 1
            if let found = marker, byte > 0x20 {
                if found == 0x26 { anchors += 1 } else { aliases += 1 }
                first = first ?? .file(path: name, line: line, column: column - 1)
            }
            marker = (byte == 0x26 || byte == 0x2A) && Self.separators.contains(previous) ? byte : nil
            if byte == 0x0A {
                line += 1
                column = 0
            }
            previous = byte
        }
        return anchors > 0 && aliases > mostAliases ? first : nil
    }

    /// After these bytes an anchor or alias may begin; those beyond ASCII are there for white space in Unicode.
    private static let separators = Set(" \t\r\n[]{},:?-!\"'&*".utf8).union(0x80...0xFF)

    private static func mistake(_ error: any Error, in text: String, named name: String) -> SettingMistake {
        func mistake(_ problem: String, _ mark: Mark?) -> SettingMistake {
            SettingMistake(
                "not valid YAML: " + problem,
                at: .file(path: name, line: mark?.line ?? 1, column: mark?.column ?? 1)
            )
        }
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let setting = context.map { " " + $0.text } ?? ""
            return mistake(problem + setting, mark)
        case .duplicatedKeysInMapping(let names, let context):
            let names = names.prefix(5).map(SettingInput.shown).joined(separator: ", ")
            return SettingMistake(
                "\(names) is there more than once in the same section; keep one",
                at: .file(path: name, line: context.mark.line, column: context.mark.column)
            )
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return SettingMistake(
                "not valid YAML: " + problem,
                at: .file(path: name, line: line, column: column)
            )
        default:
            return mistake("it cannot be read", nil)
        }
    }
}
