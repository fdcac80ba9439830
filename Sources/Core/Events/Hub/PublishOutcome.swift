/// What became of a draft, in one word.
public enum PublishOutcome: String, Sendable, CaseIterable {
    /// It was published.
    case published
    /// It had been published before under the same idempotency key.
    case duplicate
    /// It was not published: the publisher has got a `PublishError`.
    case refused

    init(_ result: Result<Receipt, PublishError>) {
        self =
            switch result {
            case .success(let receipt): receipt.isDuplicate ? .duplicate : .published
            case .failure: .refused
            }
    }
}
