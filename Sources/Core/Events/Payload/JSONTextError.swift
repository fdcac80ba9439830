/// Why bytes are not the JSON text that is wanted.
public struct JSONTextError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text ends before the value does.
        case unexpectedEnd
        /// A byte that may not stand here.
        case unexpectedByte
        /// Something follows the value.
        case trailingBytes
        /// A number that JSON does not know, such as `01` or `1.`
        case invalidNumber
        /// A number that no `Double` can hold, such as `1e999`.
        case numberTooLarge
        /// A backslash with something that JSON does not know behind it.
        case invalidEscape
        /// Half of a surrogate pair, such as `\ud800` alone.
        case unpairedSurrogate
        /// A control character inside a string.
        case controlCharacter
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// Arrays and objects inside each other, more than `JSONText.maximumDepth`.
        case tooDeep
        /// JSON, but not an object.
        case notAnObject
        /// More members or values than the reader takes.
        case tooManyMembers
    }

    /// What is wrong.
    public let reason: Reason
    /// Where, in bytes from the beginning.
    public let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONTextError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch reason {
        case .unexpectedEnd: "The JSON text ends at byte \(offset), before its value is complete."
        case .unexpectedByte: "The JSON text has an unexpected character at byte \(offset)."
        case .trailingBytes: "The JSON text goes on at byte \(offset), behind its value; send one value."
        case .invalidNumber: "The JSON text has an invalid number at byte \(offset)."
        case .numberTooLarge: "The JSON text has a number that is too large at byte \(offset)."
        case .invalidEscape: "The JSON text has an invalid escape sequence at byte \(offset)."
        case .unpairedSurrogate: "The JSON text has half of a surrogate pair at byte \(offset)."
        case .controlCharacter: "The JSON text has a control character in a string at byte \(offset); escape it."
        case .invalidUTF8: "The JSON text is not UTF-8 at byte \(offset)."
        case .tooDeep: "The JSON text nests deeper than \(JSONText.maximumDepth) levels at byte \(offset)."
        case .notAnObject: "The JSON text is not an object; send one in braces."
        case .tooManyMembers: "The JSON object has more than \(JSONObjectReader.maximumMembers) members."
        }
    }
}
