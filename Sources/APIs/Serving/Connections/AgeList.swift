/// Elements in the order in which they came; any of them can be taken out in constant time.
struct AgeList<Element: Hashable> {
    private struct Links {
        var older: Element?
        var newer: Element?
    }

    private var links: [Element: Links] = [:]
    private var newest: Element?
    /// The element that has been there for longest; nil if there is none.
    private(set) var oldest: Element?

    /// Whether there is nothing in the list.
    var isEmpty: Bool { links.isEmpty }

    /// Puts an element that is not in the list behind all others.
    mutating func append(_ element: Element) {
        links[element] = Links(older: newest, newer: nil)
        if let newest { links[newest]?.newer = element } else { oldest = element }
        newest = element
    }

    /// Takes an element out, if it is in the list.
    mutating func remove(_ element: Element) {
        guard let removed = links.removeValue(forKey: element) else { return }
        if let older = removed.older { links[older]?.newer = removed.newer } else { oldest = removed.newer }
        if let newer = removed.newer { links[newer]?.older = removed.older } else { newest = removed.older }
    }
}
