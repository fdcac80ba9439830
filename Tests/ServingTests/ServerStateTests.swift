import Serving
import Testing

@Suite struct ServerStateTests {
    @Test func `a server is ready when it listens, unless it loads engines`() {
        let state = ServerState()
        #expect(!state.isReady)
        state.becomeReady()
        #expect(state.isReady)
        state.beginDraining()
        #expect(!state.isReady && state.isDraining)
    }

    @Test(arguments: [true, false]) func `one that loads engines is ready when both are done`(listensFirst: Bool) {
        let state = ServerState(loadsEngines: true)
        if listensFirst { state.becomeReady() } else { state.enginesAreLoaded() }
        #expect(!state.isReady)
        if listensFirst { state.enginesAreLoaded() } else { state.becomeReady() }
        #expect(state.isReady)
        state.beginDraining()
        #expect(!state.isReady)
    }
}
