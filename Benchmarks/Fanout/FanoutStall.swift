import ArgumentParser
import Glibc

/// What one subscriber that stops reading does to the others: measured without and with one, in turn.
struct FanoutStall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stall",
        abstract: "Compare latencies without and with a subscriber that does not read."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Subscribers that read.")
    var connections = 1000

    @Option(help: "Messages on their way at a time.")
    var outstanding = 8

    @Option(help: "Messages of each measurement. A socket holds some 5,000 of 500 bytes for one that does not read.")
    var messages = 10_000

    @Option(help: "The longest that a measurement takes, in seconds.")
    var seconds = 60.0

    @Option(help: "Measurements of each kind.")
    var rounds = 3

    private struct Round: Encodable {
        var without: Measurement
        var with: Measurement?
        /// Whether the server closed the connection that did not read.
        var evicted = false
    }

    func run() throws {
        var load = try LoadGenerator(target: target)
        try load.begin(subscribers: connections)
        _ = try load.run(outstanding: outstanding, warmUp: 0, seconds: 2)
        var rounds: [Round] = []
        for _ in 0..<self.rounds {
            var round = Round(without: try measure(&load))
            if round.without.stopped {
                rounds.append(round)
                break
            }
            try load.connect(1, as: .stalled)
            let stalled = load.clients.endIndex - 1
            let with = try measure(&load)
            round.with = with
            round.evicted = load.wasClosed(stalled)
            rounds.append(round)
            if with.stopped { break }
            load.drop(stalled, abruptly: true)
            load.clients.removeLast()
            try load.rest(seconds: 1)
        }
        try Fanout.print(rounds)
    }

    private func measure(_ load: inout LoadGenerator) throws -> Measurement {
        try load.run(outstanding: outstanding, warmUp: 0, seconds: seconds, messages: messages)
    }
}

extension LoadGenerator {
    /// Whether the server has closed the connection of a stalled client. Reads all that has come on it.
    fileprivate func wasClosed(_ index: Int) -> Bool {
        while true {
            let count = recv(clients[index].socket, buffer.baseAddress, Self.readSize, 0)
            if count > 0 { continue }
            return count == 0 || errno == ECONNRESET || errno == EPIPE
        }
    }
}
