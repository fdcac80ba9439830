/// One label set of a family: the place where threads count, without locks.
protocol Series: AnyObject, Sendable {
    var id: SeriesID { get }

    /// Writes its samples.
    func write(to exposition: inout Exposition)
}

/// Where a series stands in the registry.
struct SeriesID: Sendable, Hashable {
    /// The name of the family, without `_total`.
    var family: String
    var labels: LabelSet
}
