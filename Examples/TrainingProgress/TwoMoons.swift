import Foundation

/// Points in two half circles that reach into each other, and for each in which of them it lies.
struct TwoMoons {
    struct Point {
        let x: Double
        let y: Double
        /// 1 for the lower moon, 0 for the upper one.
        let label: Double
    }

    let points: [Point]

    /// So many points, half of them in each moon, that miss it by `noise` (a standard deviation; the moons' radius is 1).
    init(count: Int, noise: Double, using random: inout SeededGenerator) {
        points = (0..<count).map { index in
            let isLower = index % 2 == 1
            let angle = Double.random(in: 0...Double.pi, using: &random)
            let (x, y) = isLower ? (1 - cos(angle), 0.5 - sin(angle)) : (cos(angle), sin(angle))
            return Point(
                x: x + random.normal(deviation: noise),
                y: y + random.normal(deviation: noise),
                label: isLower ? 1 : 0
            )
        }
    }
}
