import Testing

@testable import WebSocket

@Suite struct NegotiationTests {
    private let open = CompressionOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)

    private func answer(_ offers: String?, _ options: CompressionOptions? = nil) -> String? {
        CompressionParameters.negotiate(offers: offers, options: options ?? open)?.response
    }

    @Test(
        arguments: [
            ("permessage-deflate", "permessage-deflate"),
            ("  PerMessage-Deflate ", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"),
            ("permessage-deflate;client_max_window_bits=\"10\"", "permessage-deflate; client_max_window_bits=10"),
            ("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"),
            ("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"),
            ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            (
                "permessage-deflate; client_no_context_takeover ; server_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            ),
            ("x-other; a=\"b,c\", permessage-deflate", nil),
            ("x-other; a=b, permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate"),
            (
                ", permessage-deflate; unknown=1,, permessage-deflate; server_max_window_bits=11,",
                "permessage-deflate; server_max_window_bits=11"
            ),
        ] as [(String, String?)]
    )
    func `offers are answered`(offer: String, response: String?) {
        #expect(answer(offer) == response)
    }

    @Test(arguments: [
        "", ",", "x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09", "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=abc",
        "permessage-deflate; client_max_window_bits=", "permessage-deflate; client_max_window_bits=\"\"",
        "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10", "permessage-deflate; unknown",
        "permessage-deflate;", "permessage-deflate; =1", "permessage deflate", "permessage-deflate; a=\"b",
        "permessage-deflate; a=\"b\\", "permessage-deflate; a=\"b c\"", "=", ";", "permessage-deflate é",
    ])
    func `other offers are declined`(offer: String) {
        #expect(answer(offer) == nil)
    }

    @Test func `no offer is no compression`() {
        #expect(answer(nil) == nil)
    }

    @Test func `too many offers are declined`() {
        #expect(answer(Array(repeating: "x", count: 15).joined(separator: ",") + ",permessage-deflate") != nil)
        #expect(answer(Array(repeating: "x", count: 16).joined(separator: ",") + ",permessage-deflate") == nil)
        #expect(answer("x;" + (0..<17).map { "p\($0)" }.joined(separator: ";") + ",permessage-deflate") == nil)
    }

    @Test func `preferences of the server are answered without being offered`() throws {
        let options = CompressionOptions(serverMaxWindowBits: 12, clientMaxWindowBits: 11)
        let plain = try #require(CompressionParameters.negotiate(offers: "permessage-deflate", options: options))
        #expect(
            plain.response
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                + "; server_max_window_bits=12"
        )
        // The client did not say that its window can be limited.
        #expect(plain.parameters.clientMaxWindowBits == 15)
        #expect(plain.parameters.serverMaxWindowBits == 12)
        #expect(plain.parameters.serverNoContextTakeover && plain.parameters.clientNoContextTakeover)

        let bounded = try #require(
            CompressionParameters.negotiate(
                offers: "permessage-deflate; client_max_window_bits; server_max_window_bits=14",
                options: options
            )
        )
        #expect(bounded.parameters.clientMaxWindowBits == 11)
        #expect(bounded.parameters.serverMaxWindowBits == 12)
        #expect(bounded.response.hasSuffix("; server_max_window_bits=12; client_max_window_bits=11"))
    }

    @Test(arguments: [true, false], [9, 15])
    func `both ends agree`(takeover: Bool, bits: Int) throws {
        let options = CompressionOptions(
            serverNoContextTakeover: takeover,
            clientNoContextTakeover: !takeover,
            serverMaxWindowBits: bits,
            clientMaxWindowBits: 24 - bits
        )
        let offer = CompressionParameters.offer(options)
        let server = try #require(CompressionParameters.negotiate(offers: offer, options: open))
        let client = try #require(CompressionParameters.accept(response: server.response, options: options))
        #expect(client == server.parameters)
    }

    @Test(arguments: [
        ("permessage-deflate", true),
        ("permessage-deflate; server_max_window_bits=8", true),
        ("permessage-deflate; client_max_window_bits=12; client_no_context_takeover", true),
        ("permessage-deflate; client_max_window_bits=8", false),
        ("permessage-deflate; client_max_window_bits=13", false),
        ("permessage-deflate; client_max_window_bits", false),
        ("permessage-deflate; server_max_window_bits", false),
        ("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", false),
        ("permessage-deflate; unknown", false),
        ("permessage-deflate, permessage-deflate", false),
        ("x-other", false),
        ("", false),
    ])
    func `responses are checked`(response: String, isAccepted: Bool) {
        let options = CompressionOptions(
            serverNoContextTakeover: false,
            clientNoContextTakeover: false,
            clientMaxWindowBits: 12
        )
        #expect((CompressionParameters.accept(response: response, options: options) != nil) == isAccepted)
    }

    @Test func `a response must grant what the offer demands`() {
        #expect(CompressionParameters.accept(response: "permessage-deflate", options: CompressionOptions()) == nil)
        let small = CompressionOptions(serverNoContextTakeover: false, serverMaxWindowBits: 10)
        #expect(CompressionParameters.accept(response: "permessage-deflate", options: small) == nil)
        let larger = "permessage-deflate; server_max_window_bits=11"
        #expect(CompressionParameters.accept(response: larger, options: small) == nil)
        let granted = "permessage-deflate; server_max_window_bits=10"
        #expect(CompressionParameters.accept(response: granted, options: small)?.serverMaxWindowBits == 10)
    }

    @Test func `options have ranges`() {
        let options = CompressionOptions(
            serverMaxWindowBits: 1,
            clientMaxWindowBits: 99,
            level: 0,
            memoryLevel: 99,
            minimumBytes: -5
        )
        #expect(options.serverMaxWindowBits == 9 && options.clientMaxWindowBits == 15)
        #expect(options.level == 1 && options.memoryLevel == 9 && options.minimumBytes == 1)
    }
}
