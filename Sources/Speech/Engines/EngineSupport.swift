/// Runs `body` and turns what it throws into a `SpeechError` of the engine `name`.
func wrapping<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SpeechError {
        throw error
    } catch let error as CancellationError {
        throw error
    } catch let problem as ModelStore.Problem {
        throw SpeechError.unavailable(engine: name, reason: problem.description)
    } catch let failure as DynamicLibrary.Failure {
        throw SpeechError.unavailable(engine: name, reason: failure.description)
    } catch {
        throw SpeechError.failed(engine: name, reason: String(describing: error))
    }
}

extension String {
    /// The text without white space at either end.
    var trimmed: String {
        var view = Substring(self)
        while view.first?.isWhitespace == true { view.removeFirst() }
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
