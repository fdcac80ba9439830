import Foundation
import Testing

@testable import Telemetry

@Suite struct DescriptorLogOutputTests {
    @Test func `lines of many tasks arrive whole`() async throws {
        let pipe = Pipe()
        let output = DescriptorLogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: 60_000)
        // Longer than what a pipe takes in one piece.
        let lines = (0..<40).map { String(repeating: Character(UnicodeScalar(UInt8(48 + $0))), count: 70_000) }
        // On a thread of its own: the writers may hold all of the pool.
        let (contents, content) = AsyncStream.makeStream(of: Data.self)
        Thread.detachNewThread {
            content.yield((try? pipe.fileHandleForReading.readToEnd()) ?? Data())
            content.finish()
        }
        await withTaskGroup { group in
            for line in lines { group.addTask { output.write(line) } }
        }
        try pipe.fileHandleForWriting.close()
        var read: [String] = []
        for await data in contents {
            read += String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        #expect(read.sorted() == lines.sorted())
    }

    @Test(.timeLimit(.minutes(5)), arguments: [0, O_NONBLOCK])
    func `a reader that stands still costs the end of a line and not the next one`(flags: Int32) throws {
        let pipe = Pipe()
        let writing = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(writing, F_SETFL, flags) == 0)
        let output = DescriptorLogOutput(descriptor: writing)
        output.write(String(repeating: "a", count: 1 << 20))
        output.write("lost")
        let first = pipe.fileHandleForReading.availableData
        #expect(first.allSatisfy { $0 == UInt8(ascii: "a") })
        // Whatever is left of the first line in the pipe comes before the line break.
        output.write("next")
        try pipe.fileHandleForWriting.close()
        let rest = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(rest.drop { $0 == "a" } == "\nnext\n")
    }

    @Test(.timeLimit(.minutes(5))) func `a terminal that nobody reads holds up nobody, and stays as it was`() throws {
        let keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(keyboard) }
        // TIOCSPTLCK unlocks the other side, TIOCGPTN tells its number.
        var (lock, number): (Int32, Int32) = (0, 0)
        try #require(ioctl(keyboard, 0x4004_5431, &lock) == 0 && ioctl(keyboard, 0x8004_5430, &number) == 0)
        let screen = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(screen) }
        try #require(isatty(screen) == 1)
        let output = DescriptorLogOutput(descriptor: screen)
        for _ in 1...1000 { output.write(String(repeating: "a", count: 100)) }
        #expect(fcntl(screen, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `a pipe shows no colour`() {
        #expect(!DescriptorLogOutput(descriptor: Pipe().fileHandleForWriting.fileDescriptor).showsColour)
    }
}
