import Foundation

/// A network of two layers that tells the two moons apart: two inputs, a hidden layer with tanh, one probability.
struct Network {
    /// What an epoch came to.
    struct Outcome {
        /// The mean cross entropy in nats.
        let loss: Double
        /// Which part of the points was told right, 0 to 1.
        let accuracy: Double
    }

    /// A hidden unit: its two weights, its bias, and the weight with which it counts.
    private struct Unit {
        var x = 0.0
        var y = 0.0
        var bias = 0.0
        var out = 0.0
    }

    private var units: [Unit]
    private var bias = 0.0

    /// The count of weights and biases.
    var parameterCount: Int { units.count * 4 + 1 }

    /// A network with random weights.
    init(hidden: Int, using random: inout SeededGenerator) {
        units = (0..<hidden).map { _ in
            Unit(
                x: random.normal(deviation: 1),
                y: random.normal(deviation: 1),
                bias: random.normal(deviation: 1),
                out: random.normal(deviation: 1 / Double(hidden).squareRoot())
            )
        }
    }

    /// One step down the gradient over all points; says how the network did before it.
    mutating func train(on points: [TwoMoons.Point], rate: Double) -> Outcome {
        var gradients = Array(repeating: Unit(), count: units.count)
        var biasGradient = 0.0
        var loss = 0.0
        var hits = 0
        var activations = Array(repeating: 0.0, count: units.count)
        for point in points {
            let logit = self.logit(of: point, &activations)
            // log(1 + exp(logit)) - label * logit, without overflow.
            loss += max(logit, 0) + log1p(exp(-abs(logit))) - point.label * logit
            hits += (logit > 0) == (point.label > 0.5) ? 1 : 0
            let error = 1 / (1 + exp(-logit)) - point.label
            biasGradient += error
            for index in units.indices {
                let activation = activations[index]
                let back = error * units[index].out * (1 - activation * activation)
                gradients[index].x += back * point.x
                gradients[index].y += back * point.y
                gradients[index].bias += back
                gradients[index].out += error * activation
            }
        }
        let count = Double(points.count)
        step(gradients, biasGradient, by: rate / count)
        return Outcome(loss: loss / count, accuracy: Double(hits) / count)
    }

    /// How the network does on points from which it does not learn.
    func evaluate(on points: [TwoMoons.Point]) -> Double {
        var activations = Array(repeating: 0.0, count: units.count)
        let hits = points.filter { (logit(of: $0, &activations) > 0) == ($0.label > 0.5) }.count
        return Double(hits) / Double(points.count)
    }

    private func logit(of point: TwoMoons.Point, _ activations: inout [Double]) -> Double {
        var logit = bias
        for (index, unit) in units.enumerated() {
            activations[index] = tanh(unit.x * point.x + unit.y * point.y + unit.bias)
            logit += unit.out * activations[index]
        }
        return logit
    }

    private mutating func step(_ gradients: [Unit], _ biasGradient: Double, by rate: Double) {
        for (index, gradient) in gradients.enumerated() {
            units[index].x -= rate * gradient.x
            units[index].y -= rate * gradient.y
            units[index].bias -= rate * gradient.bias
            units[index].out -= rate * gradient.out
        }
        bias -= rate * biasGradient
    }
}
