/// What became of a publication numbered elsewhere. Only `applied` changes the topic.
public enum ApplyResult: Hashable, Sendable {
    /// It follows the last one and is now part of the topic.
    case applied
    /// The topic has it already.
    case duplicate
    /// Publications are missing before it, the first of them with this offset. Apply them first, or give up what the
    /// topic holds with `TopicState.restart(at:state:)`.
    case gap(from: UInt64)
    /// It belongs to another epoch; `TopicState.restart(at:state:)` moves the topic there.
    case newEpoch
}
