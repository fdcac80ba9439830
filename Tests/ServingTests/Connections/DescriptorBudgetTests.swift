import Settings
import Testing

@testable import Serving

@Suite struct DescriptorBudgetTests {
    @Test func `with files enough the settings hold, and 500 are kept`() throws {
        let budget = try DescriptorBudget(limit: 1_048_576, settings: .of([:]))
        #expect((budget.kept, budget.http, budget.webSockets) == (500, 1024, 20_000))
    }

    @Test(arguments: [64, 256, 1024, 4096, 20_000]) func `what nobody set fits into what is left`(limit: Int) throws {
        let budget = try DescriptorBudget(limit: limit, settings: .of([:]))
        #expect(budget.kept + budget.probes + budget.http + budget.webSockets <= limit)
        #expect(budget.kept == min(500, limit / 2))
        #expect(budget.http > 0 && budget.webSockets > 0 && budget.probes > 0)
    }

    @Test func `a limit that was set is kept, and the other one gets the rest`() throws {
        let http = try DescriptorBudget(limit: 1024, settings: .of(["http.max_connections": 400]))
        #expect((http.http, http.webSockets) == (400, 1024 - 500 - 8 - 400))
        let webSockets = try DescriptorBudget(limit: 1024, settings: .of(["websocket.max_connections": 400]))
        #expect((webSockets.http, webSockets.webSockets) == (1024 - 500 - 8 - 400, 400))
    }

    @Test(arguments: ["http.max_connections", "websocket.max_connections"])
    func `a limit that was set and cannot be is refused with its key and the remedy`(key: String) throws {
        let loaded = try LoadedSettings.of([key: 1000])
        let failure = #expect(throws: DescriptorBudget.Failure.self) {
            try DescriptorBudget(limit: 1024, settings: loaded)
        }
        let text = failure?.description ?? ""
        #expect(text.hasPrefix(key + ": ") && text.contains("1024 files") && text.contains("ulimit -n"))
        #expect(text.contains("at most 516"))
        _ = try DescriptorBudget(limit: 4096, settings: loaded)
    }

    @Test func `the limit of the process is raised as far as it goes`() {
        let limit = DescriptorBudget.raiseLimit()
        #expect(limit >= 256)
        #expect(DescriptorBudget.raiseLimit() == limit)
    }
}
