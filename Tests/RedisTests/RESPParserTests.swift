import NIOCore
import Testing

@testable import Redis

@Suite struct RESPParserTests {
    private static let stream = """
        +OK\r\n-ERR wrong\r\n:-42\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n_\r\n*0\r\n#t\r\n#f\r\n,1.5\r\n,-inf\r\n\
        (12345678901234567890\r\n=7\r\ntxt:abc\r\n!9\r\nERR wrong\r\n%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n\
        ~2\r\n:1\r\n:2\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n|1\r\n+ttl\r\n:3\r\n*2\r\n*2\r\n:1\r\n*0\r\n|0\r\n+x\r\n

        """
    private static let values: [RESPValue] = [
        .simple("OK"), .error("ERR wrong"), .integer(-42), .bulk(ByteBuffer(string: "a\r\nbc")), .bulk(ByteBuffer()),
        .null, .null, .null, .array([]), .bool(true), .bool(false), .double(1.5), .double(-.infinity),
        .simple("12345678901234567890"), .bulk(ByteBuffer(string: "abc")), .error("ERR wrong"),
        .map([
            .init(key: .simple("a"), value: .integer(1)), .init(key: .simple("b"), value: .array([.integer(2)])),
        ]),
        .array([.integer(1), .integer(2)]),
        .push([
            .bulk(ByteBuffer(string: "message")), .bulk(ByteBuffer(string: "c")), .bulk(ByteBuffer(string: "m")),
        ]),
        .array([.array([.integer(1), .array([])]), .simple("x")]),
    ]

    private func parse(_ portions: [ByteBuffer], _ limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        var parser = RESPParser(limits: limits)
        var values: [RESPValue] = []
        for portion in portions {
            parser.append(portion)
            while let value = try parser.next() { values.append(value) }
        }
        return values
    }

    private var bytes: [UInt8] { Array(Self.stream.dropLast().utf8) }

    @Test func `reads all types at once`() throws {
        #expect(try parse([ByteBuffer(bytes: bytes)]) == Self.values)
    }

    @Test func `reads all types byte by byte`() throws {
        #expect(try parse(bytes.map { ByteBuffer(bytes: [$0]) }) == Self.values)
    }

    @Test func `reads all types in random portions`() throws {
        for _ in 0..<300 {
            var rest = bytes[...]
            var portions: [ByteBuffer] = []
            while !rest.isEmpty {
                let size = Int.random(in: 1...12)
                portions.append(ByteBuffer(bytes: rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(try parse(portions) == Self.values)
        }
    }

    @Test(arguments: [
        "hello\r\n", ":\r\n", ":1x\r\n", ":99999999999999999999\r\n", "$-2\r\n", "$3\r\nabcd\r\n", "*-2\r\n", "*x\r\n",
        "#y\r\n",
        ",abc\r\n", "_1\r\n", "+a\rb\n", "=2\r\nab\r\n", "\r\n", "$?\r\n", "%-1\r\n", ">-1\r\n",
    ])
    func `refuses what is not the protocol`(text: String) {
        #expect(throws: RESPError.self) { try parse([ByteBuffer(string: text)]) }
    }

    @Test func `keeps the limits`() throws {
        let limits = RESPLimits(bulkBytes: 4, replyBytes: 40, elements: 5, depth: 2)
        #expect(try parse([ByteBuffer(string: "$4\r\nabcd\r\n")], limits).count == 1)
        #expect(try parse([ByteBuffer(string: "*1\r\n*1\r\n:1\r\n")], limits).count == 1)
        for text in [
            "$5\r\n", "*6\r\n", "%3\r\n", "*3\r\n*3\r\n", "*1\r\n*1\r\n*1\r\n",
            "*5\r\n" + String(repeating: "$4\r\nabcd\r\n", count: 5),
            "+" + String(repeating: "a", count: 70_000), "*9223372036854775807\r\n", "%9223372036854775807\r\n",
        ] {
            #expect(throws: RESPError.self) { try parse([ByteBuffer(string: text)], limits) }
        }
    }

    @Test func `looks at each byte of a large unfinished reply once`() throws {
        let count = 200_000
        var parser = RESPParser()
        parser.append(ByteBuffer(string: "*\(count)\r\n"))
        let clock = ContinuousClock()
        var found: [RESPValue] = []
        let time = try clock.measure {
            for number in 0..<count {
                parser.append(ByteBuffer(string: ":\(number)\r\n"))
                if let value = try parser.next() { found.append(value) }
            }
        }
        #expect(found.count == 1)
        #expect(found.first?.elements?.count == count)
        // Parsing anew for each portion would take hours.
        #expect(time < .seconds(30))
    }

    @Test func `survives random and damaged bytes`() {
        var random = SystemRandomNumberGenerator()
        let marks = Array("+-:$*%>~|_#,(!=0123456789\r\n?".utf8)
        for round in 0..<4_000 {
            var noise: [UInt8]
            if round.isMultiple(of: 2) {
                noise = (0..<Int.random(in: 1...80)).map { _ in marks.randomElement(using: &random) ?? 0 }
            } else {
                noise = bytes
                for _ in 0..<Int.random(in: 1...6) { noise[Int.random(in: noise.indices)] = .random(in: 0...255) }
            }
            var parser = RESPParser(limits: RESPLimits(bulkBytes: 1_000, replyBytes: 10_000, elements: 1_000))
            var values = 0
            do {
                for portion in [noise.prefix(noise.count / 2), noise.suffix(noise.count - noise.count / 2)] {
                    parser.append(ByteBuffer(bytes: portion))
                    while try parser.next() != nil { values += 1 }
                }
            } catch {
                #expect(!error.localizedSentence.isEmpty)
            }
            #expect(values <= noise.count)
        }
    }
}

extension Error {
    fileprivate var localizedSentence: String { String(describing: self) }
}
