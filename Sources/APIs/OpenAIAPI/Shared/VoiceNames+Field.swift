import Serving
import Speech

extension VoiceNames {
    /// The voice called `name`, which came in `field`. Throws `APIFailure` (404, as on every route) when there is none.
    func voice(named name: String?, inField field: String) throws(APIFailure) -> Voice? {
        do throws(SpeechError) {
            return try voice(named: name)
        } catch {
            var failure = APIFailure(error)
            failure.issues = [.init(["body", field], "value_error", failure.message)]
            throw failure
        }
    }
}
