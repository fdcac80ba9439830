import ArgumentParser

/// How long something is valid, written `90s`, `10m`, `12h` or `30d`; a bare number counts seconds. At least a second
/// and at most ten years.
struct Lifetime: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let number = argument.prefix { ("0"..."9").contains($0) }
        let unit = argument.dropFirst(number.count)
        guard let count = Int(number), let size = unit.isEmpty ? 1 : units[String(unit)],
            (1...315_360_000 / size).contains(count)
        else { return nil }
        duration = .seconds(count * size)
    }
}
