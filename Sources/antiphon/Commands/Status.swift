import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a server how it is.",
        discussion: "Exit status: 0 if it is healthy and takes requests, 1 if it is not, 2 if it does not answer."
    )

    @Argument(help: "The server's address.")
    var url = "http://127.0.0.1:8004"

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() async throws {
        let address = url.hasSuffix("/") ? String(url.dropLast()) : url
        let body: ByteBuffer
        do {
            body = try await answer(of: HTTPClientRequest(url: address + "/health"))
        } catch {
            throw Problem("\(address) does not answer (\(error)); is the server running?", status: Problem.usage)
        }
        guard let health = try? JSONDecoder().decode(Health.self, from: Data(body.readableBytesView)) else {
            throw Problem("\(address)/health does not answer as Antiphon does.", status: Problem.usage)
        }
        if json {
            print(String(decoding: body.readableBytesView, as: UTF8.self))
        } else {
            let state =
                health.draining == true ? "is stopping" : health.ready == true ? "takes requests" : "is starting"
            print("\(address) is \(health.status) and \(state).")
        }
        if health.status != "healthy" || health.ready != true { throw ExitCode(Problem.failure) }
    }

    private func answer(of request: HTTPClientRequest) async throws -> ByteBuffer {
        var configuration = HTTPClient.Configuration()
        // A server that refuses the connection is not there.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await client.execute(request, timeout: .seconds(10)).body.collect(upTo: 1 << 20)
        }
    }

    private struct Health: Decodable {
        var status: String
        var ready, draining: Bool?
    }
}
