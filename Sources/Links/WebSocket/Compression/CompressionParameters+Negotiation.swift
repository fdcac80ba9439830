extension CompressionParameters {
    static let extensionName = "permessage-deflate"

    private enum Name {
        static let serverNoContextTakeover = "server_no_context_takeover"
        static let clientNoContextTakeover = "client_no_context_takeover"
        static let serverMaxWindowBits = "server_max_window_bits"
        static let clientMaxWindowBits = "client_max_window_bits"
    }

    /// Picks, on the server, the first acceptable offer of a request.
    /// - Parameter offers: the value of `Sec-WebSocket-Extensions`, several fields joined with commas.
    /// - Returns: the parameters and the value of `Sec-WebSocket-Extensions` of the response; nil when no offer can
    ///   be accepted, which leaves the connection uncompressed.
    public static func negotiate(
        offers: String?,
        options: CompressionOptions = CompressionOptions()
    ) -> (parameters: CompressionParameters, response: String)? {
        guard let offers, let extensions = ExtensionItem.parse(offers) else { return nil }
        return extensions.lazy.filter { $0.name == extensionName }.compactMap { accept($0, options: options) }.first
    }

    private static func accept(
        _ offer: ExtensionItem,
        options: CompressionOptions
    ) -> (parameters: CompressionParameters, response: String)? {
        var parameters = CompressionParameters(options)
        var announcesServerBits = options.serverMaxWindowBits < 15
        var announcesClientBits = false
        parameters.clientMaxWindowBits = 15
        for (name, value) in offer.parameters {
            switch (name, value) {
            case (Name.serverNoContextTakeover, nil):
                parameters.serverNoContextTakeover = true
            case (Name.clientNoContextTakeover, nil):
                parameters.clientNoContextTakeover = true
            case (Name.serverMaxWindowBits, let value?):
                // zlib cannot deflate with a window of 8 bits.
                guard let bits = windowBits(value), bits > 8 else { return nil }
                parameters.serverMaxWindowBits = min(bits, options.serverMaxWindowBits)
                announcesServerBits = true
            case (Name.clientMaxWindowBits, let value):
                guard let bits = value.map(windowBits) ?? 15 else { return nil }
                parameters.clientMaxWindowBits = min(bits, options.clientMaxWindowBits)
                announcesClientBits = parameters.clientMaxWindowBits < 15
            default:
                return nil
            }
        }

        var response = extensionName
        if parameters.serverNoContextTakeover { response += "; \(Name.serverNoContextTakeover)" }
        if parameters.clientNoContextTakeover { response += "; \(Name.clientNoContextTakeover)" }
        if announcesServerBits { response += "; \(Name.serverMaxWindowBits)=\(parameters.serverMaxWindowBits)" }
        if announcesClientBits { response += "; \(Name.clientMaxWindowBits)=\(parameters.clientMaxWindowBits)" }
        return (parameters, response)
    }

    /// The value of `Sec-WebSocket-Extensions` with which a client offers compression.
    public static func offer(_ options: CompressionOptions = CompressionOptions()) -> String {
        var offer = extensionName
        if options.serverNoContextTakeover { offer += "; \(Name.serverNoContextTakeover)" }
        if options.clientNoContextTakeover { offer += "; \(Name.clientNoContextTakeover)" }
        if options.serverMaxWindowBits < 15 { offer += "; \(Name.serverMaxWindowBits)=\(options.serverMaxWindowBits)" }
        offer += "; \(Name.clientMaxWindowBits)"
        if options.clientMaxWindowBits < 15 { offer += "=\(options.clientMaxWindowBits)" }
        return offer
    }

    /// Checks, on the client, what the server made of ``offer(_:)`` with the same options.
    /// - Parameter response: the value of `Sec-WebSocket-Extensions` of the response.
    /// - Returns: the parameters; nil when the response is none that the offer allows, so that the client must fail the
    ///   connection.
    public static func accept(
        response: String,
        options: CompressionOptions = CompressionOptions()
    ) -> CompressionParameters? {
        guard let extensions = ExtensionItem.parse(response), extensions.count == 1, extensions[0].name == extensionName
        else { return nil }
        var parameters = CompressionParameters(options)
        parameters.serverNoContextTakeover = false
        parameters.serverMaxWindowBits = 15
        for (name, value) in extensions[0].parameters {
            switch (name, value) {
            case (Name.serverNoContextTakeover, nil):
                parameters.serverNoContextTakeover = true
            case (Name.clientNoContextTakeover, nil):
                parameters.clientNoContextTakeover = true
            case (Name.serverMaxWindowBits, let value?):
                guard let bits = windowBits(value) else { return nil }
                parameters.serverMaxWindowBits = bits
            case (Name.clientMaxWindowBits, let value?):
                guard let bits = windowBits(value), bits > 8, bits <= options.clientMaxWindowBits else { return nil }
                parameters.clientMaxWindowBits = bits
            default:
                return nil
            }
        }
        guard parameters.serverMaxWindowBits <= options.serverMaxWindowBits,
            parameters.serverNoContextTakeover || !options.serverNoContextTakeover
        else { return nil }
        return parameters
    }

    /// A decimal number from 8 to 15 without leading zeros.
    private static func windowBits(_ value: String) -> UInt8? {
        switch value {
        case "8", "9": UInt8(value)
        case "10", "11", "12", "13", "14", "15": UInt8(value)
        default: nil
        }
    }
}
