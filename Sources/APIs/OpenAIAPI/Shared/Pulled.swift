/// The elements of a sequence, pulled one by one from any task, one at a time.
actor Pulled<Base: AsyncSequence & Sendable> where Base.Element: Sendable {
    private var iterator: Base.AsyncIterator

    init(_ base: Base) {
        iterator = base.makeAsyncIterator()
    }

    /// The next element, nil at the end.
    func next() async throws -> Base.Element? {
        var iterator = self.iterator
        defer { self.iterator = iterator }
        return try await iterator.next(isolation: self)
    }
}
