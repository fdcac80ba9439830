import Serving

extension TopicAction {
    /// The action in a sentence.
    var verb: String {
        switch self {
        case .publish: "publish to"
        case .subscribe: "follow"
        case .presence: "see who follows"
        }
    }
}
