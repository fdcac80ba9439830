import CSpeechEngines

/// Why a call into an engine's library ended early.
struct EngineFault: Error, CustomStringConvertible {
    let description: String
}

/// Makes `call`, one of those of `engine_calls.h`, which returns false and says why when the library threw.
func guarded(_ call: (UnsafeMutablePointer<antiphon_fault>) -> Bool) throws(EngineFault) {
    var fault = antiphon_fault()
    guard !call(&fault) else { return }
    throw EngineFault(
        description: withUnsafeBytes(of: &fault.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    )
}

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
    } catch let failure as SealedCopy.Failure {
        throw SpeechError.unavailable(engine: name, reason: failure.description)
    } catch let problem as PhonemeData.Problem {
        throw SpeechError.unavailable(engine: name, reason: problem.description)
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
