import Events
import NIOCore
import Testing
import TestRandom

@Suite struct JSONTextTests {
    static let valid: [(String, JSONKind)] = [
        ("{}", .object), ("[]", .array), ("\"\"", .string), ("0", .number), ("true", .bool), ("false", .bool),
        ("null", .null), (" \t\r\n{ } \n", .object), ("[ ]", .array), ("[1,2 , 3]", .array), ("-0", .number),
        ("-1", .number), ("10", .number), ("1.0", .number), ("1.25e10", .number), ("1E+5", .number),
        ("1e-5", .number), ("0.1", .number), ("0e0", .number), ("123456789012345678901234567890", .number),
        ("{\"a\":1}", .object), ("{ \"a\" : 1 , \"b\" : [ { } ] }", .object), ("{\"a\":1,\"a\":2}", .object),
        ("{\"\":null}", .object), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", .string), ("\"\\ud83d\\ude00\"", .string),
        ("1e308", .number), ("1e-999", .number), (String(repeating: "9", count: 308), .number), ("\"é日😀\"", .string),
        ("\"\u{2028}\"", .string),
        ("\"\u{7F}\"", .string), ("[[[[[]]]]]", .array), ("[null,true,\"x\",{},[],1]", .array),
        (String(repeating: "[", count: 32) + String(repeating: "]", count: 32), .array),
    ]

    static let invalid: [(String, JSONTextError.Reason)] = [
        ("", .unexpectedEnd), (" ", .unexpectedEnd), ("{", .unexpectedEnd), ("[", .unexpectedEnd),
        ("[1", .unexpectedEnd), ("\"", .unexpectedEnd), ("\"\\", .unexpectedEnd), ("\"\\u12", .unexpectedEnd),
        ("\"\\u12\"", .invalidEscape), ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd), ("tru", .unexpectedEnd),
        ("{\"a\":1", .unexpectedEnd), ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte), ("{,}", .unexpectedByte),
        ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte),
        ("{1:1}", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte), ("{\"a\":1 \"b\":2}", .unexpectedByte),
        ("[1 2]", .unexpectedByte), ("[1}", .unexpectedByte), ("{\"a\":1]", .unexpectedByte), ("}", .unexpectedByte),
        ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("nan", .unexpectedByte),
        ("-Infinity", .invalidNumber),
        ("trux", .unexpectedByte), ("True", .unexpectedByte), ("+1", .unexpectedByte), (".5", .unexpectedByte),
        ("/* */1", .unexpectedByte), ("\u{FEFF}1", .unexpectedByte), ("é", .unexpectedByte),
        ("\u{A0}1", .unexpectedByte),
        ("01", .invalidNumber), ("-01", .invalidNumber), ("-", .invalidNumber), ("1.", .invalidNumber),
        ("1.e1", .invalidNumber), ("1e", .invalidNumber), ("1e+", .invalidNumber), ("1e+-1", .invalidNumber),
        ("1 2", .trailingBytes), ("{}{}", .trailingBytes), ("{} x", .trailingBytes), ("0x10", .trailingBytes),
        ("1.0.0", .trailingBytes), ("nulll", .trailingBytes), ("1\0", .trailingBytes),
        ("\"\\x\"", .invalidEscape), ("\"\\u12g4\"", .invalidEscape), ("\"\\U0041\"", .invalidEscape),
        ("\"\\ud800\"", .unpairedSurrogate), ("\"\\udc00\\ud800\"", .unpairedSurrogate),
        ("\"\\ud800x\"", .unpairedSurrogate), ("\"\\ud83d\\u0041\"", .unpairedSurrogate),
        ("\"\\ud83d\\n\"", .unpairedSurrogate), ("\"\\ude00\"", .unpairedSurrogate),
        ("1e999", .numberTooLarge), ("[-1E400]", .numberTooLarge),
        (String(repeating: "9", count: 400), .numberTooLarge),
        ("\"a\nb\"", .controlCharacter), ("\"\0\"", .controlCharacter), ("\"\t\"", .controlCharacter),
        (String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .tooDeep),
        (String(repeating: "{\"a\":", count: 40), .tooDeep), (String(repeating: "[", count: 100_000), .tooDeep),
    ]

    @Test(arguments: valid) func `valid text is recognised`(_ text: String, _ kind: JSONKind) throws {
        #expect(try JSONText.validate(ByteBuffer(string: text)) == kind)
    }

    @Test(arguments: invalid) func `invalid text is refused`(_ text: String, _ reason: JSONTextError.Reason) {
        let error = #expect(throws: JSONTextError.self) { try JSONText.validate(ByteBuffer(string: text)) }
        #expect(error?.reason == reason)
        #expect((0...text.utf8.count).contains(error?.offset ?? -1))
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused`(_ bytes: [UInt8]) {
        let text = ByteBuffer(bytes: [0x22] + bytes + [0x22])
        let error = #expect(throws: JSONTextError.self) { try JSONText.validate(text) }
        #expect(error?.reason == .invalidUTF8)
    }

    @Test func `all characters of Unicode may stand in a string`() throws {
        var text = "\""
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 61) {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        #expect(try JSONText.validate(ByteBuffer(string: text + "\"")) == .string)
    }

    @Test func `only the readable bytes count`() throws {
        var buffer = ByteBuffer(string: "x{} y")
        buffer.moveReaderIndex(forwardBy: 1)
        buffer.moveWriterIndex(to: 3)
        #expect(try JSONText.validate(buffer) == .object)
    }

    @Test(arguments: [
        ("{}", "{}"), (" { } ", "{}"),
        ("{ \"a b\" : \" c \\\" d \" , \"e\" : [ 1 , 2 ] }\n", "{\"a b\":\" c \\\" d \",\"e\":[1,2]}"),
        ("\" \\\\\" ", "\" \\\\\""), ("  1", "1"),
    ])
    func `space outside of strings is taken out`(_ text: String, _ compact: String) {
        #expect(JSONText.compact(ByteBuffer(string: text)).text == compact)
    }

    @Test func `mutated text never crashes, and what passes can be read`() {
        var random = SeededGenerator(seed: 42)
        let seeds = (Self.valid.map(\.0) + Self.invalid.map(\.0)).filter { $0.utf8.count < 200 }
        let inserts = Array("{}[]\":,\\u0dtfn-+.e \n\u{e9}".utf8)
        var passed = 0
        for _ in 0..<30_000 {
            var bytes = Array(seeds.randomElement(using: &random).map { $0.utf8 } ?? "".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(inserts.randomElement(using: &random) ?? 0, at: index)
                case 1: if index < bytes.count { bytes.remove(at: index) }
                case 2: if index < bytes.count { bytes[index] = UInt8.random(in: .min ... .max, using: &random) }
                default: bytes.append(contentsOf: Array(seeds.randomElement(using: &random).map { $0.utf8 } ?? "".utf8))
                }
            }
            let text = ByteBuffer(bytes: bytes)
            guard let kind = try? JSONText.validate(text) else { continue }
            passed += 1
            let compact = JSONText.compact(text)
            #expect((try? JSONText.validate(compact)) == kind, "\(text.text)")
            #expect(String(validating: bytes, as: UTF8.self) != nil, "\(bytes)")
            guard let reader = try? JSONObjectReader(text) else { continue }
            #expect(kind == .object)
            for key in reader.keys {
                #expect(reader.kind(of: key) != nil)
                _ = (
                    reader.string(key), reader.integer(key), reader.unsigned(key), reader.double(key), reader.bool(key)
                )
                _ = (reader.strings(key, limit: 3), try? reader.reader(key))
            }
        }
        #expect(passed > 1000)
    }

    @Test(arguments: [
        (#"\ud800"#, "\u{FFFD}"), (#"\udc00\ud800"#, "\u{FFFD}\u{FFFD}"), (#"\ud800x"#, "\u{FFFD}x"),
        (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\ud83d\n"#, "\u{FFFD}\n"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
        (#"\\ud800"#, #"\ud800"#), (#"\\\ud800\""#, "\\\u{FFFD}\""),
    ])
    func `an escape that is half of a surrogate pair is read as a character that cannot be read`(
        _ written: String,
        _ meant: String
    ) throws {
        let reader = try JSONObjectReader(ByteBuffer(string: #"{"\udead":1,"text":"\#(written)","\ud83d":{}}"#))
        #expect(reader.string("text") == meant)
        #expect(reader.keys == ["\u{FFFD}", "text", "\u{FFFD}"])
        // What is passed on can be read by everybody.
        #expect(try JSONText.validate(reader.text) == .object)
        let passed = try #require(reader.raw("text"))
        #expect(try JSONText.validate(passed) == .string)
    }
}
