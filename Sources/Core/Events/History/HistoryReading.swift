/// Where a part of a topic's history is found.
struct HistoryReading: Sendable {
    /// What has to be read from the topic's log first; nil when memory has all.
    let stored: ClosedRange<UInt64>?
    /// What memory has after that, and what holds of both together.
    let held: Recovery
}

extension HistoryReading {
    /// Both parts together. Of what the log was asked for some may have gone meanwhile: the oldest.
    /// - Parameter page: what the log gave of `stored`, in order.
    /// - Parameter isForward: whether the log was read from the beginning, so that it is the end of `stored` that a page
    ///   without enough room leaves out, and not the beginning.
    func joined(_ page: [Publication], isForward: Bool) -> Recovery {
        guard let stored else { return held }
        // What has no successor in the page lies before a part that has gone.
        var start = page.endIndex
        while start > page.startIndex, start == page.endIndex || page[start - 1].offset + 1 == page[start].offset {
            start -= 1
        }
        let whole = page[start...]
        let first = whole.first?.offset ?? stored.upperBound + 1
        let isCutShort = isForward && !whole.isEmpty && (whole.last?.offset ?? 0) < stored.upperBound
        return Recovery(
            publications: Array(whole) + (isCutShort ? [] : held.publications),
            position: held.position,
            isComplete: held.isComplete && (!isForward || first == stored.lowerBound),
            hasMore: held.hasMore || isCutShort || first > stored.lowerBound
        )
    }
}
