import Foundation

/// Numbers as text that a voice reads well.
enum SpokenNumber {
    /// The digits of `value` without exponent and with as few decimals as it has, at most 12.
    static func digits(_ value: Double) -> String {
        digits(value, decimals: 12)
    }

    /// An answer: `12`, `0.3`, `about 3.3333`, `minus 4`.
    static func spoken(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        let magnitude = abs(value)
        guard magnitude >= 1e-9 else { return "almost 0" }
        // Four decimals; small numbers keep three significant digits.
        let decimals = max(4, 2 - Int(log10(magnitude).rounded(.down)))
        let text = digits(magnitude, decimals: decimals)
        // Noise of binary fractions, as in 0.1 + 0.2, is not worth an "about".
        let isExact = abs((Double(text) ?? 0) - magnitude) <= magnitude * 1e-12
        return (isExact ? "" : "about ") + (value < 0 ? "minus " : "") + text
    }

    private static func digits(_ value: Double, decimals: Int) -> String {
        var text = String(format: "%.\(decimals)f", value)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text == "-0" ? "0" : text
    }
}
