import Hummingbird
import Settings
import Synchronization

/// Counts the requests that clients behind proxies have at one time: they share the proxies' connections.
final class RequestsByAddress: Sendable {
    private let limit: Int
    private let counts = Mutex<[IPAddress: Int]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// A place for a request; nil if the address has as many as it may.
    func take(_ address: IPAddress) -> Place? {
        let isTaken = counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < limit else { return false }
            counts[address] = count + 1
            return true
        }
        return isTaken ? Place(address: address, requests: self) : nil
    }

    private func giveBack(_ address: IPAddress) {
        counts.withLock { counts in
            let count = counts[address, default: 1] - 1
            counts[address] = count == 0 ? nil : count
        }
    }

    /// Given back when nobody holds it any more.
    final class Place: Sendable {
        private let address: IPAddress
        private let requests: RequestsByAddress

        fileprivate init(address: IPAddress, requests: RequestsByAddress) {
            self.address = address
            self.requests = requests
        }

        deinit {
            requests.giveBack(address)
        }

        /// The body of the request's answer, which holds the place until it is written.
        func held(by body: ResponseBody) -> ResponseBody {
            ResponseBody(contentLength: body.contentLength) { writer in
                let writer = writer
                try await body.write(writer)
                withExtendedLifetime(self) {}
            }
        }
    }
}
