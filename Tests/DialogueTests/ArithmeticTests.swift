import Testing

@testable import Dialogue

@Suite struct ArithmeticTests {
    private func outcome(_ text: String) -> Arithmetic.Outcome? {
        Arithmetic.evaluate(Words(text).normal)
    }

    @Test(arguments: [
        ("two plus two", 4.0), ("2 + 2", 4), ("two + two", 4), ("2+2=", 4), ("seven minus ten", -3),
        ("6 times 7", 42), ("6 x 7", 42), ("six multiplied by seven", 42), ("ten divided by four", 2.5),
        ("10 / 4", 2.5), ("ten over four", 2.5), ("two plus three times four", 14), ("2 times 3 plus 4", 10),
        ("ten minus four minus three", 3), ("100 divided by 10 divided by 2", 5),
        ("twenty percent of fifty", 10), ("20% of 50", 10), ("20 percent of 50 plus 3", 13),
        ("100 plus 20 percent", 120), ("100 - 25 %", 75), ("10 percent plus 5 percent", 0.15),
        ("2 to the power of 10", 1024), ("two raised to the power of three", 8), ("2 ^ 3 ^ 2", 512),
        ("5 squared", 25), ("three squared plus four squared", 25), ("2 cubed", 8),
        ("the square root of sixteen", 4), ("square root of 16 plus 9", 13), ("half of ten", 5), ("double 21", 42),
        ("minus five plus two", -3), ("negative three times negative three", 9), ("minus two squared", -4),
        ("2 to the power of minus 1", 0.5), ("one point five plus 2.25", 3.75),
        ("one hundred and five take away five", 100), ("three plus four equals", 7),
    ])
    func `sums are worked out`(text: String, value: Double) {
        guard case .value(let result)? = outcome(text) else {
            Issue.record("\(text) gave \(String(describing: outcome(text)))")
            return
        }
        #expect(abs(result - value) < 1e-9)
    }

    @Test(arguments: [
        ("add two and three", 5.0), ("add 2 to 3", 5), ("add 1 and 2 and 3", 6), ("subtract three from ten", 7),
        ("multiply 4 by 5", 20), ("multiply four and five", 20), ("divide 9 by 3", 3), ("the sum of 2 and 3", 5),
        ("the product of 4 and 5", 20),
    ])
    func `orders are carried out`(text: String, value: Double) {
        #expect(outcome(text) == .value(value))
    }

    @Test func `what has no value is told apart`() {
        #expect(outcome("5 divided by 0") == .divisionByZero)
        #expect(outcome("divide five by zero") == .divisionByZero)
        #expect(outcome("0 to the power of minus 2") == .divisionByZero)
        #expect(outcome("square root of minus 4") == .undefined)
        #expect(outcome("10 to the power of 15") == .value(1e15))
        #expect(outcome("10 to the power of 16") == .tooLarge)
        #expect(outcome("9 ^ 9 ^ 9 ^ 9") == .tooLarge)
        #expect(outcome("minus 999 trillion times 1000") == .tooLarge)
    }

    @Test(arguments: [
        "", "five", "minus five", "fifty percent", "plus", "two plus", "plus two", "two two", "two plus dog",
        "love", "the time", "square root of", "add 5", "add dogs and cats", "add 5 percent to 200", "percent of 5",
        "divide 1 by 2 by 3", "= =",
    ])
    func `what is no sum is left alone`(text: String) {
        #expect(outcome(text) == nil)
    }

    @Test func `long input is refused, not followed`() {
        #expect(Arithmetic.evaluate(Array(repeating: "-", count: 100) + ["1"]) == nil)
        #expect(Arithmetic.evaluate(["1"] + Array(repeating: ["^", "1"], count: 49).flatMap(\.self)) == .value(1))
    }

    @Test(
        arguments: [
            (12.0, "12"), (-4, "minus 4"), (0.1 + 0.2, "0.3"), (10.0 / 3, "about 3.3333"), (2.5, "2.5"), (0, "0"),
            (1e15, "1000000000000000"), (1.0 / 3_000_000, "about 0.000000333"), (1e-12, "almost 0"),
            (-0.0, "0"), (1.0 / 8, "0.125"),
        ] as [(Double, String)]
    )
    func `results are spoken with few decimals`(value: Double, spoken: String) {
        #expect(SpokenNumber.spoken(value) == spoken)
    }
}
