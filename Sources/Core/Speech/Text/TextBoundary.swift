/// A place where text may be cut.
public struct TextBoundary: Sendable, Equatable {
    /// What ends at a boundary.
    public enum Kind: Sendable, Equatable {
        /// A clause: a comma, semicolon, colon, dash or ellipsis stands before the boundary.
        case clause
        /// A sentence or a paragraph.
        case sentence
        /// Whatever stood before a list item, which begins here.
        case listItem
    }

    /// What ends here.
    public var kind: Kind
    /// How many Unicode scalars stand before the boundary.
    public var position: Int

    /// A boundary after `position` scalars.
    public init(_ kind: Kind, at position: Int) {
        self.kind = kind
        self.position = position
    }
}
