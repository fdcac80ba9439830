import Foundation

/// Reads symbols by precedence. It goes one level deeper per symbol at most, and their number is limited.
struct ArithmeticParser {
    private var rest: ArraySlice<ArithmeticSymbol>
    private var operators = 0

    init(symbols: [ArithmeticSymbol]) {
        rest = symbols[...]
    }

    /// The value of all symbols. A lone number is a sum only if no operator is needed.
    mutating func wholeSum(needsOperator: Bool) throws(ArithmeticFailure) -> Double {
        let value = try sum()
        guard rest.isEmpty, !needsOperator || operators > 0 else { throw .noSum }
        return value
    }

    private mutating func sum() throws(ArithmeticFailure) -> Double {
        var (value, leftIsPercentage) = try product()
        while let sign = take(.plus, .minus) {
            operators += 1
            let (term, isPercentage) = try product()
            let amount = isPercentage && !leftIsPercentage ? value * term : term
            value = try bounded(sign == .plus ? value + amount : value - amount)
            leftIsPercentage = leftIsPercentage && isPercentage
        }
        return value
    }

    private mutating func product() throws(ArithmeticFailure) -> (value: Double, isPercentage: Bool) {
        var (value, isPercentage) = try factor()
        while let sign = take(.times, .divide) {
            operators += 1
            isPercentage = false
            let right = try factor().value
            if sign == .divide, right == 0 { throw .divisionByZero }
            value = try bounded(sign == .times ? value * right : value / right)
        }
        return (value, isPercentage)
    }

    private mutating func factor() throws(ArithmeticFailure) -> (value: Double, isPercentage: Bool) {
        if take(.minus) != nil {
            let (value, isPercentage) = try factor()
            return (-value, isPercentage)
        }
        if take(.squareRoot) != nil {
            operators += 1
            let value = try factor().value
            guard value >= 0 else { throw .undefined }
            return (value.squareRoot(), false)
        }
        var (base, isPercentage) = try number()
        if take(.power) != nil {
            operators += 1
            isPercentage = false
            base = try power(base, try factor().value)
        }
        return (base, isPercentage)
    }

    private mutating func number() throws(ArithmeticFailure) -> (value: Double, isPercentage: Bool) {
        guard case .number(var value)? = rest.popFirst() else { throw .noSum }
        var isPercentage = false
        while let mark = take(.squared, .cubed, .percent) {
            switch mark {
            case .percent:
                value /= 100
                isPercentage = true
            default:
                operators += 1
                isPercentage = false
                value = try power(value, mark == .squared ? 2 : 3)
            }
        }
        return (value, isPercentage)
    }

    private func power(_ base: Double, _ exponent: Double) throws(ArithmeticFailure) -> Double {
        if base == 0, exponent < 0 { throw .divisionByZero }
        let value = pow(base, exponent)
        if value.isNaN { throw .undefined }
        return try bounded(value)
    }

    private func bounded(_ value: Double) throws(ArithmeticFailure) -> Double {
        guard value.isFinite else { throw .tooLarge }
        return value
    }

    private mutating func take(_ symbols: ArithmeticSymbol...) -> ArithmeticSymbol? {
        guard let first = rest.first, symbols.contains(first) else { return nil }
        rest = rest.dropFirst()
        return first
    }
}
