import Logging

/// Turns metadata into fields of one level, `a.b` for a dictionary in a dictionary, and keeps a line within bounds:
/// 64 values, 64 KiB of text, 8 KiB in one text.
struct MetadataFlattener {
    private static let maximumText = 8192
    private static let maximumName = 128
    private static let maximumDepth = 8
    /// What a JSON line says of itself; metadata of these names is renamed.
    private static let reservedNames: Set = ["ts", "level", "logger", "message"]

    private let revealsUserText: Bool
    private var values = 64
    private var bytes = 65_536
    private var dropped = 0

    init(revealsUserText: Bool) {
        self.revealsUserText = revealsUserText
    }

    /// The fields of all metadata, sorted by name.
    mutating func fields(of metadata: Logger.Metadata) -> [LogRecord.Field] {
        var fields: [String: LogRecord.Value] = [:]
        flatten(metadata, prefix: "", depth: 0, into: &fields)
        if dropped > 0 {
            fields["dropped_fields"] = .literal(String(dropped))
        }
        return sorted(fields)
    }

    /// A text, cut to what the line has room for.
    mutating func text(_ text: String) -> String {
        let limit = min(Self.maximumText, bytes)
        guard text.utf8.count > limit else {
            bytes -= text.utf8.count
            return text
        }
        bytes -= limit
        return text.cut(toUTF8: limit) + "…"
    }

    private mutating func flatten(
        _ metadata: Logger.Metadata,
        prefix: String,
        depth: Int,
        into fields: inout [String: LogRecord.Value]
    ) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            var name = prefix + key.cut(toUTF8: Self.maximumName)
            if Self.reservedNames.contains(name) { name = "metadata.\(name)" }
            if case .dictionary(let inner) = value, depth < Self.maximumDepth, !inner.isEmpty {
                flatten(inner, prefix: name + ".", depth: depth + 1, into: &fields)
            } else if let value = self.value(value, depth: depth) {
                fields[name] = value
            }
        }
    }

    /// The value, or nil when the line is full.
    private mutating func value(_ value: Logger.MetadataValue, depth: Int) -> LogRecord.Value? {
        guard values > 0, bytes > 0 else {
            dropped += 1
            return nil
        }
        values -= 1
        guard depth < Self.maximumDepth else { return .text("…") }
        switch value {
        case .string(let string):
            return .text(text(string))
        case .stringConvertible(let convertible):
            return scalar(convertible)
        case .array(let elements):
            let room = values
            let list = elements.prefix(room).compactMap { self.value($0, depth: depth + 1) }
            return .list(elements.count > room ? list + [.text("…")] : list)
        case .dictionary(let inner):
            var fields: [String: LogRecord.Value] = [:]
            for (key, element) in inner.sorted(by: { $0.key < $1.key }) {
                fields[key.cut(toUTF8: Self.maximumName)] = self.value(element, depth: depth + 1)
            }
            return .object(sorted(fields))
        }
    }

    private func sorted(_ fields: [String: LogRecord.Value]) -> [LogRecord.Field] {
        fields.sorted { $0.key < $1.key }.map { LogRecord.Field(name: $0.key, value: $0.value) }
    }

    private mutating func scalar(_ value: any CustomStringConvertible) -> LogRecord.Value {
        switch value {
        case let sensitive as SensitiveText where revealsUserText:
            .text(text(sensitive.text.reveal()))
        case let truth as Bool:
            .literal(truth.description)
        case let number as any FixedWidthInteger:
            .literal(String(describing: number))
        case let number as Double where number.isFinite:
            .literal(number.description)
        case let number as Float where number.isFinite:
            .literal(number.description)
        default:
            .text(text(value.description))
        }
    }
}
