import NIOCore
import Testing

@testable import Serving

@Suite struct AcceptBackoffTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var backoff = AcceptBackoff()

    @Test mutating func `each try waits for twice as long as the one before, up to a second`() {
        var now = start
        for pause in [100, 200, 400, 800, 1000, 1000] as [Int64] {
            let retry = backoff.failed(at: now).retry
            #expect(retry == now + .milliseconds(pause))
            now = retry
        }
    }

    @Test mutating func `a shortage is told once when it begins, and once when it is over`() {
        #expect(backoff.accepted(at: start) == nil)
        #expect(backoff.failed(at: start).isFirst)
        #expect(!backoff.failed(at: start + .seconds(1)).isFirst)
        let episode = backoff.accepted(at: start + .seconds(3))
        #expect(episode == .init(failures: 2, duration: .seconds(3)))
        #expect(backoff.accepted(at: start + .seconds(4)) == nil)
        // The next one is another.
        let (retry, isFirst) = backoff.failed(at: start + .seconds(5))
        #expect(isFirst)
        #expect(retry == start + .seconds(5) + .milliseconds(100))
    }
}
