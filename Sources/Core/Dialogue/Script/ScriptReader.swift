import Yams

/// Reads a script from YAML and says precisely what is wrong with it.
struct ScriptReader {
    let file: String

    static let maximumIntents = 1000
    static let maximumPhrases = 100
    static let maximumReplyLength = 2000
    /// Aliases repeat parts of a file; nested ones would make it explode.
    static let maximumAliases = 20
    /// The keys of all mappings. Others that stand in a file are not shown: it may be no script.
    private static let keys: Set = ["name", "intents", "fallback", "empty", "id", "when", "do", "say", "help"]

    func read(_ text: String) throws(ScriptError) -> Script {
        let root = try mapping(parse(text), of: "the script", keys: ["name", "intents", "fallback", "empty"])
        guard let intentList = root["intents"], let intents = intentList.sequence, !intents.isEmpty else {
            throw error(root["intents"] ?? root.node, "a script needs a list \"intents\" with at least one intent")
        }
        guard intents.count <= Self.maximumIntents else {
            throw error(intentList, "a script may have at most \(Self.maximumIntents) intents")
        }
        var read: [Script.Intent] = []
        var ids: Set<String> = []
        for node in intents {
            let intent = try intent(node)
            guard ids.insert(intent.id).inserted else {
                throw error(node, "there are two intents \"\(intent.id)\"; give one another id")
            }
            read.append(intent)
        }
        return Script(
            name: try root["name"].map { node throws(ScriptError) in try string(node, "name") } ?? "assistant",
            intents: read,
            fallback: try replies(of: root, key: "fallback", variables: []),
            empty: try replies(of: root, key: "empty", variables: [])
        )
    }

    // MARK: Parts of a script

    private func intent(_ node: Node) throws(ScriptError) -> Script.Intent {
        let label = node.mapping?["id"]?.scalar.map { "the intent \"\($0.string)\"" } ?? "an intent"
        let fields = try mapping(node, of: label, keys: ["id", "when", "do", "say", "help"])
        guard let idNode = fields["id"] else { throw error(node, "an intent needs an \"id\"") }
        let id = try string(idNode, "id of an intent")
        guard let when = fields["when"] else { throw error(node, "\(label) needs a list \"when\" of phrases") }
        let action = try fields["do"].map { node throws(ScriptError) in try self.action(node, in: label) }

        var phrases: [ScriptPhrase] = []
        for item in try list(when, "when", limit: Self.maximumPhrases) {
            let phrase = try phrase(item)
            if let slot = action?.requiredSlot, !phrase.slots.contains(slot) {
                throw error(item, "each phrase of \(label) needs the slot {\(slot)}")
            }
            phrases.append(phrase)
        }
        let everywhere = phrases.dropFirst().reduce(into: Set(phrases.first?.slots ?? [])) {
            $0.formIntersection($1.slots)
        }
        let replies: [String]
        if fields["say"] == nil, let action {
            replies = [action.defaultReply]
        } else {
            replies = try self.replies(
                of: fields,
                key: "say",
                variables: (action?.variables ?? []) + everywhere.sorted()
            )
        }
        let ability = try fields["help"].map { node throws(ScriptError) in try string(node, "help") }
        return Script.Intent(id: id, phrases: phrases, action: action, replies: replies, ability: ability)
    }

    private func phrase(_ node: Node) throws(ScriptError) -> ScriptPhrase {
        let text = try string(node, "phrase")
        do {
            return try ScriptPhrase(text)
        } catch {
            throw self.error(node, error.message)
        }
    }

    private func action(_ node: Node, in label: String) throws(ScriptError) -> ScriptAction {
        let name = try string(node, "do")
        guard let action = ScriptAction(rawValue: name) else {
            let known = ScriptAction.allCases.map(\.rawValue)
            let hint = Suggestion.text(for: name, among: known)
            throw error(
                node,
                "unknown action \"\(name)\" in \(label)\(hint); known are \(known.joined(separator: ", "))"
            )
        }
        return action
    }

    private func replies(of fields: Fields, key: String, variables: [String]) throws(ScriptError) -> [String] {
        guard let node = fields[key] else { throw error(fields.node, "\(fields.label) needs a list \"\(key)\"") }
        let known = ScriptAction.commonVariables + variables
        var replies: [String] = []
        for item in try list(node, key, limit: Self.maximumPhrases) {
            let reply = try string(item, "reply")
            for variable in Variables.names(in: reply) where !known.contains(variable) {
                let hint = Suggestion.text(for: variable, among: known)
                throw error(
                    item,
                    "unknown variable {\(variable)} in \"\(key)\" of \(fields.label)\(hint); known are "
                        + known.map { "{\($0)}" }.joined(separator: " ")
                )
            }
            replies.append(reply)
        }
        return replies
    }

    // MARK: YAML

    /// A mapping whose keys are known.
    private struct Fields {
        var node: Node
        var label: String
        var values: [String: Node]

        subscript(key: String) -> Node? { values[key] }
    }

    private func parse(_ text: String) throws(ScriptError) -> Node {
        // Counted before anything is composed: "*name" where a value may stand.
        guard text.matches(of: /[\s\[{,:?-]\*[A-Za-z0-9_-]/).count <= Self.maximumAliases else {
            throw ScriptError(file: file, message: "a script may have at most \(Self.maximumAliases) YAML aliases")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ScriptError(file: file, message: "the file is empty")
            }
            return node
        } catch let error as ScriptError {
            throw error
        } catch let error as YamlError {
            throw scriptError(error)
        } catch {
            throw ScriptError(file: file, message: "this is no YAML")
        }
    }

    private func scriptError(_ error: YamlError) -> ScriptError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ScriptError(file: file, line: mark.line, message: "this is no valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ScriptError(
                file: file,
                line: context.mark.line,
                message:
                    "\(duplicates.allSatisfy(Self.keys.contains) ? "the key \"\(duplicates.joined(separator: ", "))\"" : "a key") stands twice in one mapping"
            )
        case .reader(let problem, _, _, _):
            ScriptError(file: file, message: "this is no valid YAML: \(problem)")
        default:
            ScriptError(file: file, message: "this is no valid YAML")
        }
    }

    private func mapping(_ node: Node, of label: String, keys: [String]) throws(ScriptError) -> Fields {
        guard let mapping = node.mapping else { throw error(node, "\(label) must be a mapping of keys to values") }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            let name = try string(key, "key")
            guard keys.contains(name) else {
                let hint = Suggestion.text(for: name, among: keys)
                // The file may be another one than was meant: of that nothing is shown.
                let shown = hint.isEmpty ? "" : " \"\(name)\""
                throw error(
                    key,
                    "unknown key\(shown) in \(label)\(hint); known are \(keys.joined(separator: ", "))"
                )
            }
            values[name] = value
        }
        return Fields(node: node, label: label, values: values)
    }

    private func list(_ node: Node, _ key: String, limit: Int) throws(ScriptError) -> [Node] {
        // A single text may stand for a list of one.
        let items = node.scalar.map { _ in [node] } ?? node.sequence.map(Array.init)
        guard let items, !items.isEmpty else {
            throw error(node, "\"\(key)\" must be a list with at least one text")
        }
        guard items.count <= limit else { throw error(node, "\"\(key)\" may have at most \(limit) entries") }
        return items
    }

    private func string(_ node: Node, _ what: String) throws(ScriptError) -> String {
        guard let text = node.scalar?.string, !text.allSatisfy(\.isWhitespace) else {
            throw error(node, "the \(what) must be a text that is not empty")
        }
        guard text.count <= Self.maximumReplyLength else {
            throw error(node, "the \(what) may have at most \(Self.maximumReplyLength) characters")
        }
        return text
    }

    private func error(_ node: Node, _ message: String) -> ScriptError {
        ScriptError(file: file, line: node.mark?.line, message: message)
    }
}
