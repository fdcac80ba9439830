import NIOCore
import Testing

@testable import WebSocket

@Suite(.timeLimit(.minutes(5))) struct MailboxTests {
    @Test func `reading pauses when much lies unread and resumes when little does`() async {
        let mailbox = Mailbox()
        for number in 1...31 { #expect(mailbox.deliver(.text("\(number)"))) }
        #expect(!mailbox.deliver(.text("32")))
        #expect(!mailbox.deliver(.text("33")))
        for number in 1...24 {
            let next = await mailbox.next()
            #expect(next?.0 == .text("\(number)"))
            #expect(next?.mustResume == false)
        }
        #expect(await mailbox.next()?.mustResume == true)
        #expect(await mailbox.next()?.mustResume == false)
    }

    @Test func `what lies there is read after the end too`() async {
        let mailbox = Mailbox()
        _ = mailbox.deliver(.text("last"))
        mailbox.end(.init(code: .normal, reason: ""))
        #expect(await mailbox.next()?.0 == .text("last"))
        #expect(await mailbox.next() == nil)
    }

    @Test func `no sender misses that the peer has read`() async throws {
        let mailbox = Mailbox()
        for _ in 0..<500 {
            mailbox.written(queuedBytes: 100_000)
            async let one: Void = mailbox.waitForRoom()
            async let other: Void = mailbox.waitForRoom()
            mailbox.drained()
            _ = try await (one, other)
            #expect(!mailbox.isCongested)
        }
    }

    @Test func `no sender waits for little`() async throws {
        let mailbox = Mailbox()
        mailbox.written(queuedBytes: 1000)
        #expect(!mailbox.isCongested)
        try await mailbox.waitForRoom()
    }

    @Test func `no sender misses the end`() async throws {
        for _ in 0..<500 {
            let mailbox = Mailbox()
            mailbox.written(queuedBytes: 100_000)
            async let waiting: Void = mailbox.waitForRoom()
            async let watching: Void = mailbox.waitForEnding()
            mailbox.end(.init(code: .abnormal, reason: ""))
            _ = try await (waiting, watching)
            #expect(await mailbox.next() == nil)
        }
    }

    @Test func `a sender that is cancelled does not wait, and the others do`() async throws {
        let mailbox = Mailbox()
        mailbox.written(queuedBytes: 100_000)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await mailbox.waitForRoom() }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(mailbox.isCongested)
        async let waiting: Void = mailbox.waitForRoom()
        mailbox.drained()
        try await waiting
    }

    @Test func `a reader that is cancelled takes nothing`() async {
        let mailbox = Mailbox()
        for _ in 0..<500 {
            let read = await withTaskGroup { group in
                group.addTask { await mailbox.next() }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(read == nil)
        }
        _ = mailbox.deliver(.text("for the next"))
        #expect(await mailbox.next()?.0 == .text("for the next"))
    }
}
