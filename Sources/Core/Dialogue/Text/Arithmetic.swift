import Foundation

/// Works out sums that were said: `2 plus 3 times 4`, `20 percent of 50`, `the square root of 16`.
///
/// Takes normalised words (see `Words`). Powers bind before products, products before sums. A percentage that is added
/// or taken away refers to what stands before it: `100 plus 20 percent` is 120.
enum Arithmetic {
    /// What came out.
    enum Outcome: Equatable {
        case value(Double)
        case divisionByZero
        /// Larger than `limit`.
        case tooLarge
        /// Such as the square root of a negative number.
        case undefined
    }

    /// Results beyond this, in either direction, are not told: a Double is no longer exact there.
    static let limit = 1e15

    /// The result of the sum that `words` are, or nil if they are no sum.
    static func evaluate(_ words: [String]) -> Outcome? {
        guard words.count <= 100 else { return nil }
        let words = trim(words)
        do {
            let value = try value(of: words)
            return abs(value) <= limit ? .value(value) : .tooLarge
        } catch {
            return switch error {
            case .noSum: nil
            case .divisionByZero: .divisionByZero
            case .tooLarge: .tooLarge
            case .undefined: .undefined
            }
        }
    }

    private static func value(of words: [String]) throws(ArithmeticFailure) -> Double {
        if let value = try ArithmeticOrder.evaluate(words) { return value }
        var parser = ArithmeticParser(symbols: try ArithmeticSymbol.read(words))
        return try parser.wholeSum(needsOperator: true)
    }

    private static func trim(_ words: [String]) -> [String] {
        let tail: Set<String> = ["=", "equals", "equal", "to", "is", "please", "make", "makes", "exactly"]
        var words = words[...]
        while let last = words.last, tail.contains(last) { words.removeLast() }
        while words.first == "the" || words.first == "please" { words.removeFirst() }
        return Array(words)
    }
}

/// Why words have no value.
enum ArithmeticFailure: Error {
    case noSum, divisionByZero, tooLarge, undefined
}

/// What the words of a sum stand for.
enum ArithmeticSymbol: Equatable {
    case number(Double)
    case plus, minus, times, divide, power, percent, squareRoot, squared, cubed

    // Longer wordings stand before those that they begin with.
    private static let wordings: [(words: [String], symbols: [ArithmeticSymbol])] = [
        (["raised", "to", "the", "power", "of"], [.power]), (["to", "the", "power", "of"], [.power]),
        (["to", "the", "power"], [.power]), (["the", "square", "root", "of"], [.squareRoot]),
        (["square", "root", "of"], [.squareRoot]), (["multiplied", "by"], [.times]), (["divided", "by"], [.divide]),
        (["percent", "of"], [.percent, .times]), (["per", "cent", "of"], [.percent, .times]),
        (["%", "of"], [.percent, .times]), (["per", "cent"], [.percent]), (["take", "away"], [.minus]),
        (["half", "of"], [.number(0.5), .times]), (["double"], [.number(2), .times]),
        (["twice"], [.number(2), .times]), (["percent"], [.percent]), (["%"], [.percent]), (["plus"], [.plus]),
        (["+"], [.plus]), (["minus"], [.minus]), (["negative"], [.minus]), (["-"], [.minus]), (["times"], [.times]),
        (["x"], [.times]), (["*"], [.times]), (["over"], [.divide]), (["/"], [.divide]), (["^"], [.power]),
        (["squared"], [.squared]), (["cubed"], [.cubed]),
    ]

    /// The symbols of `words`; throws `noSum` at a word that does not belong.
    static func read(_ words: [String]) throws(ArithmeticFailure) -> [ArithmeticSymbol] {
        var symbols: [ArithmeticSymbol] = []
        var rest = words[...]
        while let word = rest.first {
            if let first = word.first, first.isNumber, let number = Double(word) {
                symbols.append(.number(number))
                rest = rest.dropFirst()
            } else if let wording = wordings.first(where: { rest.starts(with: $0.words) }) {
                symbols += wording.symbols
                rest = rest.dropFirst(wording.words.count)
            } else {
                throw .noSum
            }
        }
        return symbols
    }
}

/// Sums that are put as an order: `add 2 and 3`, `subtract 3 from 10`, `multiply 4 by 5`, `divide 9 by 3`.
private enum ArithmeticOrder {
    /// The value of an order, or nil if `words` are none.
    static func evaluate(_ words: [String]) throws(ArithmeticFailure) -> Double? {
        // "Add 5 percent to 200" has no agreed meaning.
        if words.contains("percent") || words.contains("%") { return nil }
        switch words.first ?? "" {
        case "add":
            return try operands(words.dropFirst(), between: words.contains("and") ? "and" : "to").reduce(0, +)
        case "sum" where words.dropFirst().first == "of":
            return try operands(words.dropFirst(2), between: "and").reduce(0, +)
        case "product" where words.dropFirst().first == "of":
            return try operands(words.dropFirst(2), between: "and").reduce(1, *)
        case "subtract":
            let (subtrahend, minuend) = try pair(words.dropFirst(), between: "from")
            return minuend - subtrahend
        case "multiply":
            let (left, right) = try pair(words.dropFirst(), between: words.contains("by") ? "by" : "and")
            return left * right
        case "divide":
            let (dividend, divisor) = try pair(words.dropFirst(), between: "by")
            guard divisor != 0 else { throw .divisionByZero }
            return dividend / divisor
        default:
            return nil
        }
    }

    private static func operands(_ words: ArraySlice<String>, between word: String) throws(ArithmeticFailure)
        -> [Double]
    {
        var values: [Double] = []
        for part in words.split(separator: word, omittingEmptySubsequences: false) {
            var parser = ArithmeticParser(symbols: try ArithmeticSymbol.read(Array(part)))
            values.append(try parser.wholeSum(needsOperator: false))
        }
        guard values.count >= 2 else { throw .noSum }
        return values
    }

    private static func pair(_ words: ArraySlice<String>, between word: String) throws(ArithmeticFailure)
        -> (Double, Double)
    {
        let values = try operands(words, between: word)
        guard values.count == 2 else { throw .noSum }
        return (values[0], values[1])
    }
}
