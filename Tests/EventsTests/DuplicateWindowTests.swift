import Events
import Testing

@Suite struct DuplicateWindowTests {
    let start = ContinuousClock.now

    private func position(_ offset: UInt64) -> Position { Position(epoch: "e", offset: offset) }

    @Test func `a key is known until it is too old`() {
        var window = DuplicateWindow(limit: 10, age: .seconds(5))
        #expect(window.position(of: "k", now: start) == nil)
        window.remember("k", at: position(7), now: start)
        #expect(window.position(of: "k", now: start + .seconds(4)) == position(7))
        #expect(window.position(of: "k", now: start + .seconds(5)) == nil)
        #expect(window.count == 0 && window.bytes == 0)
    }

    @Test func `the oldest key gives way`() {
        var window = DuplicateWindow(limit: 3, age: .seconds(5))
        for number in 1...5 { window.remember("k\(number)", at: position(UInt64(number)), now: start) }
        #expect(window.count == 3)
        #expect(window.position(of: "k2", now: start) == nil)
        #expect(window.position(of: "k3", now: start) == position(3))
        #expect(window.bytes == 3 * (2 + 128))
    }

    @Test func `a window of no keys remembers nothing`() {
        var window = DuplicateWindow(limit: 0)
        window.remember("k", at: position(1), now: start)
        #expect(window.position(of: "k", now: start) == nil)
        #expect(window.bytes == 0)
    }

    @Test func `keys differ when their bytes do`() {
        var window = DuplicateWindow()
        window.remember("\u{E9}", at: position(1), now: start)
        #expect(window.position(of: "e\u{301}", now: start) == nil)
    }

    @Test func `a key that is used again after its time counts from then on`() {
        var window = DuplicateWindow(limit: 10, age: .seconds(10))
        let start = ContinuousClock.now
        window.remember("x", at: Position(epoch: "e", offset: 1), now: start)
        window.remember("x", at: Position(epoch: "e", offset: 2), now: start + .seconds(12))
        #expect(window.position(of: "x", now: start + .seconds(20))?.offset == 2)
        #expect(window.position(of: "x", now: start + .seconds(23)) == nil)
    }
}
