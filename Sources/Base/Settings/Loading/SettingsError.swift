/// The settings cannot be used. Says everything that is wrong with them, up to a limit.
public struct SettingsError: Error, Sendable, Hashable {
    /// The most problems that are told.
    public static let limit = 100

    /// The problems in the order in which they were found: 1 to `limit`.
    public private(set) var problems: [SettingsProblem] = []
    /// How many more there are.
    public private(set) var omitted = 0

    init() {}

    init(_ problem: SettingsProblem) {
        problems = [problem]
    }

    /// Adds what `problem` makes, unless there are too many already; then it is only counted.
    mutating func add(_ problem: @autoclosure () -> SettingsProblem) {
        if problems.count < Self.limit {
            problems.append(problem())
        } else {
            omitted += 1
        }
    }
}

extension SettingsError: CustomStringConvertible {
    /// A line for each problem.
    public var description: String {
        let more = omitted > 0 ? ["and \(omitted) more"] : []
        return (problems.map(\.description) + more).joined(separator: "\n")
    }
}
