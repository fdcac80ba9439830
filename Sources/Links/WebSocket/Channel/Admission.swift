/// A place among the connections of a server, given back when nobody holds it any more.
public final class Admission: Sendable {
    private let address: String
    private let server: WebSocketServer

    init(address: String, server: WebSocketServer) {
        self.address = address
        self.server = server
    }

    deinit {
        server.release(address)
    }
}
